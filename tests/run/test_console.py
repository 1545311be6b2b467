import io
import re
from pathlib import Path

import pytest

from pipeline.run.command import StageFigures, digest, stage, write_figures
from pipeline.run.console import Metrics, progress, say
from pipeline.run.errors import UserError
from pipeline.run.outputs import read_json
from tests.conftest import ErrorOf


@stage
def divide(source: Path, parts: int) -> Metrics:
    """Divide SOURCE into PARTS."""
    if parts == 0:
        raise UserError(f"{source}: cannot be divided into 0 parts; give 1 or more")
    return {"share": 1 / parts}


def test_a_stage_writes_its_times_apart_from_its_metrics(tmp_path: Path) -> None:
    divide(["in", "4", "--metrics", str(tmp_path / "metrics/m.json")])
    assert read_json(tmp_path / "metrics/m.json") == {"share": 0.25}
    times = read_json(tmp_path / "timings/m.json")
    assert times["seconds"] >= 0
    assert 10 < times["megabytes"] < 1e5


def test_figures_of_several_rows_are_a_file_each(tmp_path: Path) -> None:
    figures: StageFigures = {"gru": {"accuracy": 0.5}, "lstm": {"accuracy": 0.25}}
    write_figures(tmp_path / "metrics/parity", figures, 3.0)
    found = {path.stem: read_json(path) for path in (tmp_path / "metrics/parity").iterdir()}
    assert found == {"gru": {"accuracy": 0.5}, "lstm": {"accuracy": 0.25}}
    assert {"seconds": 3.0, "of": digest(found)}.items() <= read_json(tmp_path / "timings/parity.json").items()


def test_a_users_mistake_is_one_line_without_codes_of_terminals(
    tmp_path: Path, error_of: ErrorOf, capsys: pytest.CaptureFixture[str]
) -> None:
    assert error_of(divide, ["a\x1b[2J\nb\x9b\u202ec é", "0", "--metrics", str(tmp_path / "m.json")]) == (
        "test_console: error: a\\u001b[2J\\nb\\u009b\\u202ec é: cannot be divided into 0 parts; give 1 or more\n"
    )
    assert not (tmp_path / "m.json").exists()
    say("\x1b]0;title\x07\ttab")
    assert capsys.readouterr().err == "\\u001b]0;title\\u0007\ttab\n"


@pytest.mark.parametrize("login", ["ada:s3cret", "s3cret", "ada:s/3:@cret", "%61:s3cret"])
def test_an_address_is_printed_without_user_and_password(login: str, capsys: pytest.CaptureFixture[str]) -> None:
    say(f"'http://{login}@example.org:80/a': timed out; see https://example.org/@a")
    assert capsys.readouterr().err == "'http://example.org:80/a': timed out; see https://example.org/@a\n"


@pytest.mark.parametrize(
    ("message", "hint"), [("params.yaml: broken", "`dvc repro tokens` restores"), ("data/raw: damaged", "")]
)
def test_a_mistake_in_params_yaml_says_how_to_restore_what_dvc_removed(
    monkeypatch: pytest.MonkeyPatch, error_of: ErrorOf, message: str, hint: str
) -> None:
    @stage
    def fail() -> Metrics:
        raise UserError(message)

    monkeypatch.setenv("DVC_STAGE", "tokens")
    error = error_of(fail, [])
    assert hint in error
    assert ("restore" in error) == bool(hint)


def test_progress_off_a_terminal_is_quiet_lines_and_none_of_short_work(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    with progress("reading", 3, "page") as bar:
        bar.update(3)
    assert out.getvalue() == ""
    monkeypatch.setattr("pipeline.run.console.QUIET_SECONDS", 0.0)
    with progress("reading", 3, "page") as bar:
        for _ in range(3):
            bar.update()
    # The latter unit where pages take seconds.
    assert re.fullmatch(r"(reading: .* [0-3]/3 .*(page/s|s/page).*\n)+", out.getvalue())
    assert "\r" not in out.getvalue()
