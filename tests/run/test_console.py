import io
from pathlib import Path

import pytest

from pipeline.run.console import Metrics, UserError, progress, stage
from pipeline.run.outputs import read_json


@stage
def divide(source: Path, parts: int) -> Metrics:
    """Divide SOURCE into PARTS."""
    if parts == 0:
        raise UserError(f"{source}: cannot be divided into 0 parts; give 1 or more")
    return {"share": 1 / parts}


def test_a_stage_writes_its_metrics_with_the_time_it_took(tmp_path: Path) -> None:
    divide(["in", "4", "--metrics", str(tmp_path / "m.json")])
    metrics = read_json(tmp_path / "m.json")
    assert metrics["share"] == 0.25
    assert metrics["seconds"] >= 0


def test_a_users_mistake_is_one_line_and_exit_code_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        divide(["in", "0", "--metrics", str(tmp_path / "m.json")])
    assert exit_.value.code == 1
    assert capsys.readouterr().err == "test_console: error: in: cannot be divided into 0 parts; give 1 or more\n"
    assert not (tmp_path / "m.json").exists()


def test_progress_off_a_terminal_is_quiet_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    monkeypatch.setattr("pipeline.run.console.QUIET_SECONDS", 0.0)
    with progress("reading", 3, "page") as bar:
        for _ in range(3):
            bar.update()
    lines = out.getvalue().splitlines()
    assert lines
    assert all(line.startswith("reading: ") and "page/s" in line for line in lines)
    assert "\r" not in out.getvalue()


def test_short_work_prints_no_progress_off_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    with progress("reading", 3, "page") as bar:
        bar.update(3)
    assert out.getvalue() == ""
