"""`wikilm generate`."""

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from pipeline.run.outputs import read_json, write_json
from pipeline.store.sequences import Sequences
from tests.commands.conftest import Ask, Refused
from tests.training.test_resume import Code


def test_text_continues_the_prompt_and_repeats_with_its_seed(run: Path, ask: Ask) -> None:
    prompt = ("generate", "The king", "--words", "12")
    text, note = ask(*prompt, "--seed", "5")
    assert text.startswith("the king ")
    figures = read_json(Path("data/metrics/train/gru.json"))
    valid, test = (f"{figures[f'{split}_perplexity']:.1f}" for split in ("valid", "test"))
    assert note.startswith(f"gru (validation perplexity {valid}, best of 1; test {test}), seed 5; ")
    assert ask(*prompt, "--seed", "5")[0] == text
    assert ask("generate", "the", "king", "--words", "12", "--seed", "5")[0] == text
    texts = {ask(*prompt, "--seed", str(seed))[0] for seed in range(5)}
    assert len(texts) > 1
    seeds = {json.loads(ask(*prompt, "--json")[0])["seed"] for _ in range(2)}
    assert len(seeds) == 2


def test_text_ends_at_end_or_after_words_and_holds_known_words_alone(run: Path, ask: Ask) -> None:
    known = set(Sequences(Path("data/sequences.db")).vocabulary.words)
    ended = set()
    for seed in range(12):
        found = json.loads(ask("generate", "--words", "6", "--seed", str(seed), "--json")[0])
        words = found["text"].split()
        assert set(words) <= known
        assert len(words) == found["words"]
        assert found["ended"] == (len(words) < 6)
        ended.add(found["ended"])
    assert ended == {True, False}


def test_several_texts_have_seeds_in_a_row(run: Path, ask: Ask) -> None:
    printed, note = ask("generate", "the", "-n", "3", "--seed", "4")
    each = [ask("generate", "the", "--seed", str(seed))[0] for seed in (4, 5, 6)]
    assert printed == "".join(each)
    assert note.endswith(", seeds 4 to 6\n")
    found = json.loads(ask("generate", "the", "-n", "3", "--seed", "4", "--json")[0])
    assert [text["text"] + "\n" for text in found] == each
    assert [text["seed"] for text in found] == [4, 5, 6]


def test_with_top_k_1_every_seed_writes_the_same(run: Path, ask: Ask) -> None:
    greedy = {ask("generate", "the", "--top-k", "1", "--words", "5", "--seed", str(seed))[0] for seed in range(3)}
    assert len(greedy) == 1


@pytest.mark.parametrize(("batches", "before"), [("sentences", 0), ("stream", 1)])
def test_a_sentence_begins_as_it_did_in_training(
    copied: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch, batches: str, before: int
) -> None:
    prompts = []

    def record(model: object, prompt: torch.Tensor, *_: object, **__: object) -> list[list[int]]:
        prompts.append(prompt.tolist())
        return [[2]]

    monkeypatch.setattr("pipeline.training.written.sample", record)
    path = copied / "models/gru/model.json"
    changed = read_json(path)
    changed["settings"]["batches"] = {"kind": batches}
    write_json(path, changed)
    ask("generate", "the", "--data", str(copied))
    assert prompts == [[[before, 2]]]  # START or END, then "the"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["the", "kings"], "not among the 20 words of gru: 'kings' (nearest in spelling: king)"),
        (["START"], "not among the 20 words of gru: 'start' (no word has a similar spelling)"),
        (["the", "--words", "0"], "--words is 0; it must be a whole number from 1 to 10000"),
        (["the", "-n", "0"], "--number is 0; it must be a whole number from 1 to 10000"),
        (["the", "--temperature", "0"], "--temperature is 0.0; it must be greater than or equal to 0.01"),
        (["the", "--top-k", "-1"], "--top-k is -1; it must be greater than or equal to 0"),
        (["the", "--top-p", "1.5"], "--top-p is 1.5; it must be less than or equal to 1"),
        (["the", "--seed", "-1"], "--seed is -1; it must be a whole number from 0 to 4294967295"),
        (["the", "--model", "svd"], "svd: is of kind svd, trained for its vectors alone; gru, lstm can read"),
        (["the", "--model", "grue"], "params.yaml: models has no 'grue'; it has gru, lstm, embedding, "),
        (["the", "--model", "lstm"], "data/models/lstm/target_counts.npy: not found; run `dvc repro train@lstm`"),
        (["the", "--data", "x"], "x: no such folder"),
    ],
)
def test_a_mistake_is_an_error_of_one_line(run: Path, refused: Refused, arguments: list[str], problem: str) -> None:
    assert refused("generate", *arguments).startswith(problem)


def test_the_model_of_the_lowest_validation_perplexity_writes(copied: Path, ask: Ask) -> None:
    shutil.copytree(copied / "models/gru", copied / "models/lstm")
    figures = {"valid_perplexity": 2.0, "test_perplexity": 1000.0}  # the test split has no say
    write_json(copied / "metrics/train/lstm.json", figures)
    note = ask("generate", "the", "--seed", "1", "--data", str(copied))[1]
    assert note.startswith("lstm (validation perplexity 2.0, best of 2; test 1000.0), seed 1; ")
    for name in ("gru", "lstm"):
        (copied / f"metrics/train/{name}.json").unlink()
    note = ask("generate", "the", "--seed", "1", "--data", str(copied))[1]
    assert note.startswith("gru (the first of 2 in params.yaml; not compared), seed 1; ")


def test_a_model_of_another_vocabulary_is_an_error(copied: Path, refused: Refused) -> None:
    record = copied / "models/gru/model.json"
    record.write_text(json.dumps(read_json(record) | {"vocabulary": "another of the same size"}))
    assert refused("generate", "the", "--data", str(copied)) == (
        f"{copied}/models/gru: was trained with another vocabulary than sequences.db has; run `dvc repro train@gru`"
    )


def test_a_model_whose_settings_are_missing_is_an_error(copied: Path, refused: Refused) -> None:
    record = copied / "models/gru/model.json"
    record.unlink()
    assert refused("generate", "the", "--data", str(copied)) == f"{record}: not found; run `dvc repro train@gru`"


@pytest.mark.parametrize("change", ["SET word = 'kong' WHERE word = 'king'", "SET id = 99 WHERE id = 3"])
def test_a_vocabulary_that_was_changed_is_an_error(copied: Path, refused: Refused, change: str) -> None:
    with contextlib.closing(sqlite3.connect(copied / "sequences.db")) as database, database:
        database.execute(f"UPDATE vocabulary {change}")
    assert refused("generate", "the", "--data", str(copied)) == (
        f"{copied}/sequences.db: its vocabulary is not the one that numbers its words; run `dvc repro --force index`"
    )


def flip_a_bit(content: bytes) -> bytes:
    half = len(content) // 2
    return content[:half] + bytes([content[half] ^ 1]) + content[half + 1 :]


@pytest.mark.parametrize(
    ("file", "damage", "problem"),
    [
        ("metrics/train/gru.json", lambda content: b"{", ""),
        ("models/gru/weights.pt", lambda content: content[:50], ""),
        ("models/gru/weights.pt", lambda content: content[: len(content) * 2 // 3], ""),
        ("models/gru/weights.pt", flip_a_bit, ""),
        (
            "models/gru/model.json",
            lambda content: json.dumps(json.loads(content) | {"settings": {}}).encode(),
            "KeyError: ",
        ),
        ("sequences.db", lambda content: content[:-1], "ValueError: it has "),
    ],
)
def test_a_damaged_file_is_an_error_of_one_line(
    copied: Path, refused: Refused, file: str, damage: Callable[[bytes], bytes], problem: str
) -> None:
    path = copied / file
    path.write_bytes(damage(path.read_bytes()))
    assert refused("generate", "the", "--data", str(copied)).startswith(f"{path}: is damaged ({problem}")


def test_weights_with_code_in_them_run_nothing(copied: Path, refused: Refused) -> None:
    path = copied / "models/gru/weights.pt"
    torch.save({"embedding.weight": Code(copied / "ran")}, path)
    assert refused("generate", "the", "--data", str(copied)).startswith(f"{path}: is damaged (")
    assert not (copied / "ran").exists()
