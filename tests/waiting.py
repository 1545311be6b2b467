"""Waiting and measuring on a busy machine: no limit that it could exceed, and CPU time, which it changes less."""

import time
from collections.abc import Callable

HANG = 300.0  # seconds after which a program is taken to hang


def wait_until(condition: Callable[[], object]) -> None:
    """Return once `condition` holds; fail if it does not within a time that only a hang takes."""
    deadline = time.monotonic() + HANG
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def cpu_seconds(work: Callable[..., object], *arguments: object) -> float:
    """Return the CPU time of one call."""
    begin = time.process_time()
    work(*arguments)
    return time.process_time() - begin
