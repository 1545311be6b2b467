"""`wikilm score`."""

import contextlib
import csv
import io
import json
import math
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import wikilm
from pipeline.run.outputs import read_json
from pipeline.store.sequences import Sequences
from tests.commands.conftest import Ask, Refused, held_out_text, text_of
from tests.conftest import change_params


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


def test_a_text_from_stdin_is_scored_in_aligned_lines(run: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\ufeffThe KING rules.\nSo!\nThe xylophone rules the land.\n"
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
    printed, note = ask("score", "-")
    lines = dict(line.split(maxsplit=1) for line in printed.splitlines())
    assert list(lines) == ["perplexity", "known", "unigram", "accuracy", "tokens", "UNKNOWN", "END"]
    assert lines["tokens"] == "8  in 2 sentence(s); 1 shorter dropped"
    assert note.startswith("gru, the best of 1 (test perplexity ")


def test_the_surprisals_of_words_add_up_to_the_perplexity(run: Path, tmp_path: Path, ask: Ask) -> None:
    (tmp_path / "text").write_text("\nThe king rules the land. A man, a xylophone.\nSo!\n", encoding="utf-8")
    lines = [*csv.DictReader(ask("score", str(tmp_path / "text"), "--words")[0].splitlines())]
    assert [*lines[0]] == [
        *("line", "sentence", "number", "word", "start", "surprisal", "entropy", "length", "pieces"),
        *("log_frequency", "unknown"),
    ]
    assert [[line[name] for name in ("line", "sentence", "number", "word", "start", "unknown")] for line in lines] == [
        *(["2", "1", str(n), word, str(at), "0"] for n, (word, at) in enumerate(
            (("the", 0), ("king", 4), ("rules", 9), ("the", 15), ("land", 19), ("END", 24)), 1)),
        *(["2", "2", str(n), word, str(at), str(int(word == "xylophone"))] for n, (word, at) in enumerate(
            (("a", 25), ("man", 27), ("a", 32), ("xylophone", 34), ("END", 44)), 1)),
    ]  # fmt: skip
    chances = dict(wikilm.open().language_model().next_words("the", top=20))
    assert 2 ** -float(lines[1]["surprisal"]) == pytest.approx(chances["king"], rel=0.02)  # products in bfloat16
    counts = dict(Sequences(Path("data/sequences.db")).vocabulary.entries[2:])
    share = counts["king"] / sum(counts.values())
    assert float(lines[1]["log_frequency"]) == pytest.approx(math.log2(share), rel=1e-12)
    assert (lines[-2]["log_frequency"], lines[-1]["log_frequency"]) == ("", "")  # UNKNOWN, END
    pieces = [*csv.DictReader(ask("score", str(tmp_path / "text"), "--pieces")[0].splitlines())]
    assert [line["surprisal"] for line in pieces] == [line["surprisal"] for line in lines]  # a word is a piece
    own = list(chances).index("king") + 1
    assert own <= int(pieces[1]["rank"]) <= own + 3  # START, END and UNKNOWN have ranks, too
    found = json.loads(ask("score", str(tmp_path / "text"), "--json")[0])
    known = [float(line["surprisal"]) for line in lines if line["unknown"] == "0" and line["word"] != "END"]
    assert 2 ** np.mean(known) == pytest.approx(found["known_perplexity"], rel=0.02)
    told = json.loads(ask("score", str(tmp_path / "text"), "--words", "--json")[0])
    assert told["total_bits"] == pytest.approx(sum(float(line["surprisal"]) for line in lines), abs=1e-6)
    assert told["end_bits"] == pytest.approx(sum(float(lines[n]["surprisal"]) for n in (5, 10)), abs=1e-6)


def test_a_text_of_unknown_words_is_warned_of_and_may_be_given_as_it_is(run: Path, ask: Ask, refused: Refused) -> None:
    first, *lines = ask("score", "Quo usque tandem abutere.")[0].splitlines()
    assert ask("score", "Quo", "usque/tandem", "abutere")[0].splitlines() == [first, *lines]  # without quotes
    assert first.startswith("100.0% of the words are UNKNOWN to the model")
    assert lines[1].split()[:3] == ["known", "words", "-"]
    assert json.loads(ask("score", *["the king " * 99] * 2, "--json")[0])["tokens"] == 396
    assert refused("score", "my texts/old novel").startswith("my texts/old novel: not found; give a text file, a sen")


def test_several_files_are_scored_each_and_all(run: Path, ask: Ask, refused: Refused) -> None:
    for name, number in (("a.txt", 1), ("b.txt", 2)):
        Path(name).write_text(text_of(number), encoding="utf-8")
    Path("both.txt").write_text(f"{text_of(1)}\n{text_of(2)}", encoding="utf-8")
    alone = [json.loads(ask("score", file, "--json")[0]) for file in ("a.txt", "b.txt", "both.txt")]
    *each, every = json.loads(ask("score", "a.txt", "b.txt", "--json")[0])
    assert each == alone[:2]
    assert every == alone[2] | {"file": "all"}
    lines = ask("score", "a.txt", "b.txt")[0].splitlines()
    assert [line for line in lines if line.endswith(":")] == ["a.txt:", "b.txt:", "all:"]
    assert refused("score", "a.txt", "b.txt", "--words") == "--words takes one file, not 2"


def test_a_file_without_text_is_an_error_of_one_line(run: Path, tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "junk").write_bytes(b"abc\n\xff")
    told = refused("score", str(tmp_path / "junk"))
    assert told == f"{tmp_path}/junk, line 2: is not UTF-8 text: invalid start byte at byte 4; save it as UTF-8"
    assert refused("score", str(tmp_path)).endswith(": Is a directory")
    assert refused("score", str(tmp_path / "junk"), "more").startswith(f"{tmp_path}/junk more: not found; ")


def test_a_text_is_scored_as_the_model_was_trained_whatever_params_yaml_says_now(
    copied: Path, ask: Ask, refused: Refused
) -> None:
    text, counts = copied / "text", copied / "models/gru/target_counts.npy"
    text.write_text("the king\n" * 40)
    score = ("score", str(text), "--data", str(copied))
    told = ask(*score)
    change_params(copied.parent / "params.yaml", {"index.end_fraction": 0.0, "train.seed": 5})
    assert ask(*score) == told
    for size in (100, 0):
        counts.write_bytes(counts.read_bytes()[:size])
        assert refused(*score).startswith(f"{counts}: is damaged (")
    counts.unlink()  # only language models have it
    assert refused(*score) == f"{copied}/models: holds no language model; run `dvc repro`"


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


def test_a_text_is_also_scored_with_dynamic_evaluation(other: Path, copied: Path, ask: Ask, refused: Refused) -> None:
    text, figures = other / "text", read_json(Path("data/metrics/train/gru.json"))
    text.write_text(held_out_text(), encoding="utf-8")
    told = refused("score", str(text), "--dynamic", "--data", str(copied))
    assert told.startswith("gru: training chose nothing for dynamic evaluation; set models.gru.dynamic_evaluation to ")
    plain, found = (json.loads(ask("score", str(text), "--json", *more)[0]) for more in ((), ("--dynamic",)))
    assert found.pop("dynamic_perplexity") == pytest.approx(figures["test_dynamic_perplexity"], rel=1e-6)
    assert found == plain
    lines = ask("score", str(text), "--dynamic")[0].splitlines()
    assert lines[1].split()[1:] == ["with", "dynamic", "evaluation"]
    gradients = other / "data/models/gru/gradient_rms.safetensors"
    gradients.write_bytes(gradients.read_bytes()[:100])
    assert refused("score", str(text), "--data", str(other / "data"), "--dynamic").startswith(
        f"{gradients}: is damaged ("
    )
