"""The order of an epoch's batches: a function of (seed, epoch) alone, so it repeats whatever reads it.

Nothing else is kept: training that resumes starts at the batch where it was, without the ones before, and each
of several processes draws its own rows of the same batches.
"""

from abc import abstractmethod
from collections.abc import Iterator
from typing import NamedTuple, TypeVar

import numpy as np
from torch.utils.data import Sampler

D = TypeVar("D")  # what a batch is read by


class Share(NamedTuple):
    """Which rows of each batch are this process's: every `world`-th, from row `rank`."""

    rank: int = 0
    world: int = 1

    @property
    def rows(self) -> slice:
        """As an index into the rows of a batch."""
        return slice(self.rank, None, self.world)


ALL = Share()


class Draw(NamedTuple):
    """What makes a batch.

    The database's rows `ids`, each with START before it and END behind, are laid end to end; `spans` cuts the
    rows of the batch out of that. `ends` says for which ids END is a target, `fresh` which rows of the
    batch start anew (None: all).
    """

    ids: list[int]
    ends: np.ndarray
    spans: np.ndarray  # (rows, 2): where each starts and stops
    fresh: np.ndarray | None = None


class Epochs(Sampler[D]):
    """What an epoch draws, one batch after another; of each batch, this process's share."""

    def __init__(self, *, seed: int, shuffle: bool, share: Share = ALL) -> None:
        self.seed, self.shuffle, self.share = seed, shuffle, share
        self.epoch = self.first = 0

    def set_epoch(self, epoch: int) -> None:
        """Lightning calls this before each epoch."""
        self.epoch = epoch if self.shuffle else 0

    def start_at(self, epoch: int, batch: int) -> None:
        """Let the next iteration be of this epoch and start at this batch."""
        self.set_epoch(epoch)
        self.first = batch

    def __iter__(self) -> Iterator[D]:
        # As a generator: a loader with worker processes asks for an iterator twice and reads the second.
        first, self.first = self.first, 0
        yield from self.epoch_from(np.random.default_rng((self.seed, self.epoch)), first)

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def epoch_from(self, random: np.random.Generator, first: int) -> Iterator[D]:
        """The batches from number `first` on."""


class Order(Epochs[Draw]):
    """The batches of an epoch, of the database's rows `ids` with these `lengths`: this process's share of each."""

    def __init__(
        self,
        ids: np.ndarray,
        lengths: np.ndarray,
        *,
        end_fraction: float,
        seed: int,
        shuffle: bool,
        share: Share = ALL,
    ) -> None:
        super().__init__(seed=seed, shuffle=shuffle, share=share)
        self.ids, self.lengths, self.end_fraction = ids, lengths, end_fraction

    def epoch_from(self, random: np.random.Generator, first: int) -> Iterator[Draw]:
        ends = random.random(len(self.ids)) < self.end_fraction
        yield from self.draws(random, ends, first)

    @abstractmethod
    def draws(self, random: np.random.Generator, ends: np.ndarray, first: int) -> Iterator[Draw]:
        """The batches from number `first` on; `ends` says for each row whether END is a target."""
