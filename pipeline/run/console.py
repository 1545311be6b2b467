"""A stage's command line: its arguments, what it says, its progress, its errors in one line."""

import argparse
import functools
import inspect
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from tqdm import tqdm

from pipeline.run.errors import UserError as UserError  # all but files.py import it from here
from pipeline.run.outputs import write_json

Metrics = dict[str, float]
QUIET_SECONDS = 15.0  # between two progress lines where there is no terminal


class Command(Protocol):
    """A stage's entry point: `argv` is the command line, that of the process by default."""

    def __call__(self, argv: Sequence[str] | None = None) -> None: ...


def stage(work: Callable[..., Metrics], after: Callable[..., None] | None = None) -> Command:
    """Make the command of a stage out of `work`, whose parameters become positional arguments.

    The numbers that `work` returns go, with the `seconds` it took, to the file given as `--metrics`. Only then
    comes `after`, with the same arguments: it may remove what the stage would need to go on if it were killed.
    A `UserError` ends the command with one line and exit code 1.
    """
    name = Path(inspect.getfile(work)).stem

    @functools.wraps(work)
    def main(argv: Sequence[str] | None = None) -> None:
        parser = argparse.ArgumentParser(prog=f"python -m pipeline.{name}", description=work.__doc__)
        for parameter in inspect.signature(work).parameters.values():
            parser.add_argument(parameter.name, type=parameter.annotation)
        parser.add_argument("--metrics", type=Path, help="JSON file for the stage's figures")
        arguments = vars(parser.parse_args(argv))
        metrics_file: Path | None = arguments.pop("metrics")
        start = time.perf_counter()
        with one_line_errors(name):
            metrics = work(**arguments)
            if metrics_file:
                write_json(metrics_file, {**metrics, "seconds": round(time.perf_counter() - start, 3)})
            if after:
                after(**arguments)

    return main


@contextmanager
def one_line_errors(name: str) -> Iterator[None]:
    """Turn a `UserError`, a failing file or Ctrl-C inside the block into one line on stderr and an exit code."""
    try:
        yield
    except UserError as error:
        print(f"{name}: error: {error}", file=sys.stderr)
        sys.exit(1)
    except FileNotFoundError as error:
        print(f"{name}: error: {error.filename or error}: not found; run the stage that writes it", file=sys.stderr)
        sys.exit(1)
    except OSError as error:  # no permission, a full disk
        print(f"{name}: error: {error.filename or 'a file'}: {error.strerror or error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print(f"{name}: interrupted", file=sys.stderr)
        sys.exit(130)


def say(message: str) -> None:
    """Print one line that tells the user what a stage found."""
    tqdm.write(message, file=sys.stderr)


def progress(label: str, total: int | None, unit: str, *, quiet: bool = False) -> "tqdm[Any]":
    """A progress bar with rate and time left; without a terminal, a line every 15 seconds; nothing if `quiet`."""
    terminal = sys.stderr.isatty()
    return tqdm(
        desc=label,
        total=total,
        unit=unit,
        unit_scale=True,
        unit_divisor=1000,
        file=sys.stderr if terminal else _Lines(),
        mininterval=0.1 if terminal else QUIET_SECONDS,
        maxinterval=QUIET_SECONDS,
        delay=0.0 if terminal else QUIET_SECONDS,
        ascii=None if terminal else True,
        ncols=None if terminal else 0,
        leave=False,
        disable=quiet,
    )


class _Lines:
    """Where tqdm would redraw a bar, print lines instead."""

    def write(self, text: str) -> None:
        if text.strip():
            sys.stderr.write(text.strip("\r\n ") + "\n")

    def flush(self) -> None:
        sys.stderr.flush()
