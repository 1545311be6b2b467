"""The executor seam: work on many items in several processes, in order, whatever becomes of a process."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from multiprocessing import get_context
from typing import Literal, NamedTuple, TypeVar

from pebble import ProcessExpired, ProcessPool

Item = TypeVar("Item")
Result = TypeVar("Result")


class Lost(NamedTuple):
    """What comes back for an item whose result was lost: why, and the error in words."""

    reason: Literal["timed_out", "worker_died", "failed"]
    error: str


BATCH_WEIGHT = 500_000
BATCHES_AHEAD = 3  # for each worker: enough to keep it busy, few enough to hold in memory


def map_in_order(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    weight: Callable[[Item], int],
    workers: int,
    seconds: float,
) -> Iterator[tuple[Item, Result | Lost]]:
    """Each item with what `function` makes of it, in the order of `items`, by `workers` processes (0: one a core).

    Items travel in batches of about `BATCH_WEIGHT` by `weight`. A batch that takes longer than `seconds`, that
    raises or whose process dies is tried again item by item, so that only the item at fault is lost.
    """
    workers = workers or cores()
    # Not forked: this process may hold threads, and a fork would copy their locks but not them.
    pool = ProcessPool(workers, context=get_context("spawn"))

    def submit(batch: Sequence[Item]) -> Future[list[Result]]:
        return pool.schedule(_apply, [function, batch], timeout=seconds)

    def outcome(batch: Sequence[Item], future: Future[list[Result]]) -> Iterator[tuple[Item, Result | Lost]]:
        try:
            yield from zip(batch, future.result(), strict=True)
        except (Exception, SystemExit) as error:
            if len(batch) == 1:
                yield batch[0], _lost(error)
                return
            retries = [([item], submit([item])) for item in batch]
            for retry in retries:
                yield from outcome(*retry)

    waiting: deque[tuple[list[Item], Future[list[Result]]]] = deque()
    try:
        for batch in _batches(items, weight):
            waiting.append((batch, submit(batch)))
            if len(waiting) > BATCHES_AHEAD * workers:
                yield from outcome(*waiting.popleft())
        while waiting:
            yield from outcome(*waiting.popleft())
    finally:
        pool.stop()
        pool.join()


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _lost(error: BaseException) -> Lost:
    if isinstance(error, TimeoutError):
        return Lost("timed_out", "took too long")
    if isinstance(error, ProcessExpired):
        return Lost("worker_died", f"its process died (exit code {error.exitcode})")
    return Lost("failed", f"{type(error).__name__}: {error}")


def _apply(function: Callable[[Item], Result], batch: Sequence[Item]) -> list[Result]:
    return [function(item) for item in batch]


def _batches(items: Iterable[Item], weight: Callable[[Item], int]) -> Iterator[list[Item]]:
    batch: list[Item] = []
    heavy = 0
    for item in items:
        batch.append(item)
        heavy += weight(item)
        if heavy >= BATCH_WEIGHT:
            yield batch
            batch, heavy = [], 0
    if batch:
        yield batch
