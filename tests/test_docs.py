"""README.md and docs/: commands parse; keys, paths and links exist; settings are valid; generated pages are current."""

import argparse
import importlib
import re
import shlex
import sys
from collections.abc import Callable, Collection
from contextlib import suppress
from fnmatch import fnmatch
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from dvc.cli import parse_args

from pipeline.settings.params import parse_yaml, read_yaml, validated
from tests import parameters
from tests.conftest import ROOT
from tests.documents import DOCUMENTS, PAGES, anchors, blocks, commands, links, spans
from tests.test_house import STAGES, outs_of
from wikilm import __main__ as command_line
from wikilm import presets

README = ROOT / "README.md"
SHOWN = read_yaml(ROOT / "params.yaml")
THEIRS = {"questions/mine.txt", "data/downloads/"}  # of users and servers
FOLDERS = ("pipeline/", "models/", "wikilm/", "tests/", "docs/", "presets/", "benchmarks/", "questions/", "data/")
NAME = r"\b[A-Z]{4,}\b"  # a placeholder, such as NAME or STAGE
KEY = re.compile(rf"((?:{'|'.join(SHOWN)})(?:\.(?!txt|tsv|json)(?:[a-z_]+|NAME))*)(?:: (.*))?")

document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())


def check_wikilm(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The command is parsed, where COMMAND is any command; its preset exists."""
    if words[0] == "preset":
        assert words[1] == "NAME" or (presets.PRESETS / f"{words[1]}.yaml").is_file(), words
    words = ["models" if word == "COMMAND" else word for word in words]
    check_parsed(lambda: command_line.main(words), words, monkeypatch)


def check_parsed(run: Callable[[], object], words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a program up to where it has parsed its `words`."""
    understand = argparse.ArgumentParser.parse_args
    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", lambda *given: sys.exit(not understand(*given)))
    with pytest.raises(SystemExit) as end:
        run()
    assert not end.value.code, words


def check_dvc(words: list[str], _: pytest.MonkeyPatch) -> None:
    """DVC's parser takes the command; its stages and paths exist, and its `-S` settings are valid."""
    arguments = parse_args(words)
    if words[0] in ("repro", "commit") or words[:2] == ["exp", "run"]:
        assert {target.partition("@")[0] for target in arguments.targets or ()} <= {*STAGES, "STAGE"}, words
    assert all(is_written(word) for word in words if word.startswith("data/")), words
    for setting in getattr(arguments, "set_param", None) or ():
        ((sign, key, value),) = re.findall(r"^(\+*|~)([^=]+)=?(.*)", setting)
        assert sign == "++" or is_shown(key) == (sign != "+"), setting
        if sign != "~":
            check_settings(nested(key, value if value[0] in "[{" else value.partition(",")[0]))


def check_make(words: list[str], _: pytest.MonkeyPatch) -> None:
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert {word for word in words if "=" not in word} <= set(targets)


def check_python(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The module exists and, if it is a benchmark, understands the arguments, where N is any number."""
    spec = find_spec(words[1])
    assert spec, words
    if words[1].startswith("benchmarks") and len(words) > 2:
        module = importlib.import_module(f"{words[1]}.__main__" if spec.submodule_search_locations else words[1])
        monkeypatch.setattr(sys, "argv", [words[1], *("1" if word == "N" else word for word in words[2:])])
        check_parsed(module.main, words, monkeypatch)


CHECKS = {"wikilm": check_wikilm, "dvc": check_dvc, "make": check_make, "python": check_python}


def check_commands(document: Path, programs: Collection[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for program, *words in commands(document):
        if program in programs:
            with monkeypatch.context() as patch:
                CHECKS[program](words, patch)


@cache
def outs() -> list[str]:
    """Return the outputs of all stages, and the timings that DVC does not track; a model's name is `*`."""
    paths = [out.replace("${key}", "*") for stage in STAGES.values() for out in outs_of(stage)]
    return paths + [path.replace("/metrics/", "/timings/") for path in paths if "/metrics/" in path]


def is_written(path: str) -> bool:
    """Return whether a stage writes this path, a folder that contains it, or files in it."""
    path = re.sub(NAME, "*", path).rstrip("/")
    return any(fnmatch(a, b) or fnmatch(a, f"{b}/*") for out in outs() for a, b in ((path, out), (out, path)))


@cache
def keys() -> set[str]:
    """Return the keys that docs/parameters.md lists; NAME stands for an entry's name."""
    found, section = set(), ""
    for line in (ROOT / "docs/parameters.md").read_text(encoding="utf-8").splitlines():
        if heading := re.match(r"##+ `(kind: )?(\w+)", line):
            section = "models.NAME" if heading[1] or heading[2] == "models" else heading[2]
            found |= {heading[2], section}
        elif row := re.match(r"\| `([\w.]+)` \|", line):
            found.add(f"{section}.{row[1]}")
    return found


def has_key(dotted: str) -> bool:
    """Return whether params.yaml may have a key or section, of an entry by any name."""
    dotted = re.sub(r"\b(models|mixtures|poets)\.\w+", r"\1.NAME", dotted)
    return any(f"{key}.".startswith(f"{dotted}.") for key in keys())


def is_shown(dotted: str) -> bool:
    value: Any = SHOWN
    for part in dotted.split("."):
        if not isinstance(value, dict) or part not in value:
            return False
        value = value[part]
    return True


def nested(dotted: str, value: str) -> str:
    """Return YAML that has a value at a key."""
    for part in reversed(dotted.replace("NAME", "gru").split(".")):
        value = f"{{{part}: {value}}}"
    return value


def check_settings(text: str) -> None:
    """Merge YAML into params.yaml, section by section; raises `UserError` where a setting is wrong."""
    changes = parse_yaml(text, Path("a page"))
    validated(SHOWN | {key: SHOWN[key] | new if isinstance(new, dict) else new for key, new in changes.items()})


@document
def test_every_command_is_one(document: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_commands(document, CHECKS, monkeypatch)


def test_every_command_of_the_results_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    check_commands(ROOT / "benchmarks/RESULTS.md", {"python"}, monkeypatch)


@pytest.mark.parametrize("document", [*DOCUMENTS, ROOT / "CHANGELOG.md", ROOT / "benchmarks/RESULTS.md"], ids=str)
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in links(document):
        path, _, anchor = target.partition("#")
        page = document.parent / path if path else document
        assert page.exists(), target
        assert not anchor or anchor in anchors(page), target


@document
def test_every_path_exists_or_is_an_output(document: Path) -> None:
    for span in spans(document):
        if span.startswith(FOLDERS) and " " not in span and span not in THEIRS:
            found = is_written(span) if span.startswith("data/") else list(ROOT.glob(re.sub(NAME, "*", span)))
            assert found, span


@document
def test_every_setting_is_valid(document: Path) -> None:
    for block in blocks(document, "yaml"):
        check_settings(block)
    for span in spans(document):
        match = KEY.fullmatch(span)
        if match and document.name != "parameters.md":  # which is generated
            assert has_key(match[1]), span
            if match[2]:
                check_settings(nested(match[1], match[2]))


def test_the_readme_leads_to_every_page() -> None:
    assert set(PAGES) - {README} <= {ROOT / target for target in links(README)}


def test_the_page_of_settings_names_every_preset() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/settings.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert {path.stem for path in presets.PRESETS.glob("*.yaml")} <= set(rows)


@pytest.mark.parametrize("page", [README, ROOT / "docs/commands.md"], ids=str)
def test_transcripts_show_what_the_shipped_files_answer(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The output of each command that asks them; what it says on stderr may be left out."""
    typed = r"^\$ wikilm (.+ --(?:vectors|model enwiki).*)\n((?:[^$\n].*\n)+)"
    found = re.findall(typed, "\n".join(blocks(page, "console")), re.MULTILINE)
    assert found
    for command, answer in found:
        with suppress(SystemExit):  # at an error
            command_line.main(shlex.split(command))
        captured = capsys.readouterr()
        assert answer in (captured.out, captured.out + captured.err), command


def test_the_page_of_parameters_is_current() -> None:
    written = (ROOT / "docs/parameters.md").read_text(encoding="utf-8")
    assert written == parameters.page(), "python -m tests.parameters > docs/parameters.md"
