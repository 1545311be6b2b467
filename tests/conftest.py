"""What several tests share: params.yaml with changes, and small dumps written by hand."""

import copy
import importlib
import os
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from ruamel.yaml import YAML
from urllib3 import Retry

import pipeline  # noqa: F401 # before torch, which reads then how its threads shall wait
from pipeline.dumps.web import TRIES
from pipeline.run.workers import cores
from tests.mirror import Mirror, serving
from tests.small_dumps import a_dump

ROOT = Path(__file__).parent.parent
HERE = {**os.environ, "PYTHONPATH": str(ROOT)}  # for a process with this project's code, from any folder
LONGEST = "test_whole.py"
SetParams = Callable[[dict[str, Any]], None]
ErrorOf = Callable[..., str]

# Hypothesis measures seconds, which on a busy machine say nothing about the code.
settings.register_profile("busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The file that takes longest comes first, so that the cores end together."""
    items.sort(key=lambda item: item.path.name != LONGEST)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """The others leave the cores to it, because the suite takes as long as it does."""
    if item.path.name != LONGEST:
        os.setpriority(os.PRIO_PROCESS, 0, max(10, os.getpriority(os.PRIO_PROCESS, 0)))


SHARED = Path(os.environ.get("WIKILM_SHARED", ROOT.parent / "shared"))  # real dumps next to the project


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that is skipped for want of shared files where there are some."""
    report = yield
    if report.skipped and str(SHARED) in str(report.longrepr) and SHARED.is_dir():
        report.outcome = "failed"
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than the cores, because many tests wait for servers and for processes that they start."""
    return cores() + 1


NUMBERED = {  # what the stages that number words read and write
    "vocabulary": "tokens articles vocabulary.tsv remap word_counts.tsv tokenizer.json vocabulary.json",
    "index": "tokens vocabulary.tsv remap sequences.db",
    "example": "sequences.db articles raw tokens word_counts.tsv example.json traced.json",
}


def number_words(folder: str = "", metrics: str = "") -> None:
    """Run the stages vocabulary, index and example in a folder that has tokens and articles."""
    for name, paths in NUMBERED.items():
        files = [f"{folder}{path}" for path in paths.split()]
        importlib.import_module(f"pipeline.{name}").main([*files, "--metrics", f"{metrics}{name}.json"])


@pytest.fixture(autouse=True)
def torch_multiplies_as_at_its_start() -> Iterator[None]:
    """A training lets oneDNN multiply for the rest of its process, which other stages do not share with it."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].backends.mkldnn.matmul.fp32_precision = "none"


@pytest.fixture
def shared() -> Path:
    """The folder of real dumps next to the project, or the one that WIKILM_SHARED names."""
    if not (SHARED / "data/dumps").is_dir():
        pytest.skip(f"no real dumps at {SHARED}")
    return SHARED


@pytest.fixture
def in_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder with the project's params.yaml."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text((ROOT / "params.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


@pytest.fixture
def set_params(in_tmp: Path) -> SetParams:
    """Change params.yaml in the working folder: `set_params({"vocabulary.size": 10})`.

    `runtime.workers` is 1 in it: most stages then start no process.
    """
    path = in_tmp / "params.yaml"
    text = path.read_text(encoding="utf-8")
    assert "  workers: 0 " in text
    path.write_text(text.replace("  workers: 0 ", "  workers: 1 "), encoding="utf-8")
    return lambda changes: change_params(path, changes)


def change_params(path: Path, changes: dict[str, Any]) -> None:
    """Set dotted keys of a params.yaml, keeping its comments."""
    yaml = YAML()
    content = yaml.load(path)
    for key, value in changes.items():
        *parents, last = key.split(".")
        section = content
        for parent in parents:
            if not isinstance(section.get(parent), dict):
                section[parent] = {}
            section = section[parent]
        section[last] = copy.deepcopy(value)  # to whose inside a later key may add
    yaml.dump(content, path)


@pytest.fixture
def error_of(capsys: pytest.CaptureFixture[str]) -> ErrorOf:
    """Call what must end the program, and return what it told the user: `error_of(main, ["poem"])`."""

    def error_of(run: Callable[..., object], *arguments: object, **named: object) -> str:
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit_:
            run(*arguments, **named)
        assert exit_.value.code == 1
        printed, error = capsys.readouterr()
        assert printed == ""
        return error

    return error_of


@pytest.fixture
def dump(in_tmp: Path) -> Path:
    """A small hand-written dump in the working folder."""
    path = in_tmp / "tiny.xml"
    path.write_text(a_dump(), encoding="utf-8")
    return path


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """A web server of dumps, with none yet, on whose faults the pipeline waits only as long as the server asks."""
    monkeypatch.setattr("pipeline.dumps.web.POLICY", Retry(TRIES - 1))
    with serving() as mirror:
        yield mirror
