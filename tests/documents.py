"""What README.md and docs/ hold that can be checked: commands, blocks of code, names in backquotes, links."""

import re
import shlex
from itertools import takewhile
from pathlib import Path

from tests.conftest import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
DOCUMENTS = [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "vectors/README.md"]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BETWEEN = "&|;\n"  # two commands


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


def commands(document: Path) -> list[list[str]]:
    """Each command of the `sh` and `console` blocks, and ours in backquotes, as words, without what a file takes."""
    typed = ["\n".join(re.findall(r"^\$ (.*)", block, re.MULTILINE)) for block in blocks(document, "console")]
    lines = [re.sub(r"\s+#.*", "", block) for block in blocks(document, "sh")]
    quoted = [span for span in spans(document) if re.match(r"(wikilm|dvc|make|python) ", span)]
    found: list[list[str]] = []
    for text in [*lines, *typed, *quoted]:
        lexer = shlex.shlex(text, posix=True, punctuation_chars=BETWEEN)
        lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t", True, ""
        found.append([])
        for word in lexer:
            if set(word) <= set(BETWEEN):
                found.append([])
            else:
                found[-1].append(word)
    return [list(takewhile(">".__ne__, words)) for words in found if words]


def with_known(words: list[str], known: list[str]) -> list[str]:
    """A command of `wikilm` in which words of a large vocabulary give way to those `known` to a small one."""
    command, *rest = words
    if command in ("neighbours", "analogy", "similarity", "next", "generate"):
        given = list(takewhile(lambda word: not word.startswith("--"), rest))
        rest[: len(given)] = known[: len(given)]
    return [command, *rest]
