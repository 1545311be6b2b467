"""Time two ways of doing the same work in turn, so that a slow moment of the machine affects both."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from pipeline.run.outputs import write_json

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


def print_table(rows: list[Row]) -> None:
    """Print the rows, and nothing else, to stdout."""
    print(f"{'what':<28} {'ours':>12} {'peer':>12} {'ratio':>7}  {'unit':<12} peer")
    for row in rows:
        print(f"{row.name:<28} {row.ours:>12,.1f} {row.peer:>12,.1f} {row.ratio:>7.2f}  {row.unit:<12} {row.peer_name}")


def write_rows(path: Path, rows: list[Row]) -> None:
    """Write the rows as a JSON list."""
    write_json(path, [asdict(row) for row in rows])
