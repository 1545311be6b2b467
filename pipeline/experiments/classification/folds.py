"""Nested cross-validation by whole poem: settings are chosen in inner folds, and figures are of the outer fold alone.

The inner folds of an outer fold are the other outer folds. A classifier that is trained without two folds serves both:
it is an inner one for the first fold, tested on the second, and vice versa.
"""

from collections.abc import Iterable, Iterator
from itertools import combinations, compress, groupby
from typing import NamedTuple

import numpy as np
import torch
from sklearn.model_selection import StratifiedGroupKFold

from pipeline.experiments.classification import classifiers
from pipeline.experiments.classification.classifiers import Predicted
from pipeline.experiments.classification.lines import Lines
from pipeline.experiments.classification.networks import score_by_networks
from pipeline.experiments.verse.poems import SHARED_WORDS
from pipeline.run.errors import UserError
from pipeline.settings.experiment_sections import PoetryClassification

NETWORKS = 2  # whose log-probabilities are averaged, where one fold is held out
FOLDS_SEED = 1  # of folds and networks


class HeldOut(NamedTuple):
    """One fold, or two, of a cross-validation: numbers within a repeat, from 0."""

    repeat: int
    folds: tuple[int, ...]


class Outcome(NamedTuple):
    """A fold, its lines' labels, (lines,), and by classifier the labels predicted and the setting chosen without it."""

    repeat: int
    labels: np.ndarray
    predicted: dict[str, np.ndarray]
    chosen: dict[str, str]


def plan(params: PoetryClassification) -> list[HeldOut]:
    """Return what is held out: each fold and each pair of folds, in every repeat."""
    numbers = [*((fold,) for fold in range(params.folds)), *combinations(range(params.folds), 2)]
    return [HeldOut(repeat, folds) for repeat in range(params.repeats) for folds in numbers]


def assign(lines: Lines, repeat: int, folds: int) -> np.ndarray:
    """Return the fold of each line, (n,).

    All folds have about the same share of each poet's lines. Related poems are in one fold.
    """
    found = np.empty(len(lines.labels), int)
    kind = StratifiedGroupKFold(folds, shuffle=True, random_state=FOLDS_SEED + repeat)
    for fold, (_, places) in enumerate(kind.split(lines.labels, lines.labels, lines.groups)):
        found[places] = fold
    return found


def check_folds(lines: Lines, params: PoetryClassification) -> None:
    """Raise `UserError` if a poet has fewer poems than folds, or lines in fewer than three: training leaves out two."""
    for label, poet in enumerate(lines.poets):
        own = lines.labels == label
        poems = filled = len(np.unique(lines.groups[own]))
        if poems >= params.folds:
            filled = min(len(np.unique(assign(lines, repeat, params.folds)[own])) for repeat in range(params.repeats))
        if poems < params.folds or filled < 3:
            raise UserError(
                f"params.yaml: poetry_classification.folds is {params.folds}, but {poet}'s {poems} poems are in "
                f"{filled} of them (those that share {SHARED_WORDS} words in a row count as one); lower it, or give "
                "more verse (in a NAME.txt without two blank lines in a row, each stanza counts as a poem)"
            )


def predict_held_out(lines: Lines, params: PoetryClassification, held: HeldOut) -> dict[str, Predicted]:
    """Train every classifier with every setting on the other folds; return the labels of the lines held out.

    Where two folds are held out, only one network is trained. All classifiers know where a line begins and ends.
    """
    torch.set_num_threads(1)  # other workers have the other cores
    out = np.isin(assign(lines, held.repeat, params.folds), held.folds)
    tags, labels, asked = list(compress(lines.tags, ~out)), lines.labels[~out], list(compress(lines.tags, out))
    seed, networks = FOLDS_SEED + held.repeat, NETWORKS if len(held.folds) == 1 else 1
    scores = score_by_networks(tags, labels, asked, params.unit, networks, seed)
    known = classifiers.with_edges(tags), labels, classifiers.with_edges(asked)
    regression, bayes = classifiers.on_ngrams(*known)
    return {
        "recurrent": {f"{epochs} epochs": each.argmax(axis=1) for epochs, each in scores.items()},
        "logistic_regression": regression,
        "naive_bayes": bayes,
        "hidden_markov": classifiers.hidden_markov(*known, seed),
        "most_frequent": classifiers.most_frequent_poet(labels, asked),
    }


def choose_settings(
    lines: Lines, params: PoetryClassification, found: Iterable[tuple[HeldOut, dict[str, Predicted]]]
) -> Iterator[Outcome]:
    """Yield the outcome of each fold, from what `predict_held_out` returned for all of the plan.

    Each classifier has the setting that predicts most lines of the inner folds, each line without its own fold and the
    outer one; of equal ones the first.
    """
    for repeat, group in groupby(found, key=lambda pair: pair[0].repeat):
        own = {held.folds: predicted for held, predicted in group}
        fold_of = assign(lines, repeat, params.folds)
        for fold in range(params.folds):
            chosen = {}
            for name, settings in own[fold,].items():
                right = dict.fromkeys(settings, 0)
                for pair in (folds for folds in own if fold in folds and len(folds) == 2):
                    out = np.isin(fold_of, pair)
                    for setting, labels in own[pair][name].items():
                        right[setting] += int(((labels == lines.labels[out]) & (fold_of[out] != fold)).sum())
                chosen[name] = max(right, key=right.__getitem__)
            predicted = {name: own[fold,][name][setting] for name, setting in chosen.items()}
            yield Outcome(repeat, lines.labels[fold_of == fold], predicted, chosen)
