"""`wikilm generate` and `wikilm score`."""

import io
import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from pipeline.run.outputs import read_json
from pipeline.store.sequences import Sequences
from pipeline.store.vocabulary import END
from tests.commands.conftest import Ask, held_out_text
from tests.conftest import change_params

Refused = Callable[..., str]


@pytest.fixture
def copied(made_run: Path, tmp_path: Path) -> Path:
    """A copy of the folder of a small run, that may be written to."""
    return shutil.copytree(made_run, tmp_path / "copied")


def test_the_test_splits_own_text_scores_what_training_measured(run: Path, tmp_path: Path, ask: Ask) -> None:
    figures = read_json(Path("data/metrics/train-gru.json"))
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


def test_a_text_from_stdin_is_told_in_aligned_lines(run: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\ufeffThe KING rules.\nSo!\nThe xylophone rules the land.\n"
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
    printed, note = ask("score", "-")
    lines = dict(line.split(maxsplit=1) for line in printed.splitlines())
    assert list(lines) == ["perplexity", "unigram", "accuracy", "tokens", "UNKNOWN", "END"]
    assert lines["tokens"] == "8  in 2 sentence(s); 1 shorter left out"
    assert "(train.end_fraction 0.5)" in lines["END"]
    assert len({line.index(line.split()[2]) for line in printed.splitlines()}) == 1
    assert note.startswith("gru: test perplexity ")


def test_what_is_no_text_is_one_line(
    run: Path, tmp_path: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "short").write_text("So!\nYes.\n")
    (tmp_path / "junk").write_bytes(b"abc \xff")
    assert refused("score", "none") == "none: not found; give the name of a text file, or - for stdin"
    assert refused("score", str(tmp_path / "short")).endswith("short: no sentence of 2 or more words in it")
    assert refused("score", str(tmp_path / "junk")).endswith("is not UTF-8 text: invalid start byte at byte 4")
    assert refused("score", str(tmp_path)).endswith(": Is a directory")
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO()))
    assert refused("score", "-") == "stdin: no sentence of 2 or more words in it"


def test_generation_goes_on_from_the_prompt_and_repeats_by_its_seed(run: Path, ask: Ask) -> None:
    prompt = ("generate", "The king", "--words", "12")
    text, note = ask(*prompt, "--seed", "5")
    assert text.startswith("the king ")
    assert note.startswith("gru (test perplexity ")
    assert ", seed 5; " in note
    assert ask(*prompt, "--seed", "5")[0] == text
    assert ask("generate", "the", "king", "--words", "12", "--seed", "5")[0] == text
    texts = {ask(*prompt, "--seed", str(seed))[0] for seed in range(5)}
    assert len(texts) > 1
    seeds = {json.loads(ask(*prompt, "--json")[0])["seed"] for _ in range(2)}
    assert len(seeds) == 2


def test_generation_ends_at_end_or_after_so_many_words_and_writes_known_ones_alone(run: Path, ask: Ask) -> None:
    known = set(Sequences(Path("data/sequences.db")).words()[2:-1])
    ended = set()
    for seed in range(12):
        found = json.loads(ask("generate", "--words", "6", "--seed", str(seed), "--json")[0])
        words = found["text"].split()
        assert set(words) <= known
        assert len(words) == found["words"]
        assert found["ended"] == (len(words) < 6)
        ended.add(found["ended"])
    assert ended == {True, False}


def test_of_one_likeliest_word_every_seed_writes_the_same(run: Path, ask: Ask) -> None:
    greedy = {ask("generate", "the", "--top-k", "1", "--words", "5", "--seed", str(seed))[0] for seed in range(3)}
    assert len(greedy) == 1


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["the", "kings"], "not among the 20 words of gru: 'kings' (nearest in spelling: king)"),
        (["START"], "not among the 20 words of gru: 'start' (and none is spelled nearly so)"),
        (["the", "--words", "0"], "--words is 0: give a number from 1 to 10000"),
        (["the", "--temperature", "0"], "--temperature is 0.0: input should be greater than "),
        (["the", "--top-k", "-1"], "--top-k is -1: input should be greater than or equal to 0"),
        (["the", "--top-p", "1.5"], "--top-p is 1.5: input should be less than or equal to 1"),
        (["the", "--seed", "-1"], "--seed is -1: give a number from 0 to 4294967295"),
        (["the", "--model", "svd"], "--model svd: is of kind svd, trained for its vectors alone; gru, lstm can read"),
        (["the", "--model", "lstm"], "data/models/lstm/weights.pt: not found; run `dvc repro train@lstm`"),
        (["the", "--data", "x"], "x/models: holds no recurrent language model; run `dvc repro`"),
    ],
)
def test_what_cannot_be_written_is_one_line(run: Path, refused: Refused, arguments: list[str], problem: str) -> None:
    assert refused("generate", *arguments).startswith(problem)


def test_of_several_models_the_one_of_least_test_perplexity_writes(copied: Path, ask: Ask) -> None:
    data = copied / "data"
    shutil.copytree(data / "models/gru", data / "models/lstm")
    figures = read_json(data / "metrics/train-gru.json")
    less = figures["test_perplexity"] / 2
    (data / "metrics/train-lstm.json").write_text(json.dumps(figures | {"test_perplexity": less}))
    note = ask("generate", "the", "--seed", "1", "--data", str(data))[1]
    assert note.startswith(f"lstm (test perplexity {less:.1f}, best of 2), seed 1; ")


def test_a_model_of_another_vocabulary_is_refused(copied: Path, refused: Refused) -> None:
    data = copied / "data"
    settings = read_json(data / "models/gru/model.json")
    weights = torch.load(data / "models/gru/weights.pt", weights_only=True)
    for key in ("embedding.weight", "output.weight", "output.bias"):
        weights[key] = weights[key][:-1]
    torch.save(weights, data / "models/gru/weights.pt")
    (data / "models/gru/model.json").write_text(json.dumps(settings | {"vocabulary_size": 22}))
    error = refused("generate", "the", "--data", str(data))
    assert error.endswith(f"models/gru: knows 22 word ids, {data}/sequences.db has 23; run `dvc repro train@gru`")


def damage_metrics(data: Path) -> None:
    (data / "metrics/train-gru.json").write_bytes(b"{")


def damage_weights(data: Path) -> None:
    path = data / "models/gru/weights.pt"
    path.write_bytes(path.read_bytes()[:50])


def damage_settings(data: Path) -> None:
    path = data / "models/gru/model.json"
    path.write_text(json.dumps(read_json(path) | {"no_longer": 1}))


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (damage_metrics, "data/metrics/train-gru.json: is damaged ("),
        (damage_weights, "data/models/gru: its model.json and weights.pt cannot be read ("),
        (damage_settings, "data/models/gru: its model.json and weights.pt cannot be read (TypeError: "),
    ],
)
def test_what_is_damaged_is_one_line(
    copied: Path, refused: Refused, damage: Callable[[Path], None], problem: str
) -> None:
    damage(copied / "data")
    assert refused("generate", "the", "--data", str(copied / "data")).startswith(f"{copied}/{problem}")


def test_a_text_is_scored_as_the_model_was_trained_whatever_params_yaml_says_by_now(
    copied: Path, ask: Ask, refused: Refused
) -> None:
    data, text = copied / "data", copied / "text"
    text.write_text("the king\n" * 40)
    told = ask("score", str(text), "--data", str(data))
    change_params(copied / "params.yaml", {"train.end_fraction": 0.0, "train.seed": 5})
    assert ask("score", str(text), "--data", str(data)) == told
    counts = (data / "models/gru/target_counts.npy").read_bytes()
    for damaged in (b"", counts[: len(counts) // 2]):
        (data / "models/gru/target_counts.npy").write_bytes(damaged)
        error = refused("score", str(text), "--data", str(data))
        assert error.startswith(f"{data}/models/gru: train.json or target_counts.npy is damaged; run ")
    (data / "models/gru/train.json").unlink()
    error = refused("score", str(text), "--data", str(data))
    assert error.endswith("models/gru/train.json: not found; run `dvc repro train@gru`")


def test_the_perplexity_of_the_unigram_is_that_of_counts_and_one(copied: Path, ask: Ask) -> None:
    drawn = copied / "data/models/gru/train.json"
    drawn.write_text(json.dumps(read_json(drawn) | {"end_fraction": 0.0}))
    sequences = Sequences(copied / "data/sequences.db")
    counts, words = np.load(drawn.with_name("target_counts.npy")), sequences.words()
    assert np.array_equal(np.delete(counts, END), np.delete(sequences.word_counts("train"), END))
    text = copied / "text"
    text.write_text("the king")
    found = json.loads(ask("score", str(text), "--data", str(copied / "data"), "--json")[0])
    chances = [(counts[words.index(word)] + 1) / (counts + 1).sum() for word in ("the", "king")]
    assert found["ends"] == 0
    assert found["unigram_perplexity"] == pytest.approx(math.exp(-sum(map(math.log, chances)) / 2))
