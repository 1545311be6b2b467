"""The memory and the open files of a process and its descendants, and how they grow."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil

GONE = (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError)  # a process has ended since it was listed


class Sample(NamedTuple):
    """What all processes used, this many seconds after the start."""

    seconds: float
    megabytes: float
    files: int


def sample(pid: int, seconds: float) -> Sample:
    """Return what a process and its descendants use now.

    Memory that they share counts once; pages of files, which the system can take back, do not count.
    """
    megabytes, files = 0.0, 0
    with suppress(*GONE):
        root = psutil.Process(pid)
        for process in [root, *root.children(recursive=True)]:
            with suppress(*GONE):
                for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
                    if line.startswith(("Pss_Anon:", "Pss_Shmem:")):
                        megabytes += int(line.split()[1]) * 1024 / 1e6
                files += process.num_fds()
    return Sample(seconds, megabytes, files)


def peak() -> float:
    """Return the most memory that this process had, in MB. Its `ru_maxrss` would count its parent's memory, too."""
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


def growth(samples: Sequence[Sample]) -> tuple[float, float]:
    """Return by how many MB and open files a minute the processes grow in the second half of their time.

    Compares the medians of the samples of the third and of the last quarter of the time, each of which needs one. A
    least-squares line would fall with the memory of the processes that end in the last moments.
    """
    found = np.array(samples)
    cuts = np.searchsorted(found[:, 0], found[-1, 0] * np.array([0.5, 0.75]))
    third, last = (np.median(quarter, axis=0) for quarter in np.split(found, cuts)[1:])
    seconds, megabytes, files = last - third
    return float(megabytes / seconds * 60), float(files / seconds * 60)
