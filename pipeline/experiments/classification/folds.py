"""Which lines a classifier learns from and which it is tested on."""

from typing import Literal, NamedTuple, get_args

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from pipeline.experiments.classification.lines import Lines

By = Literal["poem", "line"]
BOTH: tuple[By, ...] = get_args(By)


class Fold(NamedTuple):
    """One part of a cross-validation over whole poems or single lines: which of those drawn in which repeat, from 0."""

    by: By
    repeat: int
    number: int


def plan(folds: int, repeats: int) -> list[Fold]:
    """Every fold of both cross-validations."""
    return [Fold(by, repeat, number) for by in BOTH for repeat in range(repeats) for number in range(folds)]


def split(lines: Lines, fold: Fold, *, folds: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The places of the lines to learn from, and of those to be tested on.

    All folds have about the same share of each poet's lines. By poem, no poem and none of its kin is on both sides;
    by line, a tested line's neighbours may have been learned.
    """
    settings = {"n_splits": folds, "shuffle": True, "random_state": seed + fold.repeat}
    kind = StratifiedGroupKFold if fold.by == "poem" else StratifiedKFold
    groups = lines.kin if fold.by == "poem" else None
    train, test = list(kind(**settings).split(lines.labels, lines.labels, groups))[fold.number]
    return train, test
