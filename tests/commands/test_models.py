"""`wikilm models` and `wikilm stats`."""

import contextlib
import json
import shutil
import sqlite3
from pathlib import Path

from pipeline.run.outputs import read_json, write_json
from tests.commands.conftest import Ask, Refused


def test_models_have_sizes_figures_and_a_mark_where_untrained(run: Path, ask: Ask) -> None:
    gru, *_, svd = found = json.loads(ask("models", "--json")[0])
    assert [model["name"] for model in found] == ["gru", "lstm", "embedding", "skipgram", "cbow", "svd"]
    trained = read_json(Path("data/metrics/train/gru.json"))
    analogies = read_json(Path("data/metrics/analogies/gru.json"))
    assert gru == {
        "name": "gru",
        "kind": "language_model",
        "variant": "gru",
        "sizes": [6, 5, 4],
        "trained": True,
        **{key: trained[key] for key in ("parameters", "valid_perplexity", "test_perplexity", "best_epoch")},
        "test_known_perplexity": None,
        "analogies_right": analogies["test_total"] if analogies["asked_test"] else None,
    }
    assert (svd["sizes"], svd["parameters"], svd["test_perplexity"]) == ([8], 2 * 23 * 8, None)
    lines = ask("models")[0].splitlines()
    assert lines[2].split()[:4] == ["lstm", "language", "model", "128-128"]
    assert lines[2].endswith("not trained: dvc repro train@lstm")
    assert lines[3].split()[:4] == ["embedding", "embedding", "elman", "128"]
    assert "dvc repro" not in lines[1] + lines[6]


def test_known_words_are_those_of_the_comparison(copied: Path, ask: Ask) -> None:
    perplexity = read_json(copied / "metrics/train/gru.json")["test_perplexity"]
    for factor, shown in ((1, 199.04), (2, None)):  # the latter if gru was trained again since
        figures = {"test_perplexity": perplexity * factor, "test_known_perplexity": 199.04}
        write_json(copied / "metrics/compare/gru.json", figures)
        gru = json.loads(ask("models", "--data", str(copied), "--json")[0])[0]
        assert gru["test_known_perplexity"] == shown


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
        assert each == {"rows": len(lengths), "tokens": sum(lengths)}
    lines = ask("stats")[0].splitlines()
    assert lines[1:3] == ["wiki        tinywiki; language en", "articles    12"]
    assert lines[-3].split() == ["train", *(f"{found['splits']['train'][key]:,}" for key in ("rows", "tokens"))]


def test_stats_of_a_database_alone_missing_or_damaged(run: Path, tmp_path: Path, ask: Ask, refused: Refused) -> None:
    path, stats = tmp_path / "sequences.db", ("stats", "--data", str(tmp_path))
    assert refused(*stats) == f"{path}: not found; run `dvc repro index`"
    shutil.copyfile("data/sequences.db", path)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM lengths WHERE split = 'valid'")
    printed, _ = ask(*stats)
    assert "wiki " not in printed
    assert printed.splitlines()[-2].split() == ["valid", "0", "0"]
    path.write_bytes(b"no database at all, " * 50)
    assert refused(*stats).startswith(f"{path}: is damaged (ValueError: it is not a SQLite database); run `dvc repro`")
