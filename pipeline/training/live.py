"""The curve of a training while it runs: a file next to the model's folder, which `wikilm watch` reads."""

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from pipeline.run.console import Metrics
from pipeline.run.errors import writing
from pipeline.training.job import Job

ENDING = ".curve.checkpoint.jsonl"  # removed in the same way as checkpoints
CLOCK_SECONDS = 1.0  # some systems round the time at which a process starts


class Curve(NamedTuple):
    """The figures of the finished `epochs` of a training; `of` is the largest number of epochs.

    `process` is the id of its process, `started` the time of the start in seconds.
    """

    name: str
    of: int
    process: int
    started: float
    epochs: list[Metrics]

    def is_running(self) -> bool:
        """Return whether the process that trains exists on this machine; a later one may have its id."""
        try:
            return psutil.Process(self.process).create_time() < self.started + CLOCK_SECONDS
        except psutil.NoSuchProcess:
            return False


class Live:
    """Writes the curve of a job's training: a line about the training, then a line for each epoch."""

    def __init__(self, job: Job) -> None:
        self.path = job.folder.with_name(f".{job.folder.name}.{job.seed}{ENDING}")
        self.about = {"name": job.name, "of": job.settings.epochs, "process": os.getpid(), "started": time.time()}

    def start(self, epochs: Sequence[Metrics] = ()) -> None:
        """Start a new file, with the `epochs` of the run that is resumed."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with writing(self.path):
            self.path.write_text("".join(map(_line, (self.about, *epochs))), encoding="utf-8")

    def add(self, epoch: Metrics) -> None:
        """Add the figures of an epoch."""
        with writing(self.path), self.path.open("a", encoding="utf-8") as file:
            file.write(_line(epoch))


def _line(content: Any) -> str:
    return json.dumps(content) + "\n"


def read_curves(models: Path) -> list[Curve]:
    """Return the curves of trainings in `models` that run or were killed, sorted by their start."""
    found = []
    for path in models.glob(f".*{ENDING}"):
        try:
            lines = path.read_text(encoding="utf-8").split("\n")[:-1]  # the last line may be incomplete
        except FileNotFoundError:  # the training has just ended
            continue
        if lines:
            about, *epochs = map(json.loads, lines)
            found.append(Curve(**about, epochs=epochs))
    return sorted(found, key=lambda curve: curve.started)
