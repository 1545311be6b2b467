"""The rules of the house: what may import what, and that dvc.yaml and the README say what the code does."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.conftest import ROOT

STAGES = {name: stage.get("do", stage) for name, stage in YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"].items()}
# They carry bytes, numbers and messages and decide none, so a change in them makes no output stale.
CHANGE_NO_OUTPUT = {f"pipeline/run/{name}.py" for name in ("console", "errors", "files")} | {
    path.relative_to(ROOT).as_posix() for path in (ROOT / "pipeline/settings").iterdir()
}


def imported(path: Path) -> Iterator[Path]:
    """The project's files that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            base = ROOT / name.replace(".", "/")
            for file in (base.with_suffix(".py"), base / "__init__.py"):
                if name.split(".")[0] in ("pipeline", "models") and file.is_file():
                    yield file


@cache
def closure(path: Path) -> frozenset[str]:
    """All that a file imports, directly or not, itself included, as paths below the project's root."""
    found: set[Path] = set()
    waiting = [path]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting += imported(file)
    return frozenset(file.relative_to(ROOT).as_posix() for file in found)


def code_deps(stage: dict[str, Any]) -> list[str]:
    """Its modules, and folders that hold some; the package's data is not code."""
    deps = [dep for dep in stage["deps"] if dep.startswith(("pipeline", "models"))]
    return [dep for dep in deps if dep.endswith(".py") or list((ROOT / dep).rglob("*.py"))]


def test_every_module_directly_in_pipeline_is_a_stage() -> None:
    modules = {path.stem for path in (ROOT / "pipeline").glob("*.py")} - {"__init__", "__main__"}
    assert modules == set(STAGES)


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_lists_the_code_that_it_runs(name: str) -> None:
    imports = closure(ROOT / f"pipeline/{name}.py") - CHANGE_NO_OUTPUT
    needed = {file for file in imports if not file.endswith("__init__.py")}
    listed = code_deps(STAGES[name])
    missing = {file for file in needed if not any(file == dep or file.startswith(f"{dep}/") for dep in listed)}
    assert not missing
    needless = {dep for dep in listed if not any(file == dep or file.startswith(f"{dep}/") for file in needed)}
    assert not needless


@pytest.mark.parametrize("name", STAGES)
def test_a_stages_command_names_its_outputs_and_its_metrics(name: str) -> None:
    stage = STAGES[name]
    assert stage["cmd"].startswith(f"python -m pipeline.{name} ")
    for out in stage["outs"]:
        path = next(iter(out)) if isinstance(out, dict) else out
        assert path in stage["cmd"].split()


@pytest.mark.parametrize("name", STAGES)
def test_no_stage_depends_on_runtime(name: str) -> None:
    assert not any(key.startswith("runtime") for key in STAGES[name].get("params", []))


@pytest.mark.parametrize("name", STAGES)
def test_dvcs_run_cache_sees_every_parameter(name: str) -> None:
    """It leaves keys called `size` or `nfiles` out of its hash, and would restore the outputs of another value."""

    def keys(value: Any) -> set[str]:
        return {key for k, v in value.items() for key in {k} | keys(v)} if isinstance(value, dict) else set()

    for listed in STAGES[name].get("params", []):
        params = YAML(typ="safe").load(ROOT / "params.yaml")
        for model in params["language_models"]:
            value = params
            for part in listed.replace("${key}", model).split("."):
                value = value[part]
            assert not keys(value) & {"size", "nfiles"}


def test_dvc_plots_every_model_and_what_the_stages_write() -> None:
    models = YAML(typ="safe").load(ROOT / "params.yaml")["language_models"]
    plots = {name: plot for each in YAML(typ="safe").load(ROOT / "dvc.yaml")["plots"] for name, plot in each.items()}
    kinds = {name: settings["kind"] for name, settings in models.items()}
    curves = {
        "valid_perplexity": {"recurrent"},
        "train_perplexity": {"recurrent"},
        "analogies_by_epoch": {"embedding", "word2vec"},  # SVD has no epochs
        "analogies_by_section": set(kinds.values()),
    }
    for plot, which in curves.items():
        names = [name for name, kind in kinds.items() if kind in which]
        assert [re.findall(rf"\b{name}\b", path) for name, path in zip(names, plots[plot]["y"], strict=True)] == [
            [name] for name in names
        ]
    outs = [str(out).replace("${key}", name) for stage in STAGES.values() for out in stage["outs"] for name in models]
    for path in (path for plot in plots.values() for path in plot["y"]):
        assert any(path == out or path.startswith(f"{out}/") for out in outs)


def test_stages_do_not_import_one_another_and_no_wing_imports_a_stage() -> None:
    stages = {ROOT / f"pipeline/{name}.py" for name in STAGES}
    for path in (ROOT / "pipeline").rglob("*.py"):
        assert not stages & set(imported(path)), path


def test_commands_read_what_stages_wrote_and_nothing_else_needs_them() -> None:
    commands = set((ROOT / "pipeline/commands").glob("*.py"))
    for path in (ROOT / "pipeline").rglob("*.py"):
        if path not in commands and path.name != "__main__.py":
            assert not commands & set(imported(path)), path


def test_models_and_wikitext_know_nothing_of_the_rest() -> None:
    for wing in ("models", "pipeline/wikitext"):
        for path in (ROOT / wing).rglob("*.py"):
            outside = {file for file in closure(path) if not file.startswith(wing)} - {"pipeline/__init__.py"}
            assert not outside, path


def test_the_readmes_stage_table_is_dvc_yamls() -> None:
    rows = re.findall(r"^\| `(\w+)`.*$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == list(STAGES)


@pytest.mark.parametrize("name", STAGES)
def test_the_readmes_stage_table_names_parameters_and_outputs(name: str) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (row,) = (line for line in readme.splitlines() if line.startswith(f"| `{name}`"))
    stage = STAGES[name]
    outs = [next(iter(out)) if isinstance(out, dict) else out for out in stage["outs"]]
    expected = [*stage.get("params", []), *(out for out in outs if not out.startswith(("data/metrics", "data/plots")))]
    for word in expected:
        assert f"`{word.replace('${key}', 'NAME')}`" in row
