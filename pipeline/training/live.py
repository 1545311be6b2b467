"""The curve of a training while it runs: a file beside the model's folder, which `wikilm watch` reads."""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.run.console import Metrics
from pipeline.training.job import Job

ENDING = ".curve.checkpoint.jsonl"  # is removed as checkpoints are


class Curve(NamedTuple):
    """The figures of the `epochs` that a training has done, `of` the epochs that it may take, and its process id."""

    name: str
    of: int
    process: int
    epochs: list[Metrics]

    def is_running(self) -> bool:
        """Return whether the process that trains exists on this machine."""
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass  # another user's
        return True


class Live:
    """Writes the curve of a job's training: a line about the training, then a line for each epoch."""

    def __init__(self, job: Job) -> None:
        self.path = job.folder.with_name(f".{job.folder.name}.{job.seed}{ENDING}")
        self.about = {"name": job.name, "of": job.settings.epochs, "process": os.getpid()}

    def start(self, epochs: Sequence[Metrics] = ()) -> None:
        """Begin the file anew, with the `epochs` of the run that is resumed."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text("".join(map(_line, (self.about, *epochs))), encoding="utf-8")

    def add(self, epoch: Metrics) -> None:
        """Add the figures of an epoch."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(_line(epoch))


def _line(content: Any) -> str:
    return json.dumps(content) + "\n"


def read_curves(models: Path) -> Iterator[Curve]:
    """Yield the curves that trainings write now beside the folders of `models`, or wrote before they were killed."""
    for path in sorted(models.glob(f".*{ENDING}")):
        try:
            lines = path.read_text(encoding="utf-8").split("\n")[:-1]  # the last line may be in writing
        except FileNotFoundError:  # the training has just ended
            continue
        if lines:
            about, *epochs = map(json.loads, lines)
            yield Curve(**about, epochs=epochs)
