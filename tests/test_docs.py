"""README.md and docs/: commands parse; keys, paths and links exist; settings are valid."""

import argparse
import importlib.util
import json
import re
import shlex
import sys
from collections.abc import Callable
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import pytest
from dvc.cli import parse_args

from pipeline.settings import load_params, read_yaml
from tests import parameters
from tests.conftest import ROOT
from tests.documents import DOCUMENTS, anchors, blocks, commands, links, prose, spans
from tests.settings.test_every_field import PLACES, SCHEMA, Place
from tests.test_house import STAGES, outs_of
from wikilm import __main__ as command_line
from wikilm import presets
from wikilm.presets import with_preset

README = ROOT / "README.md"
PARAMS = ROOT / "params.yaml"
SHOWN = read_yaml(PARAMS)
KINDS = {name: entry.kind for name, entry in load_params(PARAMS).models.items()}
PIPELINE = read_yaml(ROOT / "dvc.yaml")
THEIRS = {
    "questions/mine.txt",
    "benchmarks/latest.json",
    "data/downloads/",
    "data/tensorboard/",
}  # made by users, benchmarks and servers
FOLDERS = ("pipeline/", "models/", "tests/", "docs/", "presets/", "benchmarks/", "questions/", "data/")
SUFFIXES = (".py", ".md", ".html", ".json", ".jsonl", ".tsv", ".txt", ".db", ".yaml", ".npy", ".pt")
NAME = r"[A-Z]{4,}"  # a placeholder, such as NAME or STAGE
KEY = re.compile(r"([a-z_]+(?:\.(?:[a-z_]+|NAME))*)(?:: (.*))?")

document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())


def check_wikilm(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Parse a command as `wikilm` does, without running it; COMMAND stands for any command. A preset must exist."""
    words = ["stats" if word == "COMMAND" else word for word in words]
    if words[0] == "preset":
        assert words[1] == "NAME" or (presets.PRESETS / f"{words[1]}.yaml").is_file(), words
    check_parsed(lambda: command_line.main(words), words, monkeypatch)


def check_parsed(run: Callable[[], object], words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a program up to where it has parsed its `words`."""
    understand = argparse.ArgumentParser.parse_args

    def parse(self: argparse.ArgumentParser, *arguments: Any, **settings: Any) -> NoReturn:
        understand(self, *arguments, **settings)
        raise SystemExit(0)

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parse)
    with pytest.raises(SystemExit) as end:
        run()
    assert end.value.code == 0, words


def check_dvc(words: list[str], _: pytest.MonkeyPatch) -> None:
    """DVC's parser takes the command; the stages, plots, metrics and parameters in it exist."""
    if len(words) == 1 and words[0] in ("metrics", "plots", "params", "exp", "queue"):
        return  # named without a subcommand
    arguments = parse_args(words)
    targets = getattr(arguments, "targets", None) or ()
    if words[0] in ("repro", "commit", "checkout") or words[:2] == ["exp", "run"]:
        assert set(targets) <= stages() | {"STAGE"}, words
    elif words[0] == "metrics":
        assert all(target.startswith("data/metrics/") and is_written(target) for target in targets), words
    elif words[:2] == ["plots", "show"]:
        names = [name for plot in PIPELINE["plots"] for name in plot]
        assert all(any(f"{name}/".startswith(f"{target}/") for name in names) for target in targets), words
    else:
        assert not targets or words[:2] == ["plots", "diff"], words  # whose targets are revisions
    for setting in getattr(arguments, "set_param", None) or ():
        check_override(setting)


def check_override(setting: str) -> None:
    """`KEY=VALUE` and `~KEY` are of keys that params.yaml shows, `+KEY=VALUE` is not, `++KEY=VALUE` may be either."""
    match = re.fullmatch(r"(\+\+|\+|~|)([^=]+)(=.*)?", setting)
    assert match
    sign, key, value = match.groups()
    assert bool(value) == (sign != "~"), setting
    assert has_key(key), setting
    assert sign == "++" or is_shown(key) == (sign != "+"), setting


def check_make(words: list[str], _: pytest.MonkeyPatch) -> None:
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert {word for word in words if "=" not in word} <= set(targets)


def check_python(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The module exists and, if it is a benchmark, understands the arguments, where N is any number."""
    assert words[0] == "-m"
    spec = importlib.util.find_spec(words[1])
    assert spec, words
    if words[1].startswith("benchmarks") and len(words) > 2:
        module = importlib.import_module(f"{words[1]}.__main__" if spec.submodule_search_locations else words[1])
        monkeypatch.setattr(sys, "argv", [words[1], *("1" if word == "N" else word for word in words[2:])])
        check_parsed(module.main, words, monkeypatch)


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
    "pip": check_pip,
    **dict.fromkeys(
        ("git", "cd", "source", "eval", "echo", "dask", "helm", "sqlite-utils", "tensorboard"), check_nothing
    ),
}


@cache
def stages() -> set[str]:
    """Return the names that `dvc repro` takes."""
    each = {name: stage.get("foreach") for name, stage in PIPELINE["stages"].items()}
    return set(each) | {f"{name}@{model}" for name, loop in each.items() if loop for model in KINDS}


@cache
def outs() -> list[str]:
    """Return the outputs of all stages, and the timings that DVC does not track; a model's name is `*`."""
    paths = [out.replace("${key}", "*") for stage in STAGES.values() for out in outs_of(stage)]
    return paths + [path.replace("/metrics/", "/timings/") for path in paths if "/metrics/" in path]


def is_written(path: str) -> bool:
    """Return whether a stage writes this path, a folder that contains it, or files in it; STAGE is any stage."""
    if "STAGE" in path:
        return any(is_written(path.replace("STAGE", name)) for name in PIPELINE["stages"])
    path = re.sub(rf"\b{NAME}\b", "*", path).rstrip("/")
    return any(fnmatch(path, out) or fnmatch(path, f"{out}/*") or out.startswith(f"{path}/") for out in outs())


def has_key(dotted: str) -> bool:
    """Return whether params.yaml may have a key; NAME stands for any entry's name, others are shown or defaults."""
    parts = dotted.split(".")
    return any(len(parts) <= len(place.path) and is_at(parts, place) for place in PLACES.values())


def is_at(parts: list[str], place: Place) -> bool:
    """Return whether a path of keys leads to a place, or to a section that it is in or to the kind of one."""
    for number, (part, (key, kind)) in enumerate(zip(parts, place.path, strict=False)):
        above = parts[:number]
        if key == "name":
            fits = part == "NAME" or part in names_in(above)
        else:
            fits = part == key or (part == "kind" and kind is not None)
        if not fits or (above[:1] == ["models"] and number == 2 and kind != KINDS.get(above[1], kind)):
            return False
    return True


def names_in(path: list[str]) -> set[str]:
    """Return the names of entries that a section has in params.yaml or by default."""
    (schema,) = (place.schema for place in PLACES.values() if place.key == ".".join(path))
    return {*schema.get("default", ()), *(shown(path) or ())}


def shown(path: list[str]) -> Any:
    """Return the value that params.yaml shows at a path of keys; None where it shows none."""
    value: Any = SHOWN
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def is_shown(dotted: str) -> bool:
    *path, key = dotted.split(".")
    return key in (shown(path) or {})


def check_settings(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Merge YAML into params.yaml as `wikilm preset` merges a preset; raises `UserError` where a setting is wrong."""
    (folder / "settings.yaml").write_text(text, encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(presets, "PRESETS", folder)
        with_preset("settings")


@document
def test_every_command_is_one(document: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for program, *words in commands(document):
        assert program in CHECKS, (program, *words)
        with monkeypatch.context() as patch:
            CHECKS[program](words, patch)


def test_every_command_of_the_results_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [words for program, *words in commands(ROOT / "benchmarks/RESULTS.md") if program == "python"]
    assert len(found) >= 30
    for words in found:
        with monkeypatch.context() as patch:
            check_python(words, patch)


@document
def test_no_line_of_prose_is_long(document: Path) -> None:
    found = [line for line in prose(document).splitlines() if len(line) > 140 and not line.startswith("|")]
    assert not found or document.name == "parameters.md"  # whose sentences come from the code


@document
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in links(document):
        path, _, anchor = target.partition("#")
        page = document.parent / path if path else document
        assert page.exists(), target
        assert not anchor or anchor in anchors(page), target


@document
def test_every_path_exists_or_is_an_output(document: Path) -> None:
    for span in spans(document):
        if not span.startswith(FOLDERS) or " " in span or span in THEIRS:
            continue
        if span.startswith("data/"):
            assert is_written(span), span
        elif "::" in span:
            path, name = span.split("::")
            assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), span
        else:
            assert list(ROOT.glob(re.sub(rf"\b{NAME}\b", "*", span).rstrip("/"))), span


@document
def test_every_key_is_a_setting(document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for span in spans(document):
        match = KEY.fullmatch(span)
        if not match or match[1].split(".")[0] not in SCHEMA["properties"] or match[1].endswith(SUFFIXES):
            continue
        key, value = match.groups()
        # parameters.md is generated from the schema; its keys begin within their section, such as an entry of poets.
        assert has_key(key) or document.name == "parameters.md", span
        if value:
            for part in reversed(key.replace("NAME", next(iter(KINDS))).split(".")):
                value = f"{{{part}: {value}}}"
            check_settings(value, tmp_path, monkeypatch)


@document
def test_every_yaml_block_is_a_valid_setting(document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for block in blocks(document, "yaml"):
        check_settings(block, tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("key", "there"),
    [
        ("vocabulary.size", True),
        ("vocabulary.sise", False),
        ("models.NAME.dropout.output", True),
        ("models.gru.start.freeze", True),
        ("models.gru.batches.rows", True),
        ("models.gru.negatives", False),
        ("models.svd.window", True),
        ("models.none.epochs", False),
        ("poetry_generation.models.book.epochs", True),
        ("train.epochs", False),
    ],
)
def test_keys_are_looked_up_in_the_schema(key: str, there: bool) -> None:
    assert has_key(key) == there


@pytest.mark.parametrize(
    "setting", ["vocabulary.size=9", "+models.gru.epochs=9", "++models.gru.unit=lstm", "~models.svd"]
)
def test_overrides_that_dvc_takes(setting: str) -> None:
    check_override(setting)


@pytest.mark.parametrize("setting", ["models.gru.epochs=9", "+vocabulary.size=9", "+train.epochs=9", "~models.none"])
def test_overrides_that_dvc_or_wikilm_refuses(setting: str) -> None:
    with pytest.raises(AssertionError):
        check_override(setting)


def test_the_workflow_and_the_container_run_commands_that_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    (job,) = read_yaml(ROOT / "docs/cml.yaml")["jobs"].values()
    lines = [line.strip() for step in job["steps"] for line in step.get("run", "").splitlines()]
    found = [shlex.split(line) for line in lines if line.startswith(("make", ".venv/bin/"))]
    for program, *words in found:
        CHECKS[program.removeprefix(".venv/bin/")](words, monkeypatch)
    assert found.count(["make", "repro"]) == 2  # on the target branch and on the change
    assert any(line.startswith("diff ") and line.split()[-3] == "data/metrics" for line in lines)
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    check_make(container["postCreateCommand"].split()[1:], monkeypatch)


def test_the_index_leads_to_every_page() -> None:
    index = ROOT / "docs/README.md"
    assert "docs/README.md" in links(README)
    led_to = {(index.parent / target).resolve() for target in links(index)}
    assert set(DOCUMENTS) - {README, index} <= led_to


def test_the_readme_is_short_and_names_every_preset() -> None:
    lines = README.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 130
    named = {name for line in lines if (name := re.match(r"\| `(\w+)` \|", line))}
    assert {match[1] for match in named} == {path.stem for path in presets.PRESETS.glob("*.yaml")}


def test_the_readmes_transcript_is_what_the_shipped_vectors_answer(capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = blocks(README, "console")
    command, _, answer = block.partition("\n")
    assert answer.startswith("queen ")
    command_line.main(shlex.split(command)[2:])
    captured = capsys.readouterr()
    assert captured.out + captured.err == answer


def test_the_page_of_settings_is_current() -> None:
    written = (ROOT / "docs/parameters.md").read_text(encoding="utf-8")
    assert written == parameters.page(), "python -m tests.parameters > docs/parameters.md"
