import contextlib
import errno
import multiprocessing
import os
import resource
import runpy
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.faults.kills import HOOK
from pipeline.run.errors import UserError
from pipeline.run.failures import one_line_errors
from pipeline.run.outputs import (
    read_json,
    refuse_to_replace,
    scratch_directory,
    whole_directory,
    whole_file,
    write_json,
)


def test_a_failing_block_keeps_the_old_folder_and_leaves_nothing(tmp_path: Path) -> None:
    with whole_directory(tmp_path / "out") as partial:
        (partial / "old").touch()
    with contextlib.suppress(KeyError), whole_directory(tmp_path / "out") as partial:
        (partial / "new").touch()
        raise KeyError
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")} == {"out", "out/old"}


def test_a_file_that_a_stage_did_not_write_is_not_replaced_unless_it_is_hidden(tmp_path: Path) -> None:
    for name in ("poems.jsonl", ".DS_Store", ".7gkcJNMDz9XTqwFFa8xuAJ.tmp"):
        (tmp_path / name).touch()
    refuse_to_replace(tmp_path, {"poems.jsonl"})
    (tmp_path / "mine.txt").touch()
    with pytest.raises(UserError, match=r"mine\.txt: the stage that writes .* keep your files in another folder$"):
        refuse_to_replace(tmp_path, {"poems.jsonl"})


def write_outputs(out: Path, content: str) -> None:
    with whole_directory(out / "folder") as partial:
        write_json(partial / "inner.json", {"content": content})
    write_json(out / "file.json", {"content": content})


def write_until(out: Path, kill: str) -> None:
    os.setpgid(0, 0)  # the hook signals the process group
    os.environ |= {"WIKILM_OPERATIONS": f"{out}/operations", "WIKILM_KILL": kill}
    runpy.run_path(str(HOOK / "sitecustomize.py"))
    write_outputs(out, "new")


def test_a_process_that_is_killed_before_any_operation_leaves_whole_outputs(tmp_path: Path) -> None:
    """And its next run leaves nothing else."""
    write_outputs(tmp_path, "old")
    killed, code = 0, None
    while code != 0:
        process = multiprocessing.get_context("fork").Process(target=write_until, args=(tmp_path, f"{killed + 1} 9"))
        process.start()
        process.join()
        code = process.exitcode
        killed += code == -9
        for path in tmp_path.glob("f*/*.json"), tmp_path.glob("f*.json"):
            assert {read_json(file)["content"] for file in path} <= {"old", "new"}
        write_outputs(tmp_path, "old")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["file.json", "folder", "operations"]
        (tmp_path / "operations").unlink()
    assert killed > 8


@contextlib.contextmanager
def limited_files(most: int, kind: int = resource.RLIMIT_FSIZE) -> Iterator[None]:
    """Let no file of this process grow beyond `most` bytes, as a full disk does; or set another limit of files."""
    limits = resource.getrlimit(kind)
    resource.setrlimit(kind, (most, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(kind, limits)


def write_rows(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("CREATE TABLE t AS SELECT zeroblob(100000)")


@pytest.mark.parametrize(
    "write",
    [
        lambda path: path.write_text("a" * 100_000),
        lambda path: np.save(path.open("wb"), np.zeros(100_000)),
        lambda path: pq.write_table(pa.table({"a": np.random.default_rng(1).random(100_000)}), path),
        write_rows,
        lambda path: shutil.copyfile(shutil.__file__, path),  # as fsspec does with a checkpoint
    ],
    ids=["text", "numpy", "parquet", "sqlite", "copy"],
)
def test_a_full_disk_is_one_line_that_names_the_file(
    tmp_path: Path, write: Callable[[Path], object], capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    out.write_text("old")
    with limited_files(20_000), pytest.raises(SystemExit), one_line_errors("index"), whole_file(out) as file:
        write(file)
    assert capsys.readouterr().err.startswith(f"index: error: {out}: ")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"out": "old"}


@pytest.mark.parametrize("writer", [whole_file, whole_directory, scratch_directory])
def test_an_error_of_a_temporary_path_names_the_output(
    tmp_path: Path, writer: Callable[[Path], contextlib.AbstractContextManager[Path]]
) -> None:
    with pytest.raises(OSError, match="read-only") as error, writer(tmp_path / "out") as temporary:
        raise OSError(errno.EROFS, "read-only", str(temporary / "inner"))
    assert error.value.filename == str(tmp_path / "out")


def test_json_keeps_order_and_refuses_nan(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"b": 1, "a": "é"})
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", {"a": float("nan")})
    assert list(read_json(tmp_path / "a.json").items()) == [("b", 1), ("a", "é")]


def test_a_scratch_directory_is_new_and_goes_whatever_happens(tmp_path: Path) -> None:
    (tmp_path / ".model.scratch.partial/left by a killed run").mkdir(parents=True)
    with contextlib.suppress(KeyError), scratch_directory(tmp_path / "model") as scratch:
        assert scratch.is_dir()
        assert list(tmp_path.rglob("*")) == [scratch]
        raise KeyError
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"{", b"\xff"])
def test_damaged_json_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.json").write_bytes(content)
    with pytest.raises(UserError, match=r"m\.json: is damaged \(.+\); delete it and run the stage that writes it"):
        read_json(tmp_path / "m.json")
