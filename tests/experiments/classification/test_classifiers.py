from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from pipeline.experiments.classification.classifiers import (
    Predicted,
    Texts,
    TokenIds,
    hidden_markov,
    most_frequent,
    on_ngrams,
)
from pipeline.experiments.classification.networks import score_by_networks
from pipeline.settings.experiment_sections import Recurrent

SMALL = {
    "embedding_size": 6,
    "hidden_sizes": [8],
    "epochs": [12],
    "batch_lines": 16,
    "learning_rate": 0.03,
}
Learn = Callable[[Texts, np.ndarray, Texts], Predicted]


def scores(texts: Texts, labels: np.ndarray, asked: Texts, seed: int = 1) -> np.ndarray:
    return score_by_networks(texts, labels, asked, Recurrent.model_validate(SMALL), 2, seed)[12]


def recurrent(texts: Texts, labels: np.ndarray, asked: Texts) -> Predicted:
    return {"": scores(texts, labels, asked).mean(axis=0).argmax(axis=1)}


def regression_and_bayes(texts: Texts, labels: np.ndarray, asked: Texts) -> Predicted:
    found = on_ngrams(texts, labels, asked, longest=[3], inverse_penalties=[1.0])
    (regression,), (bayes,) = (each.values() for each in found)
    return {"regression": regression, "bayes": bayes}


def poets(number: int, poets: int = 2) -> tuple[list[list[str]], np.ndarray]:
    """Lines of as many poets, with the same tags in another order: each sets one of them before NN."""
    random = np.random.default_rng(number)
    labels = random.integers(poets, size=number)
    pairs = [["JJ", "NN", "VB"], ["NN", "JJ", "VB"], ["VB", "NN", "JJ"]]
    return [pairs[label] * random.integers(1, 4) for label in labels], labels


@pytest.mark.parametrize("number", [2, 3])
@pytest.mark.parametrize(
    "learn",
    [
        recurrent,
        regression_and_bayes,
        partial(hidden_markov, numbers=[3], seed=1),
    ],
    ids=["recurrent", "logistic regression and naive Bayes", "hidden Markov"],
)
def test_poets_are_classified_by_the_order_of_tags(learn: Learn, number: int) -> None:
    asked, labels = poets(60, number)
    found = learn(*poets(120, number), asked)
    assert found
    for name, predicted in found.items():
        assert (predicted == labels).mean() > 0.95, name


def test_single_tags_do_not_classify_them() -> None:
    asked, labels = poets(200)
    _, bayes = on_ngrams(*poets(120), asked, longest=[1], inverse_penalties=[])
    assert 0.3 < (bayes["n-grams up to 1"] == labels).mean() < 0.7


def test_every_setting_predicts() -> None:
    asked, _ = poets(7)
    regression, bayes = on_ngrams(*poets(30), asked, longest=[1, 2], inverse_penalties=[0.1, 10.0])
    assert list(regression) == [f"n-grams up to {n}, C = {c}" for n in (1, 2) for c in ("0.1", "10")]
    assert list(bayes) == ["n-grams up to 1", "n-grams up to 2"]
    assert list(hidden_markov(*poets(30), asked, numbers=[1, 2], seed=1)) == ["1 states", "2 states"]


def test_networks_repeat_and_differ_among_themselves() -> None:
    lines, labels = poets(40)
    one, same, other = (scores(lines, labels, lines, seed) for seed in (1, 1, 2))
    assert one.shape == (2, 40, 2)
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 0.01
    assert np.abs(one[0] - one[1]).max() > 0.01


@pytest.mark.parametrize("learn", [recurrent, partial(hidden_markov, numbers=[2], seed=1)], ids=["recurrent", "hmm"])
def test_unknown_tags_are_accepted(learn: Learn) -> None:
    (predicted,) = learn(*poets(120), [["FW"], ["JJ", "NN", "VB", "FW", "JJ", "NN", "VB"]]).values()
    assert predicted.tolist()[1] == 0


def test_hidden_markov_models_weigh_how_many_lines_a_poet_has() -> None:
    lines = [["NN", "VB"]] * 12
    for fewer, likelier in ((0, 1), (1, 0)):
        labels = np.array([fewer] * 3 + [likelier] * 9)
        assert hidden_markov(lines, labels, [["NN", "VB"]], [1], 1)["1 states"].tolist() == [likelier]


def test_the_most_frequent_poet() -> None:
    assert most_frequent(np.array([2, 0, 2, 1]), [["NN"], ["VB"]])["no settings"].tolist() == [2, 2]


def test_id_0_is_for_tokens_that_training_lacks() -> None:
    token_ids = TokenIds([["b", "a"], ["b"]])
    assert len(token_ids) == 3
    assert token_ids.encode([["a", "x", "b"], ["b"]]) == [[1, 0, 2], [2]]
