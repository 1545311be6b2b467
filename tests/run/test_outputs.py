import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.run.console import UserError
from pipeline.run.outputs import read_json, scratch_directory, whole_directory, whole_file, write_json


def write_and_fail(path: Path) -> None:
    path.write_text("new")
    raise ZeroDivisionError


def test_a_file_appears_whole(tmp_path: Path) -> None:
    with whole_file(tmp_path / "sub/out.txt") as partial:
        partial.write_text("done")
        assert not (tmp_path / "sub/out.txt").exists()
    assert [path.name for path in (tmp_path / "sub").iterdir()] == ["out.txt"]


def test_a_failing_block_keeps_the_old_file_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "out.txt").write_text("old")
    with pytest.raises(ZeroDivisionError), whole_file(tmp_path / "out.txt") as partial:
        write_and_fail(partial)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"out.txt": "old"}


def test_a_directory_replaces_the_old_one_whole(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for content in ("old", "new"):
        with whole_directory(out) as partial:
            (partial / content).touch()
    assert [path.name for path in out.iterdir()] == ["new"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_failing_block_keeps_the_old_directory(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with whole_directory(out) as partial:
        (partial / "old").touch()
    with pytest.raises(ZeroDivisionError), whole_directory(out) as partial:
        write_and_fail(partial / "new")
    assert [path.name for path in out.iterdir()] == ["old"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_killed_process_leaves_no_output_and_the_next_run_clears_up(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from pipeline.run.outputs import whole_directory
with whole_directory(Path({str(tmp_path / "out")!r})) as partial:
    (partial / "half").touch()
    print("writing", flush=True)
    import time; time.sleep(60)
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout
    process.stdout.readline()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "out").exists()
    with whole_directory(tmp_path / "out") as partial:
        assert list(partial.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_json_keeps_order_and_refuses_nan(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"b": 1, "a": "é"})
    assert list(read_json(tmp_path / "a.json").items()) == [("b", 1), ("a", "é")]
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "b.json", {"a": float("nan")})
    assert not (tmp_path / "b.json").exists()


def test_a_scratch_directory_is_new_and_goes_whatever_happens(tmp_path: Path) -> None:
    with scratch_directory(tmp_path / "model") as scratch:
        (scratch / "rows.txt").write_text("left by a killed run")
        names = [path.name for path in tmp_path.iterdir()]
    assert names == [".model.scratch.partial"]
    assert not list(tmp_path.iterdir())
    (tmp_path / names[0]).mkdir()
    (tmp_path / names[0] / "rows.txt").touch()
    with contextlib.suppress(KeyError), scratch_directory(tmp_path / "model") as scratch:
        assert not list(scratch.iterdir())
        raise KeyError
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"{", b"\xff"])
def test_damaged_json_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.json").write_bytes(content)
    with pytest.raises(UserError, match=r"m\.json: is damaged \(.+\); delete it and run the stage that writes it"):
        read_json(tmp_path / "m.json")
