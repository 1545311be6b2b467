"""What README.md and docs/ hold that can be checked: commands, blocks of code, names in backquotes, links."""

import re
import shlex
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

from tests.conftest import ROOT

DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BETWEEN = {"&&", "|", ";"}  # two commands
INSIDE = re.compile(r"\$\((.+)\)")  # a command whose output stands there
COMMANDS = ("wikilm", "dvc", "make", "python", "sqlite-utils", "tensorboard", "pip", "git", "dask", "source")


def blocks(document: Path, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return [text for name, text in BLOCK.findall(document.read_text(encoding="utf-8")) if name == language]


def prose(document: Path) -> str:
    """A document without its fenced blocks."""
    return BLOCK.sub("", document.read_text(encoding="utf-8"))


def spans(document: Path) -> list[str]:
    """What stands in backquotes."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose(document))]


def links(document: Path) -> list[str]:
    """Where links and pictures lead, but for the web."""
    targets = re.findall(r"\]\(([^)]+)\)", prose(document))
    return [target for target in targets if not target.startswith(("http://", "https://"))]


def anchors(document: Path) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)", prose(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(document: Path) -> Iterator[list[str]]:
    """Each command of the `sh` and `console` blocks and in backquotes, as words."""
    typed = ["\n".join(re.findall(r"^\$ (.*)", block, re.MULTILINE)) for block in blocks(document, "console")]
    for block in [*blocks(document, "sh"), *typed]:
        waiting = ""
        for line in block.splitlines():
            waiting += line + "\n"
            try:
                words = shlex.split(waiting, comments=True)
            except ValueError:  # a quotation goes on in the next line
                continue
            yield from parted(words)
            waiting = ""
        assert not waiting, f"{document}: {waiting}"
    for span in spans(document):
        if span.split()[0] in COMMANDS and len(span.split()) > 1:
            yield from parted(shlex.split(span))


def parted(words: list[str]) -> Iterator[list[str]]:
    """The commands of a line, those inside others too; what a file takes is left out."""
    command: list[str] = []
    for word in [*words, ";"]:
        if word in BETWEEN:
            if command:
                yield command[: command.index(">")] if ">" in command else command
            command = []
        else:
            command.append(word)
            if inside := INSIDE.fullmatch(word):
                yield from parted(shlex.split(inside[1]))


def with_known(words: list[str], known: list[str]) -> list[str]:
    """A command of `wikilm` in which words of a large vocabulary give way to those `known` to a small one."""
    command, *rest = words
    if command in ("neighbours", "analogy", "similarity", "odd", "next", "generate", "gates"):
        given = list(takewhile(lambda word: not word.startswith("--"), rest))
        rest[: len(given)] = known[: len(given)]
    return [command, *rest]
