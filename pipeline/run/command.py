"""A stage's command line: its arguments, its figures, and the outputs of one that has nothing to do."""

import argparse
import functools
import hashlib
import inspect
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pipeline.run.console import Metrics, say
from pipeline.run.failures import one_line_errors
from pipeline.run.outputs import whole_directory, write_json

StageFigures = Metrics | dict[str, Metrics]  # of a stage, or of each of its models, nets or classifiers
# Times differ from run to run, so they go to data/timings, which DVC does not track, with the work that they measure.
TIMES = {"seconds", "words_trained", "tokens_per_second", "cpu_seconds", "start_cpu_seconds"}
OFF = ".off"  # a file in the folder of a stage that is off
NAME = "NAME"  # in a command of dvc.yaml: the model's name, which no shell may read


def stage(work: Callable[..., StageFigures], after: Callable[..., None] | None = None) -> Callable[..., None]:
    """Make the command of a stage out of `work`, whose parameters become positional arguments.

    The command takes a command line; the default is the command line of the process. In its words `NAME` stands for the
    model for which DVC runs the stage. The numbers that `work` returns go to the file given as `--metrics`, or, if it
    returns several objects, to files in a folder of that name. Times go to the folder `timings` next to the folder
    `metrics`. `after` is called last, with the same arguments: it may remove
    the files with which a killed stage would resume. A `UserError` ends the command with one line and exit code 1.
    """
    name = Path(inspect.getfile(work)).stem

    @functools.wraps(work)
    def main(argv: Sequence[str] | None = None) -> None:
        parser = argparse.ArgumentParser(prog=f"python -m pipeline.{name}", description=work.__doc__)
        for parameter in inspect.signature(work).parameters.values():
            parser.add_argument(parameter.name, type=parameter.annotation)
        parser.add_argument("--metrics", type=Path, help="JSON file, or folder of files, for the stage's figures")
        model = os.environ.get("DVC_STAGE", "").partition(f"{name}@")[2] or NAME  # DVC runs train@gru
        given = vars(parser.parse_args(argv)).items()
        arguments = {key: word and type(word)(str(word).replace(NAME, model)) for key, word in given}
        metrics = arguments.pop("metrics")
        start = time.perf_counter()
        with one_line_errors(name, hint=_restore_hint()):
            figures = work(**arguments)
            if metrics:
                write_figures(metrics, figures, round(time.perf_counter() - start, 3))
            if after:
                after(**arguments)

    return main


def write_figures(metrics: Path, figures: StageFigures, seconds: float) -> None:
    """Write the figures of a stage that took so many `seconds`, with its times in a file of their own.

    Figures of several rows hold no times.
    """
    kept: dict[str, Any] = {name: own for name, own in figures.items() if name not in TIMES}
    if "metrics" in metrics.parts:
        timings = Path(*("timings" if part == "metrics" else part for part in metrics.parts))
        times = {name: own for name, own in figures.items() if name in TIMES}
        measured = {"seconds": seconds, "megabytes": peak_megabytes(), "of": digest(kept)}
        write_json(timings.with_suffix(".json"), times | measured)
    if metrics.suffix == ".json":
        write_json(metrics, kept)
        return
    with whole_directory(metrics) as folder:
        for row, found in kept.items():
            write_json(folder / f"{row}.json", found)


def peak_megabytes() -> float:
    """Return the most memory that this process has held so far, without its workers."""
    unit = 1 if sys.platform == "darwin" else 1024  # bytes
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, 1)


def digest(figures: Any) -> str:
    """Return a hash that identifies the figures of a run; DVC may restore an earlier run's figures."""
    return hashlib.blake2b(json.dumps(figures, sort_keys=True).encode(), digest_size=8).hexdigest()


def _restore_hint() -> str:
    """Return how to restore the outputs that DVC removed before a stage ran; empty if DVC does not run it."""
    if not (stage := os.environ.get("DVC_STAGE")):
        return ""
    return f"DVC removed outputs of this stage before it ran; undo the edit, and `dvc repro {stage}` restores them"


def skip(message: str, *outputs: Path) -> dict[str, Any]:
    """Print why a stage has nothing to do, and write outputs without content: `{}` in a JSON file, `OFF` in a folder.

    DVC warns of an empty folder wherever it is used, but draws each file in a folder of plots. Returns the stage's
    figures: none.
    """
    say(message)
    for path in outputs:
        if path.suffix == ".json":
            write_json(path, {})
        else:
            with whole_directory(path) as folder:
                if "plots" not in path.parts:
                    (folder / OFF).touch()
    return {}
