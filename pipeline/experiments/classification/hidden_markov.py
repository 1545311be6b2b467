"""Hidden Markov models of sequences of symbols, all sequences at once in NumPy."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

ROUNDS = 10  # of expectation maximisation; more did not predict better
PSEUDO_COUNT = 0.1  # of what a hidden state never did in training


class Padded(NamedTuple):
    """n sequences: symbols (n, time), int64, and which of them are no padding (n, time), bool."""

    ids: np.ndarray
    real: np.ndarray


class HiddenMarkov:
    """Probabilities of the first state, (states,), of the next state, (states, states), and of symbols."""

    def __init__(self, symbols: int, states: int, seed: int) -> None:
        draw = np.random.default_rng(seed).dirichlet
        self.start = draw(np.ones(states))
        self.moves = draw(np.ones(states), states)
        self.symbols = draw(np.ones(states), symbols)  # (symbols, states)
        self.symbols /= self.symbols.sum(0)

    def fit(self, sequences: Padded) -> "HiddenMarkov":
        """Train by a few rounds of expectation maximisation; pseudo-counts leave unseen events possible."""
        shown = np.eye(len(self.symbols))[sequences.ids[sequences.real]]
        for _ in range(ROUNDS):
            seen, forward, scales = self._forward(sequences)
            backward = np.ones_like(forward)
            for time in range(forward.shape[1] - 1, 0, -1):
                after = seen[:, time] * backward[:, time] / scales[:, time, None]
                backward[:, time - 1] = after @ self.moves.T
            states = forward * backward  # their probabilities, given the whole sequence
            later = sequences.real[:, 1:]
            after = (seen * backward / scales[..., None])[:, 1:][later]
            self.start = _shares(states[:, 0].sum(0))
            self.moves = _shares(self.moves * (forward[:, :-1][later].T @ after))
            self.symbols = _shares(states[sequences.real].T @ shown).T
        return self

    def log_likelihoods(self, sequences: Padded) -> np.ndarray:
        """Return the log-likelihood of each sequence, (n,)."""
        *_, scales = self._forward(sequences)
        found: np.ndarray = np.log(scales).sum(1)
        return found

    def _forward(self, sequences: Padded) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return each symbol's probability by state, and the states' given the symbols so far, (n, time, states) each.

        Third, (n, time), is the probability of each symbol given those before it; that of padding is 1.
        """
        seen = np.where(sequences.real[..., None], self.symbols[sequences.ids], 1.0)
        forward, scales = np.empty_like(seen), np.empty(sequences.ids.shape)
        expected = np.broadcast_to(self.start, seen[:, 0].shape)
        for time in range(seen.shape[1]):
            joint = expected * seen[:, time]
            scales[:, time] = joint.sum(1)
            forward[:, time] = joint / scales[:, time, None]
            expected = forward[:, time] @ self.moves
        return seen, forward, scales


def pad(rows: Sequence[Sequence[int]]) -> Padded:
    """Return rows of ids of any lengths, side by side."""
    lengths = np.array([len(row) for row in rows])
    real = np.arange(lengths.max()) < lengths[:, None]
    ids = np.zeros(real.shape, np.int64)
    ids[real] = np.concatenate(rows)
    return Padded(ids, real)


def _shares(counts: np.ndarray) -> np.ndarray:
    smoothed = counts + PSEUDO_COUNT
    shares: np.ndarray = smoothed / smoothed.sum(-1, keepdims=True)
    return shares
