"""Nested cross-validation: settings are chosen in inner folds, and figures are of the outer fold alone.

The inner folds of an outer fold are the other outer folds. A classifier that is trained without two folds serves both:
it is an inner one for the first fold, tested on the second, and vice versa.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, groupby
from typing import Literal, NamedTuple, get_args

import numpy as np
import torch
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from pipeline.experiments.classification.classifiers import (
    Predicted,
    hidden_markov,
    most_frequent,
    on_ngrams,
    with_edges,
)
from pipeline.experiments.classification.lines import Lines
from pipeline.experiments.classification.networks import score_by_networks
from pipeline.run.errors import UserError
from pipeline.settings.experiment_sections import PoetryClassification

By = Literal["poem", "line"]
KINDS: tuple[By, ...] = get_args(By)


class HeldOut(NamedTuple):
    """One fold, or two, of a cross-validation by whole poem or by single line: numbers within a repeat, from 0."""

    by: By
    repeat: int
    folds: tuple[int, ...]


class Outcome(NamedTuple):
    """A fold, its lines' labels, (lines,), and by classifier the labels predicted and the setting chosen without it."""

    by: By
    repeat: int
    labels: np.ndarray
    predicted: dict[str, np.ndarray]
    chosen: dict[str, str]


def plan(folds: int, repeats: int) -> list[HeldOut]:
    """Return what is held out: each fold and each pair of folds; by line only once, which is for the book's test."""
    alone: list[tuple[int, ...]] = [(fold,) for fold in range(folds)]
    return [
        HeldOut(by, repeat, numbers)
        for by in KINDS
        for repeat in range(repeats if by == "poem" else 1)
        for numbers in [*alone, *combinations(range(folds), 2)]
    ]


def split(lines: Lines, by: By, repeat: int, *, folds: int, seed: int) -> np.ndarray:
    """Return the fold of each line, (n,).

    All folds have about the same share of each poet's lines. By poem, related poems are in one fold; by line, the
    neighbours of a line may be in others.
    """
    kind, groups = (StratifiedGroupKFold, lines.groups) if by == "poem" else (StratifiedKFold, None)
    found = np.empty(len(lines.labels), int)
    splits = kind(folds, shuffle=True, random_state=seed + repeat).split(lines.labels, lines.labels, groups)
    for fold, (_, places) in enumerate(splits):
        found[places] = fold
    return found


def check_folds(lines: Lines, params: PoetryClassification) -> None:
    """Raise `UserError` if a poet's lines are in fewer than three folds: training holds out two folds at a time."""
    for repeat in range(params.repeats):
        fold_of = split(lines, "poem", repeat, folds=params.folds, seed=params.seed)
        for label, poet in enumerate(lines.poets):
            if len(found := np.unique(fold_of[lines.labels == label])) < 3:
                raise UserError(
                    f"{poet}: the poems' lengths differ so much that they are in {len(found)} of the {params.folds} "
                    "folds, and two folds are held out at a time; give more verse, or divide the longest poem"
                )


def predict_held_out(lines: Lines, params: PoetryClassification, held: HeldOut) -> dict[str, Predicted]:
    """Train every classifier with every setting on the other folds; return the labels of the lines held out.

    Where two folds are held out, only one network is trained. All classifiers know where a line begins and ends.
    """
    torch.set_num_threads(1)  # other workers have the other cores
    out = np.isin(split(lines, held.by, held.repeat, folds=params.folds, seed=params.seed), held.folds)
    train, test = lines.take(np.flatnonzero(~out)), lines.take(np.flatnonzero(out))
    labels, seed, grid = train.labels, params.seed + held.repeat, (params.longest_ngram, params.inverse_penalty)
    networks = params.recurrent.networks if len(held.folds) == 1 else 1
    scores = score_by_networks(train.tags, labels, test.tags, params.recurrent, networks, seed)
    tags, asked = with_edges(train.tags), with_edges(test.tags)
    regression, bayes = on_ngrams(tags, labels, asked, *grid)
    words_regression, words_bayes = on_ngrams(with_edges(train.words), labels, with_edges(test.words), *grid)
    return {
        "recurrent": {f"{epochs} epochs": each.mean(axis=0).argmax(axis=1) for epochs, each in scores.items()},
        "recurrent_alone": {f"{epochs} epochs": each[0].argmax(axis=1) for epochs, each in scores.items()},
        "logistic_regression": regression,
        "naive_bayes": bayes,
        "hidden_markov": hidden_markov(tags, labels, asked, params.hidden_states, seed),
        "most_frequent": most_frequent(labels, test.tags),
        "words_logistic_regression": words_regression,
        "words_naive_bayes": words_bayes,
    }


def choose(
    lines: Lines, params: PoetryClassification, found: Iterable[tuple[HeldOut, dict[str, Predicted]]]
) -> Iterator[Outcome]:
    """Yield the outcome of each fold, from what `predict_held_out` returned for all of the plan.

    Each classifier has the setting that predicts most lines of the inner folds; of equal ones the first.
    """
    for (by, repeat), group in groupby(found, key=lambda pair: pair[0][:2]):
        own = {held.folds: predicted for held, predicted in group}
        fold_of = split(lines, by, repeat, folds=params.folds, seed=params.seed)
        for fold in range(params.folds):
            chosen = {
                name: max(settings, key=lambda setting: _right_inside(lines, fold_of, own, fold, name, setting))
                for name, settings in own[fold,].items()
            }
            predicted = {name: own[fold,][name][setting] for name, setting in chosen.items()}
            yield Outcome(by, repeat, lines.labels[fold_of == fold], predicted, chosen)


def _right_inside(
    lines: Lines,
    fold_of: np.ndarray,
    predicted: Mapping[tuple[int, ...], dict[str, Predicted]],
    fold: int,
    name: str,
    setting: str,
) -> int:
    """Return how many lines of the other folds are right, each predicted without its fold and without `fold`."""
    right = 0
    for numbers, own in predicted.items():
        if fold in numbers and len(numbers) == 2:
            out = np.isin(fold_of, numbers)
            right += int(((own[name][setting] == lines.labels[out]) & (fold_of[out] != fold)).sum())
    return right
