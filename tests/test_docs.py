"""README.md and docs/: every command is one, every key, path and link leads somewhere, every setting is in order."""

import argparse
import importlib.util
import re
from collections.abc import Callable
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import pytest
from dvc.cli import parse_args
from ruamel.yaml import YAML

from pipeline import __main__ as wikilm
from pipeline.settings import Params
from tests import parameters
from tests.conftest import ROOT
from tests.documents import DOCUMENTS, blocks, commands, links, spans

VALUES: dict[str, Any] = YAML(typ="safe").load(ROOT / "params.yaml")
PIPELINE: dict[str, Any] = YAML(typ="safe").load(ROOT / "dvc.yaml")
THEIRS = {"questions/mine.txt", "benchmarks/latest.json", "data/downloads/"}  # which users, benchmarks and servers fill
FOLDERS = ("pipeline/", "models/", "tests/", "docs/", "presets/", "benchmarks/", "questions/", "data/")
SUFFIXES = (".py", ".md", ".html", ".json", ".jsonl", ".tsv", ".txt", ".db", ".yaml", ".npy")

document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


def check_wikilm(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Parse it as `wikilm` would, and stop there; COMMAND is any."""
    words = ["stats" if word == "COMMAND" else word for word in words]
    understand = argparse.ArgumentParser.parse_args

    def parse(self: argparse.ArgumentParser, *arguments: Any, **settings: Any) -> NoReturn:
        understand(self, *arguments, **settings)
        raise SystemExit(0)

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parse)
    with pytest.raises(SystemExit) as end:
        wikilm.main(words)
    assert end.value.code == 0, words


def check_dvc(words: list[str], _: pytest.MonkeyPatch) -> None:
    """DVC's own parser takes it; stages, plots and parameters that it names are there."""
    if len(words) == 1 and words[0] in ("metrics", "plots", "exp", "queue"):
        return  # named without what it is to do
    arguments = parse_args(words)
    named = {
        "repro": stages(),
        "commit": stages(),
        "plots": {name for plot in PIPELINE["plots"] for name in plot},
        "metrics": {out.replace("*", model) for out in outs() for model in VALUES["language_models"]},
    }
    if words[:2] != ["plots", "diff"]:  # which names revisions
        assert set(getattr(arguments, "targets", None) or ()) <= named.get(words[0], set()), words
    for setting in getattr(arguments, "set_param", None) or ():
        assert has_key(setting.lstrip("+").split("=")[0]), setting


def check_make(words: list[str], _: pytest.MonkeyPatch) -> None:
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert {word for word in words if "=" not in word} <= set(targets)


def check_python(words: list[str], _: pytest.MonkeyPatch) -> None:
    assert words[0] == "-m"
    assert importlib.util.find_spec(words[1])


def check_cp(words: list[str], _: pytest.MonkeyPatch) -> None:
    assert all((ROOT / word).is_file() for word in words)


def check_pip(words: list[str], _: pytest.MonkeyPatch) -> None:
    extras = re.search(r"\[(\w+)\]", words[-1])
    metadata = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert not words[-1].startswith(".") or (extras and re.search(rf"^{extras[1]} = \[", metadata, re.MULTILINE))


def check_nothing(words: list[str], _: pytest.MonkeyPatch) -> None:
    """Other people's commands; tests/test_whole.py runs those that read what a run has made."""


CHECKS: dict[str, Callable[[list[str], pytest.MonkeyPatch], None]] = {
    "wikilm": check_wikilm,
    "dvc": check_dvc,
    "make": check_make,
    "python": check_python,
    "cp": check_cp,
    "pip": check_pip,
    **dict.fromkeys(("git", "cd", "source", "eval", "echo", "dask", "sqlite-utils", "tensorboard"), check_nothing),
}


@cache
def stages() -> set[str]:
    """The names that `dvc repro` takes."""
    each = {name: stage.get("foreach") for name, stage in PIPELINE["stages"].items()}
    return set(each) | {f"{name}@{model}" for name, loop in each.items() if loop for model in VALUES["language_models"]}


def outs() -> list[str]:
    """What the stages write."""
    every = (stage.get("do", stage)["outs"] for stage in PIPELINE["stages"].values())
    found = (next(iter(out)) if isinstance(out, dict) else out for some in every for out in some)
    return [out.replace("${key}", "*") for out in found]


def has_key(dotted: str) -> bool:
    """Whether params.yaml has a key; NAME is any entry's name, and a section that is null has what it may hold."""
    value: Any = VALUES
    for part in dotted.split("."):
        if value is None:
            return True
        if not isinstance(value, dict) or not (part == "NAME" or part in value):
            return False
        value = next(iter(value.values())) if part == "NAME" else value[part]
    return True


@document
def test_every_command_is_one(document: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for program, *words in commands(document):
        assert program in CHECKS, (program, *words)
        with monkeypatch.context() as patch:
            CHECKS[program](words, patch)


@document
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in links(document):
        assert (document.parent / target.partition("#")[0]).exists(), target


@document
def test_every_path_is_one_that_is_there_or_that_a_stage_writes(document: Path) -> None:
    for span in spans(document):
        if not span.startswith(FOLDERS) or " " in span or span in THEIRS:
            continue
        path = re.sub(r"\b[A-Z]{4,}\b", "*", span).rstrip("/")
        if path.startswith("data/"):
            within = any(fnmatch(path, f"{out}/*") or out.startswith(f"{path}/") for out in outs())
            assert within or any(fnmatch(out, path) for out in outs()), span
        else:
            assert list(ROOT.glob(path)), span


@document
def test_every_key_is_one_of_params_yaml(document: Path) -> None:
    for span in spans(document):
        key = re.match(r"([a-z_]+(?:\.(?:[a-z_]+|NAME))+)(?:: .*)?$", span)
        if key and key[1].split(".")[0] in VALUES and not key[1].endswith(SUFFIXES):
            assert has_key(key[1]), span


@document
def test_every_yaml_block_is_a_setting_in_order(document: Path) -> None:
    for block in blocks(document, "yaml"):
        changes = YAML(typ="safe").load(block)
        Params.model_validate({name: {**section, **changes.get(name, {})} for name, section in VALUES.items()})


def test_the_readme_leads_to_every_page() -> None:
    readme = ROOT / "README.md"
    assert {f"docs/{path.name}" for path in DOCUMENTS if path != readme} <= set(links(readme))


def test_the_page_of_settings_is_what_params_yaml_and_its_sections_say() -> None:
    written = (ROOT / "docs/parameters.md").read_text(encoding="utf-8")
    assert written == parameters.page(), "python -m tests.parameters > docs/parameters.md"
