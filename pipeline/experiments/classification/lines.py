"""Lines of verse as classifiers read them: their tags, their words, and the poets to predict."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.experiments.verse.poems import SHARED_WORDS, read_poems, words_of
from pipeline.run.errors import UserError
from pipeline.run.outputs import read_json_lines


class Lines(NamedTuple):
    """n lines in reading order."""

    poets: list[str]  # of all lines, by label
    tags: list[list[str]]  # of each line
    words: list[list[str]]
    labels: np.ndarray  # (n,): the line's poet, an index of `poets`
    poems: np.ndarray  # (n,): the line's poem, counted over all poets
    groups: np.ndarray  # (n,): the group of related poems, counted over all poets

    def take(self, places: np.ndarray) -> "Lines":
        """Return the lines at these places."""
        tags, words = ([texts[place] for place in places] for texts in (self.tags, self.words))
        return Lines(self.poets, tags, words, *(of[places] for of in (self.labels, self.poems, self.groups)))

    def counts(self, of: np.ndarray) -> list[int]:
        """Return, for each poet, the number of distinct values of `of` (n,) among the poet's lines."""
        return [len(np.unique(of[self.labels == label])) for label in range(len(self.poets))]


def read_lines(folder: Path) -> Lines:
    """Return the lines that the stage `poems` wrote to `folder`."""
    poems = read_poems(folder / "poems.jsonl")
    poets = sorted({poem.poet for poem in poems})
    numbers = {group: number for number, group in enumerate(dict.fromkeys((poem.poet, poem.group) for poem in poems))}
    lengths = [len(poem.lines) for poem in poems]
    return Lines(
        poets,
        [line for tagged in read_json_lines(folder / "tags.jsonl") for line in tagged["lines"]],
        [words_of(line) for poem in poems for line in poem.lines],
        np.repeat([poets.index(poem.poet) for poem in poems], lengths),
        np.repeat(np.arange(len(poems)), lengths),
        np.repeat([numbers[poem.poet, poem.group] for poem in poems], lengths),
    )


def check_lines(lines: Lines, folds: int, book_lines: int) -> None:
    """Raise `UserError` if a poet has fewer poems than folds, or if there are too few lines for the book's test."""
    for poet, poems in zip(lines.poets, lines.counts(lines.groups), strict=True):
        if poems < folds:
            raise UserError(
                f"params.yaml: poetry_classification.folds is {folds}, but {poet} has fewer poems ({poems}; those that "
                f"share {SHARED_WORDS} words in a row count as one); lower it, or give more verse (in a NAME.txt "
                "without two blank lines in a row, each stanza counts as a poem)"
            )
    if len(lines.labels) < book_lines:
        raise UserError(
            f"params.yaml: poetry_classification.book_lines is {book_lines}, but there are only {len(lines.labels)} "
            "lines; lower it"
        )
