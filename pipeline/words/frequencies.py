"""The frequencies of all words of the training split, as the stage vocabulary counts them."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.records.text import WordFrequencies
from pipeline.run.tsv import read_table

CURVE_POINTS = 200  # of a curve on the page


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
        """Return the share of the split that the words up to each of the `ranks` cover."""
        totals = np.concatenate([[0], np.cumsum(self.counts * self.words)])
        ends = np.concatenate([[0], self.ranks])
        shares: np.ndarray = np.interp(ranks, ends, totals) / totals[-1]  # in equal steps between two counts
        return shares

    def to_draw(self) -> WordFrequencies:
        """Return what the page shows of them."""
        ranks = spread_ranks(int(self.ranks[-1]))
        return WordFrequencies(
            distinct=int(self.ranks[-1]),
            once=int(self.words[self.counts == 1].sum()),
            ranks=ranks.tolist(),
            counts=self.counts_at(ranks.tolist()),
            covered=(100 * self.covered(ranks)).round(3).tolist(),
        )


def spread_ranks(distinct: int) -> np.ndarray:
    """Return ranks from 1 to `distinct`, roughly evenly spaced on a logarithmic axis."""
    return np.unique(np.geomspace(1, distinct, CURVE_POINTS).round().astype(int))


def read_frequencies(path: Path) -> Frequencies | None:
    """Return the content of word_counts.tsv; None if the stage vocabulary did not write it."""
    if not path.is_file():
        return None
    return Frequencies(*map(np.array, read_table(path, {"count": int, "words": int}, stage="vocabulary")))
