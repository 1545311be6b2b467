"""Apply a function to many items, in order, in several processes or on a Dask cluster."""

import functools
import os
import platform
import signal
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, resource_tracker
from multiprocessing.context import BaseContext
from operator import length_hint
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pebble import ProcessExpired, ProcessPool

from pipeline.run.errors import UserError
from pipeline.run.runtime import Runtime

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 3  # submitted items for each worker: enough to keep it busy
CLUSTER_SECONDS = 30  # to wait for a scheduler, for its first worker, and for new workers when all have gone
WORKER = "dask worker --nthreads 1"


class Pool(NamedTuple):
    """Workers that apply one function to items."""

    submit: Callable[[Any], "Future[Any]"]
    width: Callable[[], int]  # their current number
    death: type[Exception]  # the exception of an item whose worker died
    gone: tuple[type[Exception], ...]  # the exceptions of items whose scheduler stopped
    tries: int  # of an item whose worker died, perhaps for another reason


def map_in_order(
    function: Callable[[Item], Result], items: Iterable[Item], runtime: Runtime
) -> Iterator[tuple[Item, Result]]:
    """Yield each item and its result, in the order of `items`, computed by the workers of `runtime`.

    Where one worker is enough, that is this process, so whatever kills it kills the stage. Raises what `function`
    raises, and `UserError` if an item's workers die repeatedly.
    """
    width = _width(items, runtime)
    if runtime.scheduler == "local" and width == 1:
        for item in items:
            yield item, function(item)
        return
    workers = _processes(function, width) if runtime.scheduler == "local" else _cluster(function, runtime.scheduler)
    with workers as pool:
        waiting: deque[tuple[Item, Future[Result]]] = deque()
        for item in items:
            waiting.append((item, pool.submit(item)))
            if len(waiting) > AHEAD * max(1, pool.width()):
                item, future = waiting.popleft()
                yield item, _result(pool, item, future)
        for item, future in waiting:
            yield item, _result(pool, item, future)


def _width(items: Iterable[Any], runtime: Runtime) -> int:
    """Return the number of worker processes on this machine: no more than there are items."""
    width = runtime.workers or cores()
    return max(1, min(width, length_hint(items, width)))


def cores() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _result(pool: Pool, item: Any, future: "Future[Any]") -> Any:
    """Return the result of an item, which is tried again if its worker died."""
    for left in reversed(range(pool.tries)):
        try:
            while not wait([future], CLUSTER_SECONDS).done:
                if not pool.width():
                    raise UserError("params.yaml: runtime.scheduler: no worker is left; start some and run this again")
            return future.result()
        except pool.death:
            if left:
                future = pool.submit(item)
        except pool.gone:
            raise UserError("params.yaml: runtime.scheduler: it has stopped; start it and run this again") from None
    raise UserError(f"{item}: its worker died; perhaps it lacked memory: try fewer workers")


@contextmanager
def _processes(function: Callable[[Any], Any], width: int) -> Iterator[Pool]:
    """Yield worker processes on this machine."""
    pool = ProcessPool(width, context=_context())

    def submit(item: Any) -> "Future[Any]":
        try:
            return pool.schedule(function, [item])
        except RuntimeError as error:  # the pool broke after the last item
            raise BrokenProcessPool from error

    try:
        with _without_interrupts():
            _ = pool.active  # which starts its processes
        yield Pool(submit, lambda: width, ProcessExpired, (), 2)
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


@contextmanager
def _cluster(function: Callable[[Any], Any], scheduler: str) -> Iterator[Pool]:
    """Yield the workers of a Dask cluster, which must reach the same files under the same names."""
    setting = f"params.yaml: runtime.scheduler is {scheduler!r}"
    try:
        from distributed import Client, KilledWorker
        from distributed.comm.core import CommClosedError
    except ImportError:
        raise UserError(f"{setting}: Dask is not installed here: pip install 'wikilm[dask]'") from None
    try:
        client = Client(scheduler, timeout=CLUSTER_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise UserError(f"{setting}: no Dask scheduler answers there: {error}") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=CLUSTER_SECONDS)
        except TimeoutError:
            raise UserError(f"{setting}: that cluster has no worker; start `{WORKER} {scheduler}`") from None
        if max(client.nthreads().values()) > 1:  # which read templates.db with one connection
            raise UserError(f"{setting}: its workers have several threads; start them as `{WORKER} {scheduler}`")
        executor = client.get_executor(pure=False)
        try:
            submit = functools.partial(executor.submit, _on_cluster, function, Path.cwd())
            # One try, since the scheduler itself repeats an item whose worker died.
            gone = (CancelledError, CommClosedError)
            yield Pool(submit, lambda: len(client.nthreads()), KilledWorker, gone, 1)
        finally:
            executor.shutdown(wait=False)


def _on_cluster(function: Callable[[Item], Result], folder: Path, item: Item) -> Result:
    """Apply `function` in a Dask worker, in the folder of the run."""
    try:
        os.chdir(folder)
    except OSError as error:
        raise UserError(
            f"{folder}: a Dask worker on {platform.node()} cannot use it: {error.strerror}; "
            "give all machines of the cluster this folder under this name"
        ) from None
    return function(item)
