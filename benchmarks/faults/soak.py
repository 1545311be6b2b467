"""Memory and open files of long work: training from SQLite with two loader workers, and `wikilm generate`.

Prints the slopes over the second half of the time, summed over all processes. A slope of memory above the bound, or of
more than one open file a minute, is a leak.
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

import psutil

from benchmarks.faults.project import copy, environment, finished_project
from benchmarks.faults.report import Tried
from benchmarks.measure import growth
from tests.conftest import change_params

EVERY = 1.0  # seconds between two samples
MEGABYTES_A_MINUTE = 1.0  # the bound: 60 MB an hour
ENDED_EARLY = 10.0  # seconds of the end without a sample
ENDLESS = 10**9


class Sample(NamedTuple):
    """The memory and the open files of all processes, this many seconds after the start."""

    seconds: float
    megabytes: float
    files: int


def run(scratch: Path, minutes: float) -> Tried:
    """Run both at once for this many minutes and return the results."""
    finished_project(scratch / "finished")
    root = copy(scratch / "finished", scratch / "soak")
    change_params(
        root / "params.yaml",
        {"runtime.loader_workers": 2, "models.gru.epochs": ENDLESS, "models.gru.patience": ENDLESS},
    )
    tried = Tried("soak")
    with training(root) as train, generating(root) as generate:
        found = list(zip(watched(train, minutes * 60), watched(generate, minutes * 60), strict=False))
    for name, samples in zip(("train", "wikilm generate"), zip(*found, strict=True), strict=True):
        tried.add(*judged(name, samples, minutes))
    return tried


@contextmanager
def training(root: Path) -> Iterator[psutil.Process]:
    """Train until the end of the block."""
    command = [sys.executable, "-m", "pipeline.train", "gru", "data/sequences.db", "data/models/soak"]
    with subprocess.Popen(command, cwd=root, env=environment(root), stderr=subprocess.DEVNULL) as process:
        yield psutil.Process(process.pid)
        process.kill()


@contextmanager
def generating(root: Path) -> Iterator[psutil.Process]:
    """Ask `wikilm shell` for one text after another until the end of the block."""
    asked = root / "asked"
    asked.write_text("generate --words 20\n" * 10**6)
    command = [sys.executable, "-m", "pipeline", "shell"]
    with (
        asked.open() as lines,
        subprocess.Popen(
            command, cwd=root, env=environment(root), stdin=lines, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process,
    ):
        yield psutil.Process(process.pid)
        process.kill()


def watched(process: psutil.Process, seconds: float) -> Iterator[Sample]:
    """Yield samples of a process and its children for this many seconds, or until it ends."""
    begin = time.monotonic()
    while (now := time.monotonic() - begin) < seconds and process.status() != psutil.STATUS_ZOMBIE:
        megabytes, files = 0.0, 0
        for each in [process, *process.children(recursive=True)]:
            try:
                megabytes += each.memory_full_info().uss / 1e6
                files += each.num_fds()
            except psutil.NoSuchProcess:
                continue
        yield Sample(now, megabytes, files)
        time.sleep(EVERY)


def judged(name: str, samples: Sequence[Sample], minutes: float) -> tuple[str, list[str]]:
    """Return the slopes as text, and the problems."""
    if samples[-1].seconds < minutes * 60 - ENDED_EARLY:
        return f"{name}, {len(samples)} samples", ["it or the other ended early"]
    late = samples[len(samples) // 2 :]
    megabytes, open_files = (fmean(sample[column] for sample in late) for column in (1, 2))
    memory, files = (growth([(sample.seconds, sample[column]) for sample in samples]) for column in (1, 2))
    told = (
        f"{name}, {samples[-1].seconds / 60:.1f} minutes, {len(samples)} samples: {megabytes:.0f} MB, "
        f"{memory:+.2f} MB a minute; {open_files:.0f} open files, {files:+.2f} a minute"
    )
    wrong = [f"memory grows by {memory:.1f} MB a minute"] if memory > MEGABYTES_A_MINUTE else []
    return told, [*wrong, *([f"open files grow by {files:.1f} a minute"] if files > 1 else [])]
