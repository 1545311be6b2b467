import numpy as np
import pytest

from pipeline.scores.bands import frequency_bands, perplexities_by_band, position_bands
from pipeline.scores.figures import SCORE, perplexity_figures
from pipeline.scores.targets import Targets

# Two articles of a row each, "a b a UNKNOWN END" and "c b c END"; the first END is no target. The words are 2, 3 and 4.
IDS = np.array([2, 3, 2, 5, 1, 4, 3, 4, 1])
TARGETS = Targets(IDS, np.array([True] * 4 + [False] + [True] * 4), np.array([0, 5]), 5)
COUNTS = np.array([0, 0, 120, 9, 0, 7])


def test_words_are_parted_by_their_count_in_training_and_marks_apart() -> None:
    found = {band.name: np.flatnonzero(band.targets.counted).tolist() for band in frequency_bands(TARGETS, COUNTS)}
    assert found == {"0": [5, 7], "1 to 9": [1, 6], "100 to 999": [0, 2], "UNKNOWN": [3], "END": [8]}


def test_a_position_counts_from_the_first_word_of_the_sentence() -> None:
    found = {band.name: np.flatnonzero(band.targets.counted).tolist() for band in position_bands(TARGETS)}
    assert found == {"1": [0, 5], "2 to 3": [1, 2, 6, 7], "4 to 7": [3, 8]}


def test_empty_sentences_have_an_end_alone() -> None:
    targets = Targets(np.array([1, 2, 1]), np.array([True, True, True]), np.array([0, 1]), 5)
    assert [band.targets.counted.tolist() for band in position_bands(targets)] == [
        [True, True, False],
        [False, False, True],
    ]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # END's band has no known word, and so no mean of them
def test_each_band_has_its_perplexity_and_interval_of_every_model() -> None:
    random = np.random.default_rng(0)
    ids = np.append(random.integers(2, 5, 399), 1)
    targets = Targets(ids, np.ones(400, bool), np.arange(0, 400, 20), 5)
    scores = {name: np.zeros(400, SCORE) for name in ("gru", "unigram")}
    for own in scores.values():
        own["log_probability"] = -random.exponential(3, 400)
    rows = perplexities_by_band(scores, frequency_bands(targets, COUNTS))
    bands = list(frequency_bands(targets, COUNTS))
    assert [row["band"] for row in rows] == [band.name for band in bands] == ["0", "1 to 9", "100 to 999", "END"]
    assert sum(row["targets"] for row in rows) == 400
    for row, band in zip(rows, bands, strict=True):
        for name, own in scores.items():
            found = row["models"][name]
            figures = perplexity_figures(own, band.targets)
            assert found["perplexity"] == pytest.approx(figures["perplexity"])
            assert found["low"] == pytest.approx(figures["perplexity_low"])
            assert found["high"] == pytest.approx(figures["perplexity_high"])
    end = rows[-1]["models"]["gru"]  # a single target: draws of articles without it do not count
    assert end["low"] == pytest.approx(end["perplexity"]) == end["high"]
