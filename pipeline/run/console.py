"""What a program tells its user: messages, progress and answers. Nothing else prints."""

import sys
from collections.abc import Iterable
from typing import Any

from tqdm import tqdm

from pipeline.run.errors import printable, without_login

Metrics = dict[str, float]  # figures by name
QUIET_SECONDS = 15.0  # between two progress lines where there is no terminal


def say(message: str) -> None:
    """Print one line that tells the user what a stage found."""
    tqdm.write(printable(without_login(message)), file=sys.stderr)


def tell(line: str) -> None:
    """Print a line of an answer on stdout."""
    print(printable(line), flush=True)


def percent_learnt(share: float, digits: int = 1) -> str:
    """Return a share in percent; one below 1 is never rounded to 100%, as a net with one wrong label has failed."""
    return f"{min(share, 1 - 0.1 ** (digits + 2)) if share < 1 else share:.{digits}%}"


def progress(label: str, total: int | None, unit: str, items: Iterable[Any] | None = None) -> "tqdm[Any]":
    """Return a progress bar with rate and time left, which yields `items` and counts them, if given.

    Without a terminal, it prints a line every 15 seconds.
    """
    how: dict[str, Any] = {}
    if not sys.stderr.isatty():
        how = {"file": _Lines(), "mininterval": QUIET_SECONDS, "delay": QUIET_SECONDS, "ascii": True, "ncols": 0}
        how["position"] = 0  # a bar that an error left open must not move the next line
    return tqdm(
        items,
        desc=printable(label),
        total=total,
        unit=unit,
        unit_scale=not total or total >= 1000,  # which writes 7 of 91 as 7.00/91.0
        maxinterval=QUIET_SECONDS,
        leave=False,
        **how,
    )


class _Lines:
    """A stream for tqdm that prints lines, and does not redraw a bar."""

    def write(self, text: str) -> None:
        if text.strip():
            sys.stderr.write(text.strip("\r\n ") + "\n")

    def flush(self) -> None:
        sys.stderr.flush()
