"""A stage's command line: its arguments, its messages, its progress, its errors in one line."""

import argparse
import functools
import hashlib
import inspect
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tqdm import tqdm

from pipeline import OWN_PROCESS
from pipeline.run.errors import NO_ROOM, UserError, lacks_memory
from pipeline.run.outputs import whole_directory, write_json

Metrics = dict[str, float]
Figures = Metrics | dict[str, Metrics]  # of a stage, or of each of its models, nets or classifiers
# Times differ from run to run, so they go to data/timings, which DVC does not track, with the work that they measure.
TIMES = {"seconds", "words_trained", "tokens_per_second", "cpu_seconds", "start_cpu_seconds"}
# Codes that write to a terminal what they like, and those that turn the direction of what follows them.
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
QUIET_SECONDS = 15.0  # between two progress lines where there is no terminal


def stage(work: Callable[..., Figures], after: Callable[..., None] | None = None) -> Callable[..., None]:
    """Make the command of a stage out of `work`, whose parameters become positional arguments.

    The command takes a command line; the default is the command line of the process. The numbers that `work` returns go
    to the file given as `--metrics`, or, if it returns several objects, to files in a folder of that name. Times go to
    the folder `timings` next to the folder `metrics`. `after` is called last, with the same arguments: it may remove
    the files with which a killed stage would resume. A `UserError` ends the command with one line and exit code 1.
    """
    name = Path(inspect.getfile(work)).stem

    @functools.wraps(work)
    def main(argv: Sequence[str] | None = None) -> None:
        parser = argparse.ArgumentParser(prog=f"python -m pipeline.{name}", description=work.__doc__)
        for parameter in inspect.signature(work).parameters.values():
            parser.add_argument(parameter.name, type=parameter.annotation)
        parser.add_argument("--metrics", type=Path, help="JSON file, or folder of files, for the stage's figures")
        arguments = vars(parser.parse_args(argv))
        metrics: Path | None = arguments.pop("metrics")
        start = time.perf_counter()
        with one_line_errors(name, hint=_restore_hint()):
            figures = work(**arguments)
            if metrics:
                write_figures(metrics, figures, round(time.perf_counter() - start, 3))
            if after:
                after(**arguments)

    return main


def write_figures(metrics: Path, figures: Figures, seconds: float) -> None:
    """Write the figures of a stage that took so many `seconds`, with its times in a file of their own."""
    if "metrics" in metrics.parts:
        timings = Path(*("timings" if part == "metrics" else part for part in metrics.parts))
        times = _times(figures) | {"seconds": seconds, "of": digest(_without_times(figures))}
        write_json(timings.with_suffix(".json"), times)
    if metrics.suffix == ".json":
        write_json(metrics, _without_times(figures))
        return
    with whole_directory(metrics) as folder:
        for row, found in _without_times(figures).items():
            write_json(folder / f"{row}.json", found)


def _times(figures: Any) -> dict[str, Any]:
    """Return the times among some figures, nested in the same way."""
    nested = {row: _times(found) for row, found in figures.items() if isinstance(found, dict)}
    return {name: value for name, value in figures.items() if name in TIMES} | {k: v for k, v in nested.items() if v}


def _without_times(figures: Any) -> dict[str, Any]:
    """Return some figures without the times, nested in the same way."""
    return {
        name: _without_times(value) if isinstance(value, dict) else value
        for name, value in figures.items()
        if name not in TIMES
    }


def digest(figures: Any) -> str:
    """Return a hash that identifies the figures of a run; DVC may restore an earlier run's figures."""
    return hashlib.blake2b(json.dumps(figures, sort_keys=True).encode(), digest_size=8).hexdigest()


def _restore_hint() -> str:
    """Return how to restore the outputs that DVC removed before a stage ran; empty if DVC does not run it."""
    if not (stage := os.environ.get("DVC_STAGE")):
        return ""
    return f"DVC removed outputs of this stage before it ran; undo the edit, and `dvc repro {stage}` restores them"


@contextmanager
def one_line_errors(name: str, hint: str = "") -> Iterator[None]:
    """Turn a `UserError`, a failing file, a lack of memory or Ctrl-C inside the block into one line and an exit code.

    A `hint` follows an error in params.yaml on a line of its own. An error of any other kind is told in one line if
    outputs of stages were changed, which may be its cause; a file keeps its traceback.
    """
    try:
        if OWN_PROCESS and signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        yield
    except Exception as error:
        if not isinstance(error, UserError | OSError) and not lacks_memory(error):
            if not (changed := changed_outputs()):
                raise
            error = _perhaps_because_of(changed, error)
        print(f"{name}: error: {_in_one_line(error)}", file=sys.stderr)
        if hint and str(error).startswith("params.yaml"):
            print(f"{name}: {hint}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print(f"{name}: interrupted", file=sys.stderr)
        sys.exit(130)


def changed_outputs() -> list[str]:
    """Return the outputs of stages that are not as dvc.lock records them, if this folder is in a DVC project.

    Readers of damaged values may raise anything: one look at all outputs stands for a check in each of them. Within
    `dvc repro` there is nothing to find, because it makes changed outputs again before it runs what reads them.
    """
    try:
        asked = subprocess.run([sys.executable, "-m", "dvc", "status", "--json"], capture_output=True, check=False)
        stages = json.loads(asked.stdout)
    except (ValueError, KeyboardInterrupt):
        return []
    told = (part for parts in stages.values() for part in parts if isinstance(part, dict))
    return [path for part in told for path, how in part.get("changed outs", {}).items() if how == "modified"]


def _perhaps_because_of(changed: Sequence[str], error: Exception) -> UserError:
    with tempfile.NamedTemporaryFile("w", prefix="wikilm-", suffix=".txt", delete=False, encoding="utf-8") as log:
        log.writelines(traceback.format_exception(error))
    told = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
    return UserError(
        f"{told}; perhaps because of what was changed since a stage wrote it: {', '.join(changed)}; run `dvc repro`, "
        f"which makes it again ({log.name} has the traceback)"
    )


def _in_one_line(error: Exception) -> str:
    """An error in one line, whatever the names in it hold."""
    if isinstance(error, FileNotFoundError):
        told = f"{error.filename or error}: not found; run the stage that writes it"
    elif isinstance(error, OSError):  # no permission, a full disk
        full = "; make room and run this again" if error.errno in NO_ROOM else ""
        told = f"{error.filename or 'a file'}: {error.strerror or next(iter(error.args), type(error).__name__)}{full}"
    elif isinstance(error, UserError):
        told = str(error)
    else:
        reason = str(error).partition("\n")[0] or "Python got none"
        told = f"too little memory ({reason}); use a smaller model, vocabulary or batch, or a machine with more"
    return printable(told).replace("\n", "\\n")


def printable(text: str) -> str:
    """Return `text` with terminal control codes written out, as in JSON; words and titles may have any."""
    return UNPRINTABLE.sub(lambda code: f"\\u{ord(code[0]):04x}", text)


def skip(message: str, *outputs: Path) -> dict[str, Any]:
    """Print why a stage has nothing to do, and write empty outputs: `{}` in a JSON file, no file in a folder.

    Returns the stage's figures: none.
    """
    say(message)
    for path in outputs:
        if path.suffix == ".json":
            write_json(path, {})
        else:
            with whole_directory(path):
                pass
    return {}


def say(message: str) -> None:
    """Print one line that tells the user what a stage found."""
    tqdm.write(printable(message), file=sys.stderr)


def progress(label: str, total: int | None, unit: str, *, quiet: bool = False) -> "tqdm[Any]":
    """Return a progress bar with rate and time left; without a terminal, it prints a line every 15 seconds."""
    how: dict[str, Any] = {}
    if not sys.stderr.isatty():
        how = {"file": _Lines(), "mininterval": QUIET_SECONDS, "delay": QUIET_SECONDS, "ascii": True, "ncols": 0}
        how["position"] = 0  # a bar that an error left open must not move the next line
    return tqdm(
        desc=label,
        total=total,
        unit=unit,
        unit_scale=True,
        maxinterval=QUIET_SECONDS,
        leave=False,
        disable=quiet,
        **how,
    )


class _Lines:
    """A stream for tqdm that prints lines, and does not redraw a bar."""

    def write(self, text: str) -> None:
        if text.strip():
            sys.stderr.write(text.strip("\r\n ") + "\n")

    def flush(self) -> None:
        sys.stderr.flush()
