"""A table of n-grams gives the same chances as the model that was counted, to one word or to all."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.ngrams.markov import MarkovModel, kneser_ney
from pipeline.ngrams.ngram_counts import SortedText
from pipeline.ngrams.stored import from_arrays, ngram_arrays
from pipeline.run.arrays import read_tensors, write_tensors
from pipeline.store.vocabulary import END, START

WORDS = 30


def a_text(rows: int, seed: int, words: int = WORDS - 4) -> np.ndarray:
    random = np.random.default_rng(seed)
    drawn = (random.zipf(1.5, random.integers(0, 9)) % (words - 2) + 2 for _ in range(rows))
    return np.concatenate([[START, *row, END] for row in drawn]).astype(np.uint16)


def a_model(order: int, end_fraction: float) -> MarkovModel:
    return kneser_ney(SortedText(a_text(400, 0), order, WORDS), order, end_fraction)


@pytest.mark.parametrize("order", [1, 2, 5])
@pytest.mark.parametrize("end_fraction", [1.0, 0.3, 0.0])
def test_a_stored_table_gives_every_word_its_chance_and_they_sum_to_one(
    order: int, end_fraction: float, tmp_path: Path
) -> None:
    model, text = a_model(order, end_fraction), a_text(60, 1, WORDS)  # with words and contexts that are new
    write_tensors(tmp_path / "ngrams.safetensors", ngram_arrays(model, rounded=False))
    table = from_arrays(read_tensors(tmp_path / "ngrams.safetensors"), WORDS, order, rounded=False)
    places = np.flatnonzero(text != START)
    expected, best = (values[places] for values in model.predict(text))
    found, contexts = (values[places] for values in table.read(text))
    np.testing.assert_allclose(found, expected, atol=1e-6)
    chances = table.distributions(contexts)
    np.testing.assert_allclose(chances.sum(1), 1, atol=1e-5)
    np.testing.assert_allclose(chances[np.arange(len(places)), text[places]], expected, atol=1e-6)
    assert (chances[np.arange(len(places)), best] == chances.max(1)).all()
    row = text[1 : int(np.flatnonzero(text == END)[0])]
    assert table.contexts(row.tolist()).numpy().tolist() == contexts[: len(row) + 1].tolist()


def test_an_ngram_takes_at_most_12_bytes() -> None:
    model = a_model(5, 1.0)
    assert sum(array.nbytes for array in ngram_arrays(model, rounded=False).values()) <= 12 * model.ngrams


@pytest.mark.parametrize("damage", ["a length", "a word", "a level", "another vocabulary"])
def test_a_damaged_table_is_refused(damage: str) -> None:
    arrays, words = ngram_arrays(a_model(3, 1.0), rounded=False), WORDS
    if damage == "a length":
        arrays["2.sizes"] = arrays["2.sizes"] + 1
    elif damage == "a word":
        arrays["3.words"] = np.full_like(arrays["3.words"], WORDS)
    elif damage == "a level":
        del arrays["3.weights"]
    else:
        words -= 1
    with pytest.raises(ValueError, match="n-grams"):
        from_arrays(arrays, words, 3, rounded=False)


def test_a_vocabulary_that_fills_its_bytes_and_rows_shorter_than_the_order_are_stored_and_asked() -> None:
    text = np.array([id for word in range(2, 256) for id in (START, word, END)], np.uint16)
    model = kneser_ney(SortedText(text, 8, 256), 8)
    table = from_arrays(ngram_arrays(model, rounded=False), 256, 8, rounded=False)
    found, contexts = table.read(text)
    np.testing.assert_allclose(
        table.distributions(contexts)[np.arange(len(text)), text][text != START], found[text != START]
    )
