from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from pipeline.experiments.classification import networks
from pipeline.experiments.classification.classifiers import (
    Predicted,
    TagIds,
    Texts,
    hidden_markov,
    most_frequent_poet,
    on_ngrams,
)
from pipeline.experiments.classification.networks import score_by_networks

Learn = Callable[[Texts, np.ndarray, Texts], Predicted]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "BATCH_LINES", 16)


def scores(texts: Texts, labels: np.ndarray, asked: Texts, seed: int = 1, number: int = 1) -> np.ndarray:
    return score_by_networks(texts, labels, asked, "gru", number, seed)[10]


def recurrent(texts: Texts, labels: np.ndarray, asked: Texts) -> Predicted:
    return {"": scores(texts, labels, asked).argmax(axis=1)}


def regression_and_bayes(texts: Texts, labels: np.ndarray, asked: Texts) -> Predicted:
    regression, bayes = on_ngrams(texts, labels, asked)
    return regression | bayes


def poets(number: int, poets: int = 2) -> tuple[list[list[str]], np.ndarray]:
    """Lines of as many poets, with the same tags in another order: each sets one of them before NN."""
    random = np.random.default_rng(number)
    labels = random.integers(poets, size=number)
    pairs = [["JJ", "NN", "VB"], ["NN", "JJ", "VB"], ["VB", "NN", "JJ"]]
    return [pairs[label] * random.integers(1, 4) for label in labels], labels


@pytest.mark.parametrize("number", [2, 3])
@pytest.mark.parametrize("learn", [recurrent, regression_and_bayes, partial(hidden_markov, seed=1)])
def test_poets_are_classified_by_the_order_of_tags_with_unknown_ones(learn: Learn, number: int) -> None:
    asked, labels = poets(60, number)
    found = learn(*poets(120, number), [*asked, ["JJ", "NN", "VB", "FW", "JJ", "NN", "VB"], ["FW"]])
    right = {name: own[:-1] == [*labels, 0] for name, own in found.items()}
    assert min(own.mean() for name, own in right.items() if name != "2 states") > 0.9
    assert all(own[-1] for own in right.values())


def test_every_setting_predicts() -> None:
    asked, _ = poets(7)
    regression, bayes = on_ngrams(*poets(30), asked)
    assert list(regression) == [f"n-grams up to {n}, C = {c}" for n in (2, 3, 4) for c in ("0.1", "1", "10")]
    assert list(bayes) == [f"n-grams up to {n}" for n in (2, 3, 4)]
    assert list(hidden_markov(*poets(30), asked, seed=1)) == [f"{n} states" for n in (2, 4, 8, 16, 32)]


def test_networks_repeat_and_are_averaged() -> None:
    lines, labels = poets(40)
    one, same, other = (scores(lines, labels, lines, seed) for seed in (1, 1, 2))
    assert one.shape == (40, 2)
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 0.01
    both = scores(lines, labels, lines, number=2)
    assert np.abs(both - one).max() > 0.01
    assert not np.array_equal(*(2 * both - each for each in (one, other)))


def test_hidden_markov_models_weigh_how_many_lines_a_poet_has() -> None:
    lines = [["NN", "VB"]] * 12
    for fewer, likelier in ((0, 1), (1, 0)):
        labels = np.array([fewer] * 3 + [likelier] * 9)
        assert hidden_markov(lines, labels, [["NN", "VB"]], 1)["2 states"].tolist() == [likelier]


def test_the_most_frequent_poet_and_id_0_of_tags_that_training_lacks() -> None:
    assert most_frequent_poet(np.array([2, 0, 2, 1]), [["NN"], ["VB"]])["no settings"].tolist() == [2, 2]
    tag_ids = TagIds([["b", "a"], ["b"]])
    assert (len(tag_ids), tag_ids.encode([["a", "x", "b"], ["b"]])) == (3, [[1, 0, 2], [2]])
