"""`wikilm generate` and `wikilm next`."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from pipeline.run.outputs import read_json, write_json
from tests.commands.conftest import Ask, Refused
from tests.conftest import SetParams


def test_texts_continue_the_prompt_with_known_words_and_have_seeds_in_a_row(run: Path, ask: Ask) -> None:
    found = json.loads(ask("generate", "The king", "--words", "6", "--seed", "4", "-n", "12", "--json")[0])
    known = set(Path("data/embeddings/gru/vocabulary.txt").read_text(encoding="utf-8").split())
    for each in found:
        start, words = each["text"][:8], each["text"][8:].split()
        assert (start, len(words), set(words) <= known) == ("the king", each["words"], True)
        assert each["ended"] == (len(words) < 6)
    assert [each["seed"] for each in found] == list(range(4, 16))
    assert {each["ended"] for each in found} == {True, False}
    printed, note = ask("generate", "the", "king", "--words", "6", "--seed", "4", "-n", "2")
    assert printed == "".join(f"{each['text']}\n" for each in found[:2])
    assert note.endswith(", seeds 4 to 5\n")
    assert ask("generate", "the king", "--words", "6", "--seed", "5")[0].rstrip() == found[1]["text"]
    assert len({json.loads(ask("generate", "the", "--json")[0])["seed"] for _ in range(2)}) == 2


def test_the_likeliest_words_are_listed_with_their_probabilities(run: Path, ask: Ask) -> None:
    printed, note = ask("next", "The king", "--top", "3")
    found = json.loads(ask("next", "the", "king", "--top", "3", "--json")[0])
    shown = [f"{each['word']} {each['probability']:.1%}" for each in found["words"]]
    assert [" ".join(line.split()) for line in printed.splitlines()] == shown
    assert note.startswith("gru, the best of 1 (test perplexity ")
    assert note.endswith(f"UNKNOWN {found['unknown']:.1%}, the sentence ends {found['end']:.1%}\n")


def test_words_that_the_model_does_not_know_are_read_as_unknown_and_told(run: Path, ask: Ask) -> None:
    chances = [json.loads(ask("next", "the", word, "--json")[0])["words"] for word in ("xylophone", "zither", "king")]
    assert chances[0] == chances[1] != chances[2]
    printed, note = ask("generate", "the", "Xylophone", "--seed", "1")
    assert printed.startswith("the xylophone ")
    assert note.endswith("; reads the UNKNOWN\n")


def test_settings_without_a_language_model_are_told(set_params: SetParams, refused: Refused) -> None:
    set_params({"models": {"svd": {"kind": "svd"}}})  # as the preset embeddings has no language model
    Path("data").mkdir()
    Path("data/sequences.db").touch()  # without a run the shipped model would answer
    told = "params.yaml: models has no language model; add one, such as `gru: {unit: gru}`, and run `dvc repro`"
    assert refused("next", "the") == refused("next", "the", "--model", "svd") == told


@pytest.mark.parametrize(("batches", "before"), [("random_rows", 0), ("stream", 1)])
def test_a_sentence_begins_as_it_did_in_training(
    copied: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch, batches: str, before: int
) -> None:
    prompts = []

    def record(model: object, prompt: torch.Tensor, *_: object, **__: object) -> list[list[int]]:
        prompts.append(prompt.tolist())
        return [[2]]

    monkeypatch.setattr("pipeline.trained.predictions.sample", record)
    path = copied / "models/gru/model.json"
    changed = read_json(path)
    changed["settings"]["batches"] = {"kind": batches}
    write_json(path, changed)
    ask("generate", "the", "--data", str(copied))
    assert prompts == [[[before, 2]]]  # START or END, then "the"


def test_the_model_of_the_lowest_validation_perplexity_writes(copied: Path, ask: Ask) -> None:
    shutil.copytree(copied / "models/gru", copied / "models/lstm")
    figures = {"valid_perplexity": 2.0, "test_perplexity": 1000.0}  # the test split has no say
    write_json(copied / "metrics/train/lstm.json", figures)
    note = ask("generate", "the", "--seed", "1", "--data", str(copied))[1]
    assert note.startswith("lstm, the best of 2 (test perplexity 1,000.0), seed 1; ")
    for name in ("gru", "lstm"):
        (copied / f"metrics/train/{name}.json").unlink()
    note = ask("generate", "the", "--seed", "1", "--data", str(copied))[1]
    assert note.startswith("gru, the first of 2 (not compared), seed 1; ")


def flip_a_bit(content: bytes) -> bytes:
    half = len(content) // 2
    return content[:half] + bytes([content[half] ^ 1]) + content[half + 1 :]


def changed(key: str, value: object) -> Callable[[bytes], bytes]:
    return lambda content: json.dumps(json.loads(content) | {key: value}).encode()


@pytest.mark.parametrize(
    ("file", "damage", "problem"),
    [
        ("metrics/train/gru.json", lambda content: b"{", "/gru.json: is damaged ("),
        ("models/gru/weights.safetensors", lambda content: content[:50], "/weights.safetensors: is damaged ("),
        ("models/gru/weights.safetensors", flip_a_bit, "/weights.safetensors: is damaged ("),
        ("models/gru/model.json", changed("settings", {}), "/model.json: lacks settings.unit; "),
        ("models/gru/model.json", changed("vocabulary", "another"), ": was trained with another vocabulary than "),
        ("models/gru/model.json", None, "/model.json: not found; run `dvc repro train@gru`"),
        ("sequences.db", lambda content: content[:-1], "/sequences.db: is damaged (ValueError: it has "),
    ],
)
def test_a_damaged_file_is_an_error_of_one_line(
    copied: Path, refused: Refused, file: str, damage: Callable[[bytes], bytes] | None, problem: str
) -> None:
    path = copied / file
    if damage:
        path.write_bytes(damage(path.read_bytes()))
    else:
        path.unlink()
    assert refused("generate", "the", "--data", str(copied)).startswith(f"{path.parent}{problem}")


def test_what_dvc_is_making_now_is_waited_for(copied: Path, refused: Refused) -> None:
    (copied / "models/gru/model.json").unlink()
    (lock := copied.parent / ".dvc/tmp/rwlock").parent.mkdir(parents=True)
    (killed := subprocess.Popen("true")).wait()
    for output, pid, advice in (
        ("models/gru", os.getpid(), "DVC is making it: wait"),
        ("models/gru", killed.pid, "run `dvc repro train@gru`"),
        ("models/gru-wide", os.getpid(), "run `dvc repro train@gru`"),
    ):
        lock.write_text(json.dumps({"write": {str(copied / output): {"pid": pid, "cmd": "dvc repro"}}}))
        assert refused("generate", "the", "--data", str(copied)).endswith(f"model.json: not found; {advice}")
