"""Poets' lines as what a classifier is given and what it is to tell."""

from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.experiments.verse.kin import KIN, kindred
from pipeline.experiments.verse.poems import read_poems, words_of
from pipeline.experiments.verse.tags import read_tags
from pipeline.run.console import UserError


class Lines(NamedTuple):
    """The n lines of all poets, in reading order."""

    poets: list[str]
    tags: list[list[str]]  # of each line
    words: list[list[str]]
    labels: np.ndarray  # (n,): the line's poet, a place in `poets`
    poems: np.ndarray  # (n,): the line's poem, counted over all poets
    kin: np.ndarray  # (n,): the poems that belong together, counted likewise

    def counts(self, of: np.ndarray) -> list[int]:
        """For each poet, how many distinct values `of` (n,) has on the poet's lines."""
        return [len(np.unique(of[self.labels == label])) for label in range(len(self.poets))]


def read_lines(folder: Path) -> Lines:
    """The lines that the stage `poems` left in `folder`."""
    poems = read_poems(folder / "poems.jsonl")
    tags = read_tags(folder / "tags.jsonl")
    poets = sorted({poem.poet for poem in poems})
    groups = [group for _, own in groupby(poems, key=lambda poem: poem.poet) for group in kindred(list(own))]
    kin = {(poem.poet, poem.poem): number for number, group in enumerate(groups) for poem in group}
    return Lines(
        poets,
        [line for poem in tags for line in poem],
        [words_of(line) for poem in poems for line in poem.lines],
        np.array([poets.index(poem.poet) for poem in poems for _ in poem.lines]),
        np.array([number for number, poem in enumerate(poems) for _ in poem.lines]),
        np.array([kin[poem.poet, poem.poem] for poem in poems for _ in poem.lines]),
    )


def check_lines(lines: Lines, folds: int, book_lines: int) -> None:
    """Raises `UserError` where there are too few poems of a poet for the folds, or lines for the book's test."""
    for poet, poems in zip(lines.poets, lines.counts(lines.kin), strict=True):
        if poems < folds:
            raise UserError(
                f"params.yaml: poetry_classification.folds is {folds}, and {poet} has fewer poems ({poems}, those with "
                f"{KIN} words in a row in common counted as one); lower it, or give more verse (in a NAME.txt without "
                "two blank lines in a row, each stanza counts as a poem)"
            )
    if len(lines.labels) < book_lines:
        raise UserError(
            f"params.yaml: poetry_classification.book_lines is {book_lines}, and there are only {len(lines.labels)} "
            "lines; lower it"
        )
