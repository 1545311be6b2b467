"""Cross-validation: folds of the lines, and what classifiers that are trained outside a fold predict inside it."""

from typing import Literal, NamedTuple, get_args

import numpy as np
import torch
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from pipeline.experiments.classification.classifiers import (
    hidden_markov,
    logistic_regression,
    most_frequent,
    naive_bayes,
)
from pipeline.experiments.classification.lines import Lines
from pipeline.experiments.classification.networks import train_networks
from pipeline.experiments.classification.settings import PoetryClassification

By = Literal["poem", "line"]
KINDS: tuple[By, ...] = get_args(By)


class Fold(NamedTuple):
    """A fold of a cross-validation by whole poem or by single line: its number within its repeat, both from 0."""

    by: By
    repeat: int
    number: int


class Outcome(NamedTuple):
    """The lines of a fold: their labels, (lines,), and those that each classifier predicts."""

    fold: Fold
    labels: np.ndarray
    predicted: dict[str, np.ndarray]


def plan(folds: int, repeats: int) -> list[Fold]:
    """Return all folds of both cross-validations."""
    return [Fold(by, repeat, number) for by in KINDS for repeat in range(repeats) for number in range(folds)]


def split(lines: Lines, fold: Fold, *, folds: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of the training lines and of the test lines.

    All folds have about the same share of each poet's lines. By poem, related poems are on one side; by line, the
    training lines may include the neighbours of a test line.
    """
    kind, groups = (StratifiedGroupKFold, lines.groups) if fold.by == "poem" else (StratifiedKFold, None)
    splits = kind(folds, shuffle=True, random_state=seed + fold.repeat).split(lines.labels, lines.labels, groups)
    train, test = list(splits)[fold.number]
    return train, test


def predict_fold(lines: Lines, params: PoetryClassification, fold: Fold) -> Outcome:
    """Train every classifier on the lines outside a fold and let it predict the lines inside."""
    torch.set_num_threads(1)  # of this worker's process; the other workers have the other cores
    train, test = map(lines.take, split(lines, fold, folds=params.folds, seed=params.seed))
    labels, seed, longest = train.labels, params.seed + fold.repeat, params.longest_ngram
    networks = train_networks(train.tags, labels, len(lines.poets), params.recurrent, seed)(test.tags)
    predicted = {
        "recurrent": networks.mean(axis=0).argmax(axis=1),
        "recurrent_alone": networks[0].argmax(axis=1),
        "logistic_regression": logistic_regression(train.tags, labels, longest)(test.tags),
        "naive_bayes": naive_bayes(train.tags, labels, longest)(test.tags),
        "hidden_markov": hidden_markov(train.tags, labels, params.hidden_states, seed)(test.tags),
        "most_frequent": most_frequent(labels)(test.tags),
        "words_logistic_regression": logistic_regression(train.words, labels, longest)(test.words),
        "words_naive_bayes": naive_bayes(train.words, labels, longest)(test.words),
    }
    return Outcome(fold, test.labels, predicted)
