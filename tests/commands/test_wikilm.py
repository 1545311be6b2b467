"""`import wikilm`: the same answers and the same errors as the command has."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import torch

import wikilm
from tests.commands.conftest import Ask, held_out_text
from wikilm.packed import shipped
from wikilm.packed_model import ZIP


def a_model() -> wikilm.LanguageModel:
    return wikilm.open().language_model()


def test_a_run_opens_by_its_folder_and_from_any_folder_of_its_project(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert wikilm.open("data").path == wikilm.open().path == run / "data"
    monkeypatch.chdir("data/models/gru")
    opened = wikilm.open()
    assert (opened.path, a_model().name, opened.params.vocabulary.size) == (run / "data", "gru", 22)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(wikilm.Error, match=r"params.yaml: not found, neither here nor in a folder above"):
        wikilm.open()
    for folder in ("data", "below"):
        Path(folder).mkdir()
    Path("params.yaml").write_bytes((run / "params.yaml").read_bytes())
    monkeypatch.chdir("below")
    assert a_model().name == "enwiki-40m"  # before any run, as the commands answer


def test_next_words_are_the_likeliest_with_their_probabilities(run: Path) -> None:
    model, every = a_model(), a_model().predict("The king", top=100)
    chances = [chance for _, chance in every.words]
    assert chances == sorted(chances, reverse=True)
    assert {word for word, _ in every.words} == set(wikilm.open().sequences.vocabulary.words)
    assert 1 > sum(chances) + every.unknown + every.end > 0.9  # START has the rest
    assert model.next_words("The KING", top=3) == every.words[:3]
    assert model.generate("the king", words=1, top_k=1) == f"the king {every.words[0][0]}"


def test_states_predict_the_distribution_and_each_word_adds_one(run: Path) -> None:
    model, text = a_model(), "the king"
    states, chances, found = model.states(text), model.distribution(text), model.predict(text, top=2)
    assert (states.shape, str(states.dtype), chances.shape, str(chances.dtype)) == ((3, 4), "float32", (23,), "float64")
    np.testing.assert_array_equal(states[:2], model.states("the"))
    np.testing.assert_array_equal(states[:1], model.states(""))
    logits = model.network.logits(torch.from_numpy(states[-1:])).double()
    np.testing.assert_allclose(chances, torch.softmax(logits, 1)[0].numpy())
    assert (chances[1], chances[-1]) == (found.end, found.unknown)
    assert chances[model.read(found.words[0][0])[1]] == [found.words[0][1]]
    assert chances.sum() == pytest.approx(1)


def test_what_one_sees_of_an_object_is_what_one_knows_of_it(run: Path, tmp_path: Path) -> None:
    opened = wikilm.open()
    model = opened.language_model()
    objects = (opened, model, opened.sequences, model.vocabulary, wikilm.open_language_model())
    assert [*map(repr, objects)] == [
        f"<wikilm run {run}/data>",
        "<wikilm language model gru: GRU, 22 words>",
        f"<wikilm sequences {run}/data/sequences.db>",
        "<wikilm vocabulary: 22 words>",
        "<wikilm language model enwiki-40m: GRU with n-grams, 8,000 pieces>",
    ]


def test_a_packed_model_opens_without_a_run_and_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    file = shipped(ZIP)["enwiki-40m"]
    for model in (wikilm.open_language_model(), wikilm.open_language_model("enwiki-40m")):
        assert (model.name, model.why) == ("enwiki-40m", ", which comes with wikilm")
    given = wikilm.open_language_model(file)
    assert (given.name, given.why) == ("enwiki-40m", "")
    text = "The capital of France is Paris."
    cut, _ = given.read(text)
    assert [each.word for each in given.surprisals(text, pieces=True).rows] == [*cut, "END"]
    assert given.distribution(text).argmax() == model.distribution(text).argmax()
    assert given.generate("The", words=3, seed=1) == model.generate("The", words=3, seed=1)
    assert given.score(text)["tokens"] == len(cut)
    assert not list(tmp_path.iterdir())


def test_texts_figures_and_vectors_are_those_of_the_command(run: Path, tmp_path: Path, ask: Ask) -> None:
    model, four = a_model(), cast(int, np.int64(4))  # numbers may be NumPy's
    drawn = model.generate("The king", words=four, temperature=0.7, top_k=four, top_p=0.9, seed=four)
    options = ("--words", "4", "--temperature", "0.7", "--top-k", "4", "--top-p", "0.9", "--seed", "4")
    assert ask("generate", "The king", *options)[0] == drawn + "\n"
    (tmp_path / "text").write_text(held_out_text(), encoding="utf-8")
    found = json.loads(ask("score", str(tmp_path / "text"), "--json")[0])
    assert {"file": str(tmp_path / "text"), **model.score(held_out_text())} == found
    assert model.perplexity(held_out_text()) == found["perplexity"]
    vectors = wikilm.open().vectors("svd")
    assert np.array_equal(vectors.vectors, np.load("data/embeddings/svd/vectors.npy"))
    words = json.loads(ask("neighbours", "king", "--model", "svd", "--json")[0])["words"]
    assert [word for word, _ in vectors.most_similar("king")] == [each["word"] for each in words]
    best = json.loads(ask("neighbours", "king", "--json")[0])["model"]
    assert np.array_equal(wikilm.open().vectors().vectors, np.load(f"data/embeddings/{best}/vectors.npy"))


def test_packed_vectors_are_gensims_too() -> None:
    assert wikilm.open_vectors("enwiki-16m").most_similar(["king", "woman"], ["man"])[0][0] == "queen"


def test_batches_hold_each_row_of_a_split_once_and_repeat_with_their_seed(run: Path) -> None:
    sequences = wikilm.open().sequences
    ids, _ = sequences.ids_and_lengths("train")
    batches = lists(sequences.batches(5, seed=1))
    assert [len(batch) for batch in batches] == [5] * (len(ids) // 5) + [len(ids) % 5] * (len(ids) % 5 > 0)
    assert sorted(row for batch in batches for row in batch) == sorted(
        row.tolist() for row in sequences.rows(ids.tolist())
    )
    assert batches == lists(sequences.batches(5, seed=1)) != lists(sequences.batches(5, seed=2))
    (first, *_), *_ = sequences.batches(5, split="test")
    assert first.tolist() == sequences.rows([int(sequences.ids_and_lengths("test")[0][0])])[0].tolist()


def lists(batches: Iterable[list[np.ndarray]]) -> list[list[list[int]]]:
    return [[row.tolist() for row in batch] for batch in batches]


@pytest.mark.parametrize(
    ("mistake", "told"),
    [
        (lambda: wikilm.open("nope"), "nope: no such folder; `dvc repro` makes it, or give another"),
        (lambda: a_model().next_words("the", top=cast(int, "3")), "top is '3'; it must be a whole number from 1 to"),
        (lambda: a_model().generate("the", seed=cast(int, 1.5)), "seed is 1.5; it must be a whole number from 0 to"),
        (lambda: a_model().generate("the", top_p=2), "top_p is 2; it must be less than or equal to 1"),
        (lambda: a_model().generate("the", words=0), "words is 0; it must be a whole number from 1 to 10000"),
        (lambda: a_model().perplexity(""), "the text: has no sentence of 2 or more words"),
        (lambda: next(wikilm.open().sequences.batches(0)), "size is 0; it must be at least 1"),
        (lambda: next(wikilm.open().sequences.batches(1, split="dev")), "split is 'dev'; it must be one of train, val"),
        (lambda: wikilm.strip_markup("", language="german"), "language is 'german'; it must be the code of a Wikip"),
        (lambda: wikilm.open_vectors("data/"), "data: no such file; give the name of one that comes with"),
        (lambda: wikilm.open_language_model("enwiki-16m"), "enwiki-16m: no such language model comes with wikilm; it "),
        (lambda: wikilm.open_language_model(Path("a/b.zip")), "a/b.zip: no such file; give the name of one that comes"),
        (lambda: wikilm.open_language_model("params.yaml"), "params.yaml: no such language model comes with wikilm; i"),
        (lambda: a_model().states(cast(str, ["the"])), "['the'] is of type list; give text, such as 'the king'"),
    ],
)
def test_a_mistake_is_an_exception_of_one_line(run: Path, mistake: Callable[[], object], told: str) -> None:
    with pytest.raises(wikilm.Error) as error:
        mistake()
    assert str(error.value).removeprefix(f"{run}/").startswith(told)
    assert "\n" not in str(error.value)
