from itertools import pairwise, product

import numpy as np
import pytest

from pipeline.experiments.classification import hidden_markov
from pipeline.experiments.classification.hidden_markov import HiddenMarkov, pad


def enumerated(model: HiddenMarkov, row: list[int]) -> float:
    """The log-likelihood of a sequence as the sum over all paths of hidden states."""
    start, moves, shown = (table.numpy() for table in model.tables)
    total = 0.0
    for path in product(range(len(start)), repeat=len(row)):
        chance = start[path[0]] * np.prod([moves[pair] for pair in pairwise(path)])
        total += chance * np.prod([shown[state, symbol] for symbol, state in zip(row, path, strict=True)])
    return float(np.log(total))


def test_likelihoods_are_those_of_all_paths_whatever_the_padding() -> None:
    rows = [[0, 2, 1, 1], [2], [1, 0]]
    model = HiddenMarkov(3, 2, seed=1)
    expected = [enumerated(model, row) for row in rows]
    np.testing.assert_allclose(model.log_likelihoods(pad(rows)), expected, rtol=1e-12)


def test_each_round_raises_the_likelihood(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pseudo-counts, expectation maximisation never lowers it."""
    monkeypatch.setattr(hidden_markov, "PSEUDO_COUNT", 1e-12)
    random = np.random.default_rng(1)
    lines = pad([random.integers(4, size=length).tolist() for length in random.integers(1, 9, size=40)])
    totals = []
    for rounds in range(5):
        monkeypatch.setattr(hidden_markov, "ROUNDS", rounds)
        totals.append(HiddenMarkov(4, 3, seed=1).fit(lines).log_likelihoods(lines).sum())
    assert np.diff(totals).min() > 0
