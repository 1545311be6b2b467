"""Apply a function to many items, in order, in several processes."""

import os
import signal
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, resource_tracker
from multiprocessing.context import BaseContext
from operator import length_hint
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from pipeline.run.errors import UserError
from pipeline.run.runtime import Runtime

Item = TypeVar("Item")
Result = TypeVar("Result")

ALONE = Runtime(workers=1)  # this process does the work
AHEAD = 3  # submitted items for each worker: enough to keep it busy


def map_in_order(
    function: Callable[[Item], Result], items: Iterable[Item], runtime: Runtime
) -> Iterator[tuple[Item, Result]]:
    """Yield each item and its result, in the order of `items`, computed by the workers of `runtime`.

    Where one worker is enough, that is this process, so whatever kills it kills the stage. Raises what `function`
    raises, and `UserError` if an item's workers die repeatedly.
    """
    width = _width(items, runtime)
    if width == 1:
        for item in items:
            yield item, function(item)
        return
    with _processes(width) as pool:
        waiting: deque[tuple[Item, Future[Result]]] = deque()
        for item in items:
            waiting.append((item, _submit(pool, function, item)))
            if len(waiting) > AHEAD * width:
                item, future = waiting.popleft()
                yield item, _result(pool, function, item, future)
        for item, future in waiting:
            yield item, _result(pool, function, item, future)


def _width(items: Iterable[Any], runtime: Runtime) -> int:
    """Return the number of worker processes: no more than there are items."""
    width = runtime.workers or cores()
    return max(1, min(width, length_hint(items, width)))


def cores() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _submit(pool: ProcessPool, function: Callable[[Item], Result], item: Item) -> "Future[Result]":
    try:
        return pool.schedule(function, [item])
    except RuntimeError as error:  # the pool broke after the last item
        raise BrokenProcessPool from error


def _result(pool: ProcessPool, function: Callable[[Item], Result], item: Item, future: "Future[Result]") -> Result:
    """Return the result of an item, which is tried again if its worker died, perhaps for another reason."""
    try:
        return future.result()
    except ProcessExpired:
        try:
            return _submit(pool, function, item).result()
        except ProcessExpired:
            raise UserError(f"{item}: its worker died; perhaps it lacked memory: try fewer workers") from None


@contextmanager
def _processes(width: int) -> Iterator[ProcessPool]:
    """Yield worker processes."""
    pool = ProcessPool(width, context=_context())
    try:
        with _without_interrupts():
            _ = pool.active  # which starts its processes
        yield pool
    except BrokenProcessPool as error:
        raise UserError(
            f"worker processes cannot be started, or have ended: {error.__cause__ or error}; the lines above may say "
            "why; if memory was short, lower runtime.workers"
        ) from None
    finally:
        pool.stop()
        pool.join()


def _context() -> BaseContext:
    """Return how workers start: on Linux forked from a process that has done nothing but import the project's modules.

    This process has threads, whose locks a fork would copy, but not the threads. macOS's libraries allow no fork.
    """
    room = 107 - len("/pymp-01234567/listener-01234567")  # bytes of a socket's path
    if sys.platform != "linux" or len(os.fsencode(tempfile.gettempdir())) > room:
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload([name for name in list(sys.modules) if name.startswith("pipeline.")])
    return context


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Spare the processes and threads that start inside from Ctrl-C.

    It reaches the main process at the end, once the server has imported what the workers need.
    """
    resource_tracker.ensure_running()  # its start would let interrupts through again
    heard: list[int] = []
    # Another thread may take the signal in spite of the mask, which the processes inherit.
    handler = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
        if heard:
            signal.raise_signal(signal.SIGINT)
