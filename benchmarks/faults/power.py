"""A loss of power: a disk forgets what it had only in memory, and the next `dvc repro` must leave the same hashes.

The disk is an ext4 file system in a file. It is shut down as in the kernel's own tests of crashes. Half of the
moments are within a run of `dvc repro`, the others up to half a minute after it, when files that were renamed may
still be empty on the disk. This needs root.
"""

import fcntl
import os
import random
import signal
import struct
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from benchmarks.faults.disk import lacks_root, mount, new_disk
from benchmarks.faults.kills import rerun_by_dvc, wrong_files
from benchmarks.faults.project import Measured, copy, finished_project, forget, hashes, remove, start_repro
from benchmarks.faults.report import Tried

SHUTDOWN, WITHOUT_LOG = 0x8004587D, 2  # EXT4_IOC_SHUTDOWN, EXT4_GOING_FLAGS_NOLOGFLUSH
IN_MEMORY = 30.0  # seconds after which Linux has written a file
BUSY = 10  # seconds to wait for the last process to leave the disk


def run(scratch: Path, tries: int, seed: int) -> Tried:
    """Cut the power of this many runs and return the results."""
    tried = Tried("a loss of power")
    if lacks_root(tried.promise):
        return tried
    finished = scratch / "finished"
    measured = finished_project(finished)
    whole, chance, disk = hashes(finished), random.Random(seed), scratch / "power"
    with new_disk(disk):
        root = copy(finished, disk / "project")
        for number in range(tries):
            stage = chance.choice(list(measured))
            remove(root, measured[stage].outs)
            forget(root, stage)
            os.sync()
            told = lose_power(disk, root, stage, measured[stage], chance.random(), ended=bool(number % 2))
            lost = [out for out, digest in hashes(root, measured[stage].outs).items() if whole.get(out) != digest]
            wrong = rerun_by_dvc(root, finished, stage) + wrong_files(root, whole)
            tried.add(f"{stage}, {told}, {len(lost)} files not whole", wrong)
            if wrong:
                copy(finished, root)
    return tried


def lose_power(disk: Path, root: Path, stage: str, measured: Measured, place: float, *, ended: bool) -> str:
    """Run a stage and cut the power in it, or after it has `ended`; return when."""
    process = start_repro(root, "--single-item", stage)
    seconds = place * (IN_MEMORY if ended else measured.seconds)
    if ended:
        process.wait()
        time.sleep(seconds)
    else:
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    folder = os.open(disk, os.O_RDONLY)
    fcntl.ioctl(folder, SHUTDOWN, struct.pack("I", WITHOUT_LOG))
    os.close(folder)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    subprocess.check_call(["timeout", str(BUSY), "sh", "-c", f"until umount {disk} 2>/dev/null; do sleep 0.2; done"])
    mount(disk)
    return f"{seconds:.1f} s {'after' if ended else 'into'} its run"
