"""Time two ways of doing the same work in turn, so that a slow moment of the machine affects both."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

RUNS = 5
SHARED = Path(os.environ.get("WIKILM_SHARED", Path(__file__).parents[2] / "shared"))  # dumps, treebanks, parser tests


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

    def __str__(self) -> str:
        rates = f"{self.ours:>12,.1f} {self.peer:>12,.1f} {self.ratio:>7.2f}"
        return f"{self.name:<34} {rates}  {self.unit:<12} {self.peer_name}"


HEADER = f"{'what':<34} {'ours':>12} {'peer':>12} {'ratio':>7}  {'unit':<12} peer"


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
    rates, peers = (median(each) for each in zip(*pairs, strict=True))
    return Row(name, rates, peers, peer_name, median(ours / peer for ours, peer in pairs), unit, runs)


def seconds(work: Callable[[], Any], clock: Callable[[], float] = time.perf_counter) -> float:
    """Return how long one call takes."""
    start = clock()
    work()
    return clock() - start
