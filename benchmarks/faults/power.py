"""A loss of power: a disk loses what it had only in memory.

`wikilm check` and `dvc repro`, which `make repro` runs, must then leave the same hashes. The disk is an ext4 file
system in a file. It is shut down as in the kernel's own tests of crashes. Half of the moments are within a run of `dvc
repro`, the others up to half a minute after it, when files that were renamed may still be empty on the disk. This needs
root.
"""

import fcntl
import hashlib
import os
import random
import signal
import struct
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from benchmarks.faults.disk import mount, new_disk, unmount
from benchmarks.faults.project import Measured, copy, finished_project, forget, hashes, remove, start_repro
from benchmarks.faults.report import Tried
from benchmarks.faults.reruns import mend_as_told, rerun_by_dvc, wrong_files
from wikilm.commands.check import OBJECTS

SHUTDOWN, WITHOUT_LOG = 0x8004587D, 2  # EXT4_IOC_SHUTDOWN, EXT4_GOING_FLAGS_NOLOGFLUSH
IN_MEMORY = 30.0  # seconds after which Linux begins to write a file


def run(scratch: Path, tries: int, seed: int) -> Tried:
    """Cut the power of this many runs and return the results."""
    tried, chance = Tried("a loss of power"), random.Random(seed)
    finished, disk = scratch / "finished", scratch / "power"
    with new_disk(disk):
        measured, whole = finished_project(finished), hashes(finished)
        root = copy(finished, disk / "project")
        for number in range(tries):
            stage = chance.choice(list(measured))
            remove(root, measured[stage].outs)
            forget(root, stage)
            os.sync()
            told = lose_power(disk, root, stage, measured[stage], chance.random(), ended=bool(number % 2))
            lost = [out for out, digest in hashes(root, measured[stage].outs).items() if whole.get(out) != digest]
            objects = len(damaged_objects(root))
            named = mend_as_told(root, finished)
            wrong = rerun_by_dvc(root, finished, stage) + wrong_files(root, whole)
            wrong += [f"{path} is damaged" for path in damaged_objects(root)]
            told += f"; {len(lost)} outputs and {objects} files of DVC's cache damaged"
            told += ", named by `wikilm check`" * named
            tried.add(f"{stage}, {told}", wrong)
            if wrong:
                copy(finished, root)
    return tried


def lose_power(disk: Path, root: Path, stage: str, measured: Measured, place: float, *, ended: bool) -> str:
    """Run a stage and cut the power in it, or after it has `ended`; return when."""
    process = start_repro(root, "--single-item", stage)
    seconds = place * (IN_MEMORY if ended else measured.seconds)
    try:
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=None if ended else seconds)
        if ended:
            time.sleep(seconds)
        within = process.poll() is None
        folder = os.open(disk, os.O_RDONLY)
        fcntl.ioctl(folder, SHUTDOWN, struct.pack("I", WITHOUT_LOG))
        os.close(folder)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    unmount(disk)
    mount(disk)
    return f"{seconds:.1f} s {'into' if within else 'after'} its run"


def damaged_objects(root: Path) -> list[Path]:
    """Return the files of DVC's cache whose checksum is not their name."""
    found = []
    for path in (root / OBJECTS).rglob("*"):
        if path.is_file():
            digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
            found += [path] * (digest != path.parent.name + path.name.removesuffix(".dir"))
    return found
