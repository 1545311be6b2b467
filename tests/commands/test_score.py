"""`wikilm score`."""

import contextlib
import io
import json
import math
import shutil
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from pipeline.run.outputs import read_json
from pipeline.store.sequences import Sequences
from pipeline.store.vocabulary import END
from tests.commands.conftest import SMALL, Ask, Refused, held_out_text, make_run
from tests.conftest import change_params


@pytest.fixture(scope="module")
def adapted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose language model reads a stream and adapts to the text at test."""
    stream = {"batches": {"kind": "stream", "rows": 2}, "dynamic_evaluation": True}
    kept = {key: value for key, value in SMALL.items() if not key.startswith("models.gru.batches")}
    return make_run(tmp_path_factory.mktemp("adapted"), kept | {f"models.gru.{key}": stream[key] for key in stream})


def test_the_text_of_the_test_split_scores_what_training_measured(run: Path, tmp_path: Path, ask: Ask) -> None:
    figures = read_json(Path("data/metrics/train/gru.json"))
    (tmp_path / "held-out.txt").write_text(held_out_text(), encoding="utf-8")
    found = json.loads(ask("score", str(tmp_path / "held-out.txt"), "--json")[0])
    assert found["perplexity"] == pytest.approx(figures["test_perplexity"], rel=1e-6)
    assert found["accuracy"] == pytest.approx(figures["test_accuracy"], rel=1e-6)
    assert found["unigram_perplexity"] == pytest.approx(figures["unigram_perplexity"], rel=1e-12)
    assert found["test_perplexity"] == figures["test_perplexity"]
    sequences = Sequences(Path("data/sequences.db"))
    ids, lengths = sequences.ids_and_lengths("test")
    assert (found["sequences"], found["tokens"]) == (len(ids), lengths.sum())
    assert found["unknown"] == sequences.word_counts("test")[-1] > 0
    assert 0 < found["ends"] < len(ids)  # drawn, not all and not none
    assert found["targets"] == found["tokens"] + found["ends"]
    assert found["too_short"] > 0


def test_a_text_from_stdin_is_scored_in_aligned_lines(run: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\ufeffThe KING rules.\nSo!\nThe xylophone rules the land.\n"
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
    printed, note = ask("score", "-")
    lines = dict(line.split(maxsplit=1) for line in printed.splitlines())
    assert list(lines) == ["perplexity", "unigram", "accuracy", "tokens", "UNKNOWN", "END"]
    assert lines["tokens"] == "8  in 2 sentence(s); 1 shorter dropped"
    assert "(index.end_fraction 0.5)" in lines["END"]
    assert len({line.index(line.split()[2]) for line in printed.splitlines()}) == 1
    assert note.startswith("gru (validation perplexity ")


def test_a_file_without_text_is_an_error_of_one_line(
    run: Path, tmp_path: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "short").write_text("So!\nYes.\n")
    (tmp_path / "junk").write_bytes(b"abc \xff")
    assert refused("score", "none") == "none: not found; give the name of a text file, or - for stdin"
    assert refused("score", str(tmp_path / "short")).endswith("short: has no sentence of 2 or more words")
    assert refused("score", str(tmp_path / "junk")).endswith("is not UTF-8 text: invalid start byte at byte 4")
    assert refused("score", str(tmp_path)).endswith(": Is a directory")
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO()))
    assert refused("score", "-") == "stdin: has no sentence of 2 or more words"


def test_a_text_is_scored_as_the_model_was_trained_whatever_params_yaml_says_now(
    copied: Path, ask: Ask, refused: Refused
) -> None:
    text, counts = copied / "text", copied / "models/gru/target_counts.npy"
    text.write_text("the king\n" * 40)
    told = ask("score", str(text), "--data", str(copied))
    change_params(copied.parent / "params.yaml", {"index.end_fraction": 0.0, "train.seed": 5})
    assert ask("score", str(text), "--data", str(copied)) == told
    content = counts.read_bytes()
    for damaged in (b"", content[: len(content) // 2]):
        counts.write_bytes(damaged)
        assert refused("score", str(text), "--data", str(copied)).startswith(f"{counts}: is damaged (")
    counts.unlink()  # only language models have it
    error = refused("score", str(text), "--data", str(copied))
    assert error == f"{copied}/models: holds no language model; run `dvc repro`"


def test_a_text_of_lines_is_split_at_blanks_and_keeps_blank_lines(copied: Path, ask: Ask, refused: Refused) -> None:
    change_params(copied.parent / "params.yaml", {"tokens.unit": "line"})
    with contextlib.closing(sqlite3.connect(copied / "sequences.db")) as connection, connection:
        connection.execute("UPDATE meta SET value = 1 WHERE key = 'end_fraction'")
    text = copied / "text"
    text.write_text(" the king <unk> \n\n The king, \n")
    found = json.loads(ask("score", str(text), "--data", str(copied), "--json")[0])
    figures = ("unit", "sequences", "too_short", "tokens", "unknown", "ends", "targets")
    assert [found[key] for key in figures] == ["line", 3, 0, 5, 3, 3, 8]
    text.write_text("\n\n")
    assert refused("score", str(text), "--data", str(copied)) == f"{text}: has no line of 1 or more words"


def test_the_perplexity_of_the_unigram_is_that_of_counts_plus_one(copied: Path, ask: Ask) -> None:
    with contextlib.closing(sqlite3.connect(copied / "sequences.db")) as connection, connection:
        connection.execute("UPDATE meta SET value = 0 WHERE key = 'end_fraction'")
    sequences = Sequences(copied / "sequences.db")
    counts, words = np.load(copied / "models/gru/target_counts.npy"), sequences.vocabulary.by_id
    assert np.array_equal(np.delete(counts, END), np.delete(sequences.word_counts("train"), END))
    text = copied / "text"
    text.write_text("the king")
    found = json.loads(ask("score", str(text), "--data", str(copied), "--json")[0])
    chances = [(counts[words.index(word)] + 1) / (counts + 1).sum() for word in ("the", "king")]
    assert found["ends"] == 0
    assert found["unigram_perplexity"] == pytest.approx(math.exp(-sum(map(math.log, chances)) / 2))


def test_a_text_is_also_scored_with_dynamic_evaluation(
    run: Path, adapted: Path, tmp_path: Path, ask: Ask, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = refused("score", "params.yaml", "--dynamic")
    assert told == (
        "gru: training chose nothing for dynamic evaluation; set models.gru.dynamic_evaluation to true and "
        "batches to stream, and run `dvc repro train@gru`"
    )
    monkeypatch.chdir(adapted)
    text = tmp_path / "held-out.txt"
    text.write_text(held_out_text(), encoding="utf-8")
    figures = read_json(Path("data/metrics/train/gru.json"))
    plain = json.loads(ask("score", str(text), "--json")[0])
    found = json.loads(ask("score", str(text), "--dynamic", "--json")[0])
    assert found["dynamic_perplexity"] == pytest.approx(figures["test_dynamic_perplexity"], rel=1e-6)
    assert {key: found[key] for key in plain} == plain
    lines = ask("score", str(text), "--dynamic")[0].splitlines()
    assert lines[1].split() == [f"{found['dynamic_perplexity']:.1f}", "with", "dynamic", "evaluation"]


def test_damaged_gradients_are_an_error_of_one_line(adapted: Path, tmp_path: Path, refused: Refused) -> None:
    data = shutil.copytree(adapted, tmp_path / "copied") / "data"
    (data / "text").write_text("the king rules")
    gradients = data / "models/gru/gradient_rms.pt"
    gradients.write_bytes(gradients.read_bytes()[:100])
    told = refused("score", str(data / "text"), "--data", str(data), "--dynamic")
    assert told.startswith(f"{data}/models/gru/gradient_rms.pt: is damaged (")
