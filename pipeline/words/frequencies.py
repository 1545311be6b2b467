"""The frequencies of all words of a text, as the stage vocabulary counts them."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.run.tsv import read_table


class Frequencies(NamedTuple):
    """The number of `words` that occur `counts` times each, highest count first."""

    counts: np.ndarray
    words: np.ndarray

    @property
    def ranks(self) -> np.ndarray:
        """The rank, from 1, of the last word of each count."""
        return np.cumsum(self.words)

    def counts_at(self, ranks: Sequence[int]) -> list[int]:
        """Return the counts of the words of some ranks, from 1."""
        counts: list[int] = self.counts[np.searchsorted(self.ranks, ranks)].tolist()
        return counts

    def covered(self, ranks: np.ndarray) -> np.ndarray:
        """Return the share of the text that the words up to each of the `ranks` cover."""
        totals = np.concatenate([[0], np.cumsum(self.counts * self.words)])
        ends = np.concatenate([[0], self.ranks])
        shares: np.ndarray = np.interp(ranks, ends, totals) / totals[-1]  # in equal steps between two counts
        return shares


def read_frequencies(path: Path) -> Frequencies | None:
    """Return the content of word_counts.tsv; None if the stage vocabulary did not write it."""
    if not path.is_file():
        return None
    return Frequencies(*map(np.array, read_table(path, {"count": int, "words": int}, stage="vocabulary")))
