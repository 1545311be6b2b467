"""The split of each article: one rule for the vocabulary, which counts training articles only, and for sequences.db."""

import hashlib
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa

from pipeline.records.text import TokensStats
from pipeline.settings.text_sections import Index
from pipeline.words.layout import shard_number

MOST_HELD_OUT = 5_000_000  # words of the validation split and of the test split, which every model reads whole


class Splits(NamedTuple):
    """How a text is split, by whole articles: as it came, or by the page ids."""

    stats: TokensStats
    fractions: Index

    @classmethod
    def read(cls, tokens: Path, fractions: Index) -> Self:
        """Return how the text is split whose words are in the folder `tokens`."""
        return cls(TokensStats.read(tokens / "stats.json"), fractions)

    def of(self, shard: Path, articles: pa.Table) -> list[str]:
        """Return the split of each of the articles of a shard."""
        if self.stats.splits and (own := self.stats.splits[shard_number(shard)]):
            return [own] * len(articles)
        shares = self.fractions.valid_fraction, self.fractions.test_fraction
        most = MOST_HELD_OUT / max(1, self.stats.tokens)
        return [split_of(id, *shares, most) for id in articles["page_id"].to_pylist()]

    def training(self, shard: Path, articles: pa.Table) -> np.ndarray:
        """Return whether each of the articles of a shard is in the training split (articles,)."""
        return np.array([split == "train" for split in self.of(shard, articles)], bool)


def split_of(page_id: int, valid_fraction: float, test_fraction: float, most: float = 1.0) -> str:
    """Return the split of a whole article, by a hash of its page id: the same for the same fractions.

    Each held-out split has at most the share `most`. A smaller one shortens both splits at their ends, so articles move
    only to train.
    """
    digest = hashlib.blake2b(str(page_id).encode(), digest_size=8).digest()
    position = int.from_bytes(digest, "big") / 2**64
    if position < valid_fraction:
        return "valid" if position < most else "train"
    return "test" if position < valid_fraction + min(test_fraction, most) else "train"
