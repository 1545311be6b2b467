"""Time two ways of doing the same work in turn, so that a slow moment of the machine affects both."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

RUNS = 5


@dataclass(frozen=True)
class Row:
    """A line of the table: rates in `unit`, medians of `runs`; `ratio` is the median ratio of the pairs of runs."""

    name: str
    ours: float
    peer: float
    peer_name: str
    ratio: float
    unit: str
    runs: int


def compare(
    name: str,
    ours: Callable[[], Any],
    peer: Callable[[], Any],
    *,
    peer_name: str,
    amount: float,
    unit: str,
    peer_amount: float | None = None,
    runs: int = RUNS,
) -> Row:
    """Time `ours` and `peer` in turn, after one untimed run of each; `amount` is the work of a run."""
    ours(), peer()
    pairs = [(amount / seconds(ours), (peer_amount or amount) / seconds(peer)) for _ in range(runs)]
    return Row(
        name=name,
        ours=median(ours for ours, _ in pairs),
        peer=median(peer for _, peer in pairs),
        peer_name=peer_name,
        ratio=median(ours / peer for ours, peer in pairs),
        unit=unit,
        runs=runs,
    )


def seconds(work: Callable[[], Any]) -> float:
    """Return how long one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
