"""Hidden Markov models of sequences of symbols, all sequences at once."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

ROUNDS = 10  # of expectation maximisation; more did not predict better
PSEUDO_COUNT = 0.1  # of what a hidden state never did in training
PADDING = -1


class HiddenMarkov:
    """Probabilities of the first state, (states,), of the next state, (states, states), and of symbols, (states, n)."""

    def __init__(self, symbols: int, states: int, seed: int) -> None:
        draw = np.random.default_rng(seed).dirichlet
        start, moves, shown = draw(np.ones(states)), draw(np.ones(states), states), draw(np.ones(states), symbols).T
        self.tables = [torch.from_numpy(table) for table in (start, moves, shown / shown.sum(1, keepdims=True))]

    def fit(self, sequences: Tensor) -> "HiddenMarkov":
        """Train by a few rounds of expectation maximisation; pseudo-counts leave unseen events possible.

        The expected count of an event is its probability times the derivative of the log-likelihood by it.
        """
        for _ in range(ROUNDS):
            tables = [table.requires_grad_() for table in self.tables]
            slopes = torch.autograd.grad(self.log_likelihoods(sequences).sum(), tables)
            counts = [table.detach() * slope + PSEUDO_COUNT for table, slope in zip(tables, slopes, strict=True)]
            self.tables = [own / own.sum(-1, keepdim=True) for own in counts]
        return self

    def log_likelihoods(self, sequences: Tensor) -> Tensor:
        """Return the log-likelihood of each sequence (n, time), (n,)."""
        start, moves, shown = self.tables
        seen = shown.T[sequences]  # each symbol's probability by state; that of padding does not count
        expected, scales = start, []
        for step in seen.unbind(1):
            joint = expected * step
            scales.append(joint.sum(1))  # the probability of each symbol given those before it
            expected = joint / scales[-1][:, None] @ moves
        return (torch.stack(scales, 1).log() * (sequences != PADDING)).sum(1)


def pad(rows: Sequence[Sequence[int]]) -> Tensor:
    """Return rows of ids of any lengths, side by side."""
    return pad_sequence([torch.tensor(row) for row in rows], batch_first=True, padding_value=PADDING)
