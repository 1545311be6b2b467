"""Memory and open files of long work: training from SQLite with two loader workers, and `wikilm generate`.

Both run at once. Prints how each grows in the second half of the time, with its child processes. A growth of memory
above the bound, or of more than one open file a minute, is a leak.
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.faults.project import copy, environment, finished_project
from benchmarks.faults.report import Tried
from benchmarks.memory import Sample, growth, sample
from tests.conftest import change_params

EVERY = 1.0  # seconds between two samples
MEGABYTES_A_MINUTE = 1.0  # the bound: 60 MB an hour
FEWEST = 4  # samples
ENDED_EARLY = 0.1  # share of the time, at its end, without a sample
ENDLESS = 10**9


def run(scratch: Path, minutes: float) -> Tried:
    """Run both at once for this many minutes and return the results."""
    finished_project(scratch / "finished")
    root = copy(scratch / "finished", scratch / "soak")
    change_params(
        root / "params.yaml",
        {"runtime.loader_workers": 2, "models.gru.epochs": ENDLESS, "models.gru.patience": ENDLESS},
    )
    with training(root) as train, generating(root) as generate:
        found = watched({"train": train, "wikilm generate": generate}, minutes * 60)
    tried = Tried("soak")
    for name, samples in found.items():
        tried.add(*judged(name, samples, minutes))
    return tried


@contextmanager
def training(root: Path) -> Iterator[psutil.Process]:
    """Train until the end of the block."""
    command = [sys.executable, "-m", "pipeline.train", "gru", "data/sequences.db", "data/models/soak"]
    with subprocess.Popen(command, cwd=root, env=environment(root), stderr=subprocess.DEVNULL) as process:
        try:
            yield psutil.Process(process.pid)
        finally:
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
        try:
            yield psutil.Process(process.pid)
        finally:
            process.kill()


def watched(processes: Mapping[str, psutil.Process], seconds: float) -> dict[str, list[Sample]]:
    """Return samples of each process and its children for this many seconds, or until it ends."""
    begin, samples = time.monotonic(), {name: list[Sample]() for name in processes}
    while (now := time.monotonic() - begin) < seconds:
        for name, process in processes.items():
            if process.status() != psutil.STATUS_ZOMBIE:
                samples[name].append(sample(process.pid, now))
        time.sleep(EVERY)
    return samples


def judged(name: str, samples: Sequence[Sample], minutes: float) -> tuple[str, list[str]]:
    """Return the growth as text, and the problems."""
    if len(samples) < FEWEST or samples[-1].seconds < minutes * 60 * (1 - ENDED_EARLY):
        return f"{name}, {len(samples)} samples", ["it ended early"]
    memory, files = growth(samples)
    _, megabytes, open_files = samples[-1]
    told = (
        f"{name}, {samples[-1].seconds / 60:.1f} minutes, {len(samples)} samples: {megabytes:.0f} MB at the end, "
        f"{memory:+.2f} MB a minute; {open_files} open files, {files:+.2f} a minute"
    )
    wrong = [f"memory grows by {memory:.1f} MB a minute"] if memory > MEGABYTES_A_MINUTE else []
    wrong += [] if megabytes else ["this kernel does not tell how much memory it uses"]
    return told, [*wrong, *([f"open files grow by {files:.1f} a minute"] if files > 1 else [])]
