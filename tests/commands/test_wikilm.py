"""`import wikilm`: the same answers and the same errors as the command has."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
import pytest

import wikilm
from pipeline.run.outputs import read_json
from pipeline.vectors.scaling import quantised
from tests.commands.conftest import Ask, held_out_text
from tests.conftest import HERE
from tests.picture import PICTURE
from wikilm.packed import Packed, write_packed


def test_a_run_opens_by_its_folder_and_from_any_folder_of_its_project(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = wikilm.open("data")
    assert opened.path == wikilm.open().path == run / "data"
    monkeypatch.chdir("data/models/gru")
    assert wikilm.open().path == run / "data"
    assert opened.language_model().name == "gru"
    assert wikilm.open().language_model().name == "gru"
    assert wikilm.open().params.vocabulary.size == 22


def test_next_words_are_the_likeliest_with_their_probabilities(run: Path) -> None:
    model = wikilm.open().language_model()
    found = model.next_words("The KING", top=3)
    assert len(found) == 3
    assert [chance for _, chance in found] == sorted((chance for _, chance in found), reverse=True)
    every = model.predict("The king", top=100)
    assert every.words[:3] == found
    assert {word for word, _ in every.words} == set(run_words())
    assert sum(chance for _, chance in every.words) + every.unknown + every.end == pytest.approx(1, abs=0.1)
    assert sum(chance for _, chance in every.words) < 1


def run_words() -> list[str]:
    return wikilm.open().sequences.vocabulary.words


def test_the_likeliest_next_word_is_the_one_that_is_written(run: Path) -> None:
    model = wikilm.open().language_model("gru")
    ((word, _),) = model.next_words("the", top=1)
    assert model.generate("the", words=1, top_k=1) == f"the {word}"


def test_texts_and_figures_are_those_of_the_command(run: Path, tmp_path: Path, ask: Ask) -> None:
    model = wikilm.open().language_model()
    drawn = model.generate("The king", words=12, temperature=0.7, top_k=9, top_p=0.9, seed=4)
    options = ("--words", "12", "--temperature", "0.7", "--top-k", "9", "--top-p", "0.9", "--seed", "4")
    assert ask("generate", "The king", *options)[0] == drawn + "\n"
    (tmp_path / "text").write_text(held_out_text(), encoding="utf-8")
    found = json.loads(ask("score", str(tmp_path / "text"), "--json")[0])
    assert model.perplexity(held_out_text()) == found["perplexity"]
    assert {"file": str(tmp_path / "text"), **model.score(held_out_text())} == found
    assert model.perplexity(held_out_text()) == pytest.approx(
        read_json(Path("data/metrics/train/gru.json"))["test_perplexity"], rel=1e-6
    )


def test_numbers_may_be_numpys(run: Path) -> None:
    model, one, four = wikilm.open().language_model(), cast(int, np.int64(1)), cast(int, np.int64(4))
    assert model.generate("the", words=four, top_k=four, seed=four) == model.generate("the", words=4, top_k=4, seed=4)
    assert model.next_words("the", top=one) == model.next_words("the", top=1)


def test_vectors_are_gensims(run: Path, ask: Ask) -> None:
    vectors = wikilm.open().vectors("svd")
    assert vectors.index_to_key == run_words()
    assert np.array_equal(vectors.vectors, np.load("data/embeddings/svd/vectors.npy"))
    found = json.loads(ask("neighbours", "king", "--model", "svd", "--json")[0])["words"]
    assert [word for word, _ in vectors.most_similar("king")] == [each["word"] for each in found]
    best = json.loads(ask("neighbours", "king", "--json")[0])["model"]
    assert np.array_equal(wikilm.open().vectors().vectors, np.load(f"data/embeddings/{best}/vectors.npy"))


def test_packed_vectors_are_gensims_too(tmp_path: Path) -> None:
    about = {"name": "drawn", "source": "A picture", "licence": "CC0", "vectors": "input", "scale": "raw"}
    write_packed(tmp_path / "a.npz", Packed(about, list(PICTURE), quantised(np.array(list(PICTURE.values())))))
    assert wikilm.open_vectors(tmp_path / "a.npz").index_to_key == list(PICTURE)


def test_batches_hold_each_row_of_a_split_once_and_repeat_with_their_seed(run: Path) -> None:
    sequences = wikilm.open().sequences
    ids, lengths = sequences.ids_and_lengths("train")
    batches = list(sequences.batches(5, seed=1))
    assert [len(batch) for batch in batches] == [5] * (len(ids) // 5) + [len(ids) % 5] * (len(ids) % 5 > 0)
    rows = sorted(tuple(row) for batch in batches for row in batch)
    assert rows == sorted(tuple(row) for row in sequences.rows(ids.tolist()))
    again, other = list(sequences.batches(5, seed=1)), list(sequences.batches(5, seed=2))
    assert lists(batches) == lists(again) != lists(other)
    (first, *_), *_ = sequences.batches(5, split="test")
    assert first.tolist() == sequences.rows([int(sequences.ids_and_lengths("test")[0][0])])[0].tolist()
    assert sum(len(row) for batch in batches for row in batch) == lengths.sum()


def lists(batches: list[list[np.ndarray]]) -> list[list[int]]:
    return [row.tolist() for batch in batches for row in batch]


def test_markup_is_stripped_by_the_rules_of_a_language() -> None:
    text = "'''Berlin''' ist die [[Hauptstadt|Kapitale]] Deutschlands.[[Datei:A.png|mini|Das Tor]]{{Infobox}}"
    assert wikilm.strip_markup(text, language="de") == "Berlin ist die Kapitale Deutschlands."


def a_model() -> wikilm.LanguageModel:
    return wikilm.open().language_model()


@pytest.mark.parametrize(
    ("mistake", "told"),
    [
        (lambda: wikilm.open("nope"), "nope: no such folder; `dvc repro` makes it, or give another"),
        (lambda: wikilm.open().language_model("svd"), "svd: is of kind svd, trained for its vectors alone; gru, lstm"),
        (lambda: wikilm.open().language_model("lstm"), "data/models/lstm/target_counts.npy: not found; run `dvc repro"),
        (lambda: wikilm.open().vectors("nope"), "params.yaml: models has no 'nope'; it has gru,"),
        (
            lambda: a_model().next_words("the kings"),
            "not among the 20 words of gru: 'kings' (nearest",
        ),
        (lambda: a_model().next_words("the", top=0), "top is 0; it must be a whole number from 1 to 10000"),
        (lambda: a_model().next_words("the", top=cast(int, "3")), "top is '3'; it must be"),
        (lambda: a_model().generate("the", seed=cast(int, 1.5)), "seed is 1.5; it must be a whole number from 0 to"),
        (
            lambda: a_model().generate("the", temperature=0),
            "temperature is 0; it must be greater than or equal to",
        ),
        (lambda: a_model().generate("the", top_p=2), "top_p is 2; it must be less than or equal to 1"),
        (lambda: a_model().generate("the", words=0), "words is 0; it must be a whole number from 1 to 10000"),
        (lambda: a_model().generate("the", seed=-1), "seed is -1; it must be a whole number from 0 to"),
        (lambda: a_model().perplexity(""), "the text: has no sentence of 2 or more words"),
        (lambda: next(wikilm.open().sequences.batches(0)), "size is 0; it must be at least 1"),
        (
            lambda: next(wikilm.open().sequences.batches(1, split="dev")),
            "split is 'dev'; it must be one of train, valid",
        ),
        (lambda: wikilm.strip_markup("", language="german"), "language is 'german'; it must be the code of a Wikip"),
        (lambda: wikilm.open_vectors("nope"), "nope: no such vectors come with wikilm"),
        (lambda: wikilm.open_vectors("data/"), "data: no such file; give the name of vectors that come with"),
    ],
)
def test_a_mistake_is_an_exception_of_one_line(run: Path, mistake: Callable[[], object], told: str) -> None:
    with pytest.raises(wikilm.Error) as error:
        mistake()
    assert str(error.value).removeprefix(f"{run}/").startswith(told)
    assert "\n" not in str(error.value)


def test_outside_a_project_there_is_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(wikilm.Error, match=r"params.yaml: not found, neither here nor in a folder above"):
        wikilm.open()


def test_importing_it_loads_no_torch() -> None:
    code = "import sys, wikilm; print(*{'torch', 'gensim', 'pytorch_lightning', 'sklearn'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True, env=HERE).strip() == ""
