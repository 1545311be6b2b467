"""Wait for an event without a limit that a busy machine could exceed."""

import time
from collections.abc import Callable

HANG = 300.0  # seconds after which a program is taken to hang


def wait_until(condition: Callable[[], object]) -> None:
    """Return once `condition` holds; fail if it does not within a time that only a hang takes."""
    deadline = time.monotonic() + HANG
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
