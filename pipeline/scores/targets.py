"""The targets of a split: every word, and some or all ENDs."""

import math
from typing import NamedTuple

import numpy as np

from pipeline.batches.order import drawn_ends
from pipeline.store.sequences import Sequences
from pipeline.store.vocabulary import END


class Targets(NamedTuple):
    """The places of a split in the database's order: the words of each row, then its END.

    `ids` (places,) are the word ids, `counted` (places,) says which are targets, `starts` (articles,) where articles
    begin, and `unknown` is the id of UNKNOWN.
    """

    ids: np.ndarray
    counted: np.ndarray
    starts: np.ndarray
    unknown: int
    sizes: np.ndarray | None = None  # (articles, 2): bytes and words of the articles of a text in pieces

    def by_article(self, values: np.ndarray) -> np.ndarray:
        """Return the sums over the targets of each article, float64 (articles,), of `values` (places,)."""
        return np.add.reduceat(np.where(self.counted, values, 0), self.starts, dtype=np.float64)

    @property
    def bits_of_a_nat(self) -> float | None:
        """The bits per byte if the mean cross-entropy is one nat; None for a text in words."""
        if self.sizes is None:
            return None
        return float(self.counted.sum() / self.sizes[:, 0].sum() / math.log(2))

    def only(self, chosen: np.ndarray) -> "Targets":
        """Return the same with only the `chosen` (places,) as targets."""
        return self._replace(counted=self.counted & chosen)

    def first(self, places: int) -> "Targets":
        """Return the same with only the targets among the first `places`."""
        return self.only(np.arange(len(self.ids)) < places)

    def words(self) -> "Targets":
        """Return the same with only the known words as targets: neither UNKNOWN nor END."""
        return self.only((self.ids != self.unknown) & (self.ids != END))


def read_targets(sequences: Sequences, split: str) -> Targets:
    """Return the targets of a split. Memory: at most five bytes for each place."""
    blocks, sizes = [], []
    for tokens, lengths in sequences.blocks(split):
        blocks.append(np.insert(tokens, np.cumsum(lengths), END))
        sizes.append(lengths + 1)
    ids, places = np.concatenate(blocks), np.concatenate(sizes)
    bounds = np.concatenate([[0], np.cumsum(places)])
    counted = np.ones(len(ids), bool)
    counted[bounds[1:] - 1] = drawn_ends(np.arange(len(places)), sequences.end_fraction)
    articles = np.flatnonzero(np.diff(sequences.article_ids(split), prepend=-1))
    return Targets(ids, counted, bounds[articles], sequences.vocabulary.unknown, sequences.article_sizes(split))
