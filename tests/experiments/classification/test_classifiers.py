from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from pipeline.experiments.classification.classifiers import (
    Predict,
    Texts,
    TokenIds,
    hidden_markov,
    logistic_regression,
    most_frequent,
    naive_bayes,
    ngrams_up_to,
)
from pipeline.experiments.classification.networks import train_networks
from pipeline.experiments.classification.settings import Recurrent

SMALL = {
    "networks": 2,
    "embedding_size": 6,
    "hidden_sizes": [8],
    "epochs": 12,
    "batch_lines": 16,
    "learning_rate": 0.03,
}


def a_recurrent(**changes: object) -> Recurrent:
    return Recurrent.model_validate(SMALL | changes)


def recurrent(texts: Texts, labels: np.ndarray) -> Predict:
    networks = train_networks(texts, labels, labels.max() + 1, a_recurrent(), 1)
    return lambda asked: networks(asked).mean(axis=0).argmax(axis=1)


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
        partial(logistic_regression, longest=3),
        partial(naive_bayes, longest=3),
        partial(hidden_markov, states=3, seed=1),
    ],
    ids=["recurrent", "logistic regression", "naive Bayes", "hidden Markov"],
)
def test_poets_are_classified_by_the_order_of_tags(learn: Callable[[Texts, np.ndarray], Predict], number: int) -> None:
    predict = learn(*poets(120, number))
    asked, labels = poets(60, number)
    assert (predict(asked) == labels).mean() > 0.95


def test_single_tags_do_not_classify_them() -> None:
    asked, labels = poets(200)
    assert 0.3 < (naive_bayes(*poets(120), longest=1)(asked) == labels).mean() < 0.7


def test_networks_repeat_and_differ_among_themselves() -> None:
    lines, labels = poets(40)
    one, same, other = (train_networks(lines, labels, 2, a_recurrent(), seed)(lines) for seed in (1, 1, 2))
    assert one.shape == (2, 40, 2)
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 0.01
    assert np.abs(one[0] - one[1]).max() > 0.01
    np.testing.assert_allclose(one.sum(axis=2), 1, atol=1e-6)


@pytest.mark.parametrize("learn", [recurrent, partial(hidden_markov, states=2, seed=1)], ids=["recurrent", "hmm"])
def test_unknown_tags_are_accepted(learn: Callable[[Texts, np.ndarray], Predict]) -> None:
    predict = learn(*poets(120))
    assert predict([["FW"], ["JJ", "NN", "VB", "FW", "JJ", "NN", "VB"]]).tolist()[1] == 0


def test_hidden_markov_models_weigh_how_many_lines_a_poet_has() -> None:
    lines = [["NN", "VB"]] * 12
    assert hidden_markov(lines, np.array([0] * 3 + [1] * 9), 1, 1)([["NN", "VB"]]).tolist() == [1]
    assert hidden_markov(lines, np.array([0] * 9 + [1] * 3), 1, 1)([["NN", "VB"]]).tolist() == [0]


def test_the_most_frequent_poet() -> None:
    assert most_frequent(np.array([2, 0, 2, 1]))([["NN"], ["VB"]]).tolist() == [2, 2]


def test_ngrams_up_to_a_length() -> None:
    assert ngrams_up_to(["a", "b", "c"], 2) == [("a",), ("b",), ("c",), ("a", "b"), ("b", "c")]
    assert ngrams_up_to(["a"], 3) == [("a",)]


def test_id_0_is_for_tokens_that_training_lacks() -> None:
    token_ids = TokenIds([["b", "a"], ["b"]])
    assert len(token_ids) == 3
    assert token_ids.encode([["a", "x", "b"], ["b"]]) == [[1, 0, 2], [2]]
