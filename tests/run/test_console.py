import hashlib
import io
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.run.console import (
    Figures,
    Metrics,
    digest,
    one_line_errors,
    progress,
    say,
    stage,
    write_figures,
)
from pipeline.run.errors import UserError
from pipeline.run.outputs import read_json
from tests.conftest import HERE, ROOT, ErrorOf


@stage
def divide(source: Path, parts: int) -> Metrics:
    """Divide SOURCE into PARTS."""
    if parts == 0:
        raise UserError(f"{source}: cannot be divided into 0 parts; give 1 or more")
    return {"share": 1 / parts}


def test_a_stage_writes_its_times_apart_from_its_metrics(tmp_path: Path) -> None:
    divide(["in", "4", "--metrics", str(tmp_path / "metrics/m.json")])
    assert read_json(tmp_path / "metrics/m.json") == {"share": 0.25}
    assert read_json(tmp_path / "timings/m.json")["seconds"] >= 0


def test_figures_of_several_rows_are_a_file_each(tmp_path: Path) -> None:
    figures: Figures = {"gru": {"accuracy": 0.5, "cpu_seconds": 2.0}, "lstm": {"accuracy": 0.25}}
    write_figures(tmp_path / "metrics/parity", figures, 3.0)
    found = {path.name: read_json(path) for path in (tmp_path / "metrics/parity").iterdir()}
    assert found == {"gru.json": {"accuracy": 0.5}, "lstm.json": {"accuracy": 0.25}}
    times = {
        "gru": {"cpu_seconds": 2.0},
        "seconds": 3.0,
        "of": digest({"gru": {"accuracy": 0.5}, "lstm": {"accuracy": 0.25}}),
    }
    assert read_json(tmp_path / "timings/parity.json") == times


def test_a_users_mistake_is_one_line_and_exit_code_1(tmp_path: Path, error_of: ErrorOf) -> None:
    error = error_of(divide, ["in", "0", "--metrics", str(tmp_path / "m.json")])
    assert error == "test_console: error: in: cannot be divided into 0 parts; give 1 or more\n"
    assert not (tmp_path / "m.json").exists()


@pytest.mark.parametrize(
    "take",
    [lambda: np.empty(10**17), lambda: torch.empty(10**17), lambda: torch.empty(2**32, 2**31, device="meta")],
    ids=["numpy", "torch", "more than torch counts"],
)
def test_a_lack_of_memory_is_one_line(
    take: Callable[[], object], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as exit_, one_line_errors("train"):
        take()
    assert exit_.value.code == 1
    error = capsys.readouterr().err
    assert error.startswith("train: error: too little memory (")
    assert error.count("\n") == 1
    with pytest.raises(RuntimeError), one_line_errors("train"):
        raise RuntimeError("a fault of the code")


def test_an_output_that_was_changed_is_named_if_its_reader_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    md5 = hashlib.md5(b"{}", usedforsecurity=False).hexdigest()
    cached = tmp_path / ".dvc/cache/files/md5" / md5[:2] / md5[2:]
    cached.parent.mkdir(parents=True)
    cached.write_text("{}")
    (tmp_path / ".dvc/config").write_text("[core]\n    no_scm = true\n")
    (tmp_path / "dvc.yaml").write_text("stages: {write: {cmd: write, outs: [figures.json]}}\n")
    outs = f"[{{path: figures.json, hash: md5, md5: {md5}, size: 2}}]"
    (tmp_path / "dvc.lock").write_text(f"schema: '2.0'\nstages: {{write: {{cmd: write, outs: {outs}}}}}\n")
    figures = tmp_path / "figures.json"
    figures.write_text("{}")
    with pytest.raises(KeyError), one_line_errors("models"):
        read_json(figures)["perplexity"]
    figures.write_text('{"valid": 1}')
    with pytest.raises(SystemExit), one_line_errors("models"):
        read_json(figures)["perplexity"]
    error = capsys.readouterr().err
    assert error.startswith("models: error: KeyError: 'perplexity'; perhaps because of what was changed since a stage")
    assert ": figures.json; run `dvc repro`" in error
    assert error.count("\n") == 1
    log = Path(error.partition("(")[2].partition(" has the traceback")[0])
    assert 'read_json(figures)["perplexity"]' in log.read_text()
    log.unlink()


IMPORTS = """
import os, signal, sys
sys.addaudithook(lambda event, given: event == "import" and given[0] == "tqdm" and os.kill(os.getpid(), signal.SIGINT))
"""


def test_ctrl_c_while_modules_are_imported_prints_nothing(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(IMPORTS)
    ended = subprocess.run(
        [sys.executable, "-m", "pipeline", "models"],
        env=HERE | {"PYTHONPATH": f"{tmp_path}:{ROOT}"},
        capture_output=True,
        check=False,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # tests in the background may ignore it
    )
    assert (ended.returncode, ended.stderr) == (-signal.SIGINT, b"")


def test_another_program_that_imports_wikilm_hears_ctrl_c() -> None:
    code = "import signal, wikilm; assert signal.getsignal(signal.SIGINT) is signal.default_int_handler"
    listening = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    subprocess.run([sys.executable, "-c", code], check=True, preexec_fn=listening)


def test_a_name_writes_no_code_to_the_terminal(error_of: ErrorOf, capsys: pytest.CaptureFixture[str]) -> None:
    assert error_of(divide, ["a\x1b[2J\nb\x9b\u202ec é", "0"]) == (
        "test_console: error: a\\u001b[2J\\nb\\u009b\\u202ec é: cannot be divided into 0 parts; give 1 or more\n"
    )
    say("\x1b]0;title\x07\ttab")
    assert capsys.readouterr().err == "\\u001b]0;title\\u0007\ttab\n"


@pytest.mark.parametrize(
    ("stage_name", "message", "hint"),
    [
        ("tokens", "params.yaml: broken", "`dvc repro tokens`"),
        ("download", "params.yaml: broken", "`dvc repro download`"),
        ("tokens", "data/raw: damaged", ""),
    ],
)
def test_a_mistake_in_params_yaml_says_how_to_restore_what_dvc_removed(
    monkeypatch: pytest.MonkeyPatch, error_of: ErrorOf, stage_name: str, message: str, hint: str
) -> None:
    @stage
    def fail() -> Metrics:
        raise UserError(message)

    monkeypatch.setenv("DVC_STAGE", stage_name)
    error = error_of(fail, [])
    assert hint in error
    assert ("restore" in error) == bool(hint)


def test_progress_off_a_terminal_is_quiet_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    monkeypatch.setattr("pipeline.run.console.QUIET_SECONDS", 0.0)
    with progress("reading", 3, "page") as bar:
        for _ in range(3):
            bar.update()
    lines = out.getvalue().splitlines()
    assert lines
    expected = re.compile(r"reading: .*(page/s|s/page)")  # the latter where pages take seconds
    assert [line for line in lines if not expected.match(line)] == []
    assert "\r" not in out.getvalue()


def test_short_work_prints_no_progress_off_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    with progress("reading", 3, "page") as bar:
        bar.update(3)
    assert out.getvalue() == ""
