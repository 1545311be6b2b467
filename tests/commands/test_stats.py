"""`wikilm stats`."""

import json
import shutil
import sqlite3
import statistics
from pathlib import Path

import pytest

from tests.commands.conftest import Ask, Refused


def test_stats_count_what_is_in_the_database(run: Path, ask: Ask) -> None:
    found = json.loads(ask("stats", "--json")[0])
    connection = sqlite3.connect("data/sequences.db")
    rows = connection.execute("SELECT split, length, tokens FROM sequences").fetchall()
    unknown = sum(blob[start : start + 2] == b"\x16\x00" for *_, blob in rows for start in range(0, len(blob), 2))
    assert (found["rows"], found["articles"], found["words"], found["vocabulary_size"]) == (len(rows), 12, 20, 23)
    assert found["tokens"] == sum(length for _, length, _ in rows)
    assert found["unknown"] == unknown > 0
    assert (found["wiki"], found["language"], found["bytes_a_token"]) == ("tinywiki", "en", 2)
    for split, each in found["splits"].items():
        lengths = [length for of, length, _ in rows if of == split]
        assert each == {
            "rows": len(lengths),
            "tokens": sum(lengths),
            "shortest": min(lengths),
            "median": statistics.median(lengths),
            "mean": pytest.approx(statistics.mean(lengths)),
            "longest": max(lengths),
        }


def test_stats_are_aligned_lines(run: Path, ask: Ask) -> None:
    printed, note = ask("stats")
    lines = printed.splitlines()
    found = json.loads(ask("stats", "--json")[0])
    assert lines[1:3] == ["wiki        tinywiki; language en", "articles    12"]
    assert [line.split()[0] for line in lines[-4:]] == ["split", "train", "valid", "test"]
    assert len({len(line) for line in lines[-4:]}) == 1
    assert lines[-3].split()[1:3] == [f"{found['splits']['train'][key]:,}" for key in ("rows", "tokens")]
    assert note == ""


def test_stats_of_a_database_alone_and_of_a_split_without_rows(run: Path, tmp_path: Path, ask: Ask) -> None:
    shutil.copyfile("data/sequences.db", tmp_path / "sequences.db")
    connection = sqlite3.connect(tmp_path / "sequences.db")
    connection.execute("DELETE FROM lengths WHERE split = 'valid'")
    connection.commit()
    printed, _ = ask("stats", "--data", str(tmp_path))
    assert "wiki " not in printed
    assert printed.splitlines()[-2].split() == ["valid", "0", "0", "-", "-", "-", "-"]


def test_a_missing_or_damaged_database_is_an_error_of_one_line(run: Path, tmp_path: Path, refused: Refused) -> None:
    assert refused("stats", "--data", str(tmp_path)).endswith("sequences.db: not found; run `dvc repro index`")
    (tmp_path / "sequences.db").write_bytes(b"no database at all, " * 50)
    error = refused("stats", "--data", str(tmp_path))
    assert "sequences.db: is damaged (ValueError: it is not a SQLite database); run `dvc repro`" in error
