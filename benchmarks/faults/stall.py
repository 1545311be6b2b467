"""A disk that stalls in the middle of a stage, as a network disk does whose server is away.

The disk is a file system in a file, which is frozen for some seconds: meanwhile all writes to it wait. This needs root.
"""

import os
import random
import subprocess
import sys
from pathlib import Path

from benchmarks.faults.project import Measured, copy, finished_project, hashes, remove
from benchmarks.faults.report import Tried
from benchmarks.faults.room import check_same
from benchmarks.faults.stages import command_of, run_stage

DISK_MB = 1024


def run(scratch: Path, tries: int, seconds: float, seed: int) -> Tried:
    """Freeze the disk of this many random stages at random moments, for so many seconds, and return the results."""
    tried = Tried("a disk that stalls")
    if os.getuid():
        print("a disk that stalls: not tried: only root can freeze a file system", file=sys.stderr)
        return tried
    measured = finished_project(scratch / "finished")
    whole, chance = hashes(scratch / "finished"), random.Random(seed)
    image, disk = scratch / "stall.img", scratch / "stall"
    disk.mkdir(exist_ok=True)
    with image.open("wb") as file:
        file.truncate(DISK_MB * 2**20)
    subprocess.check_call(["mkfs.ext4", "-q", image])
    subprocess.check_call(["mount", "-o", "loop", image, disk])
    try:
        root = copy(scratch / "finished", disk / "project")
        for _ in range(tries):
            stage = chance.choice(list(measured))
            after = chance.random() * measured[stage].seconds
            wrong = stall_once(disk, root, command_of(root, stage), measured[stage], after, seconds, whole)
            tried.add(f"{stage}, {seconds:g} seconds after {after:.1f}", wrong)
            if wrong:
                copy(scratch / "finished", root)
    finally:
        subprocess.check_call(["umount", disk])
        image.unlink()
    return tried


def stall_once(
    disk: Path, root: Path, command: list[str], measured: Measured, after: float, seconds: float, whole: dict[str, str]
) -> list[str]:
    """Run a stage whose disk stalls `after` some seconds; return what is wrong."""
    remove(root, measured.outs)
    freeze = f"sleep {after}; fsfreeze -f {disk}; sleep {seconds}; fsfreeze -u {disk}"
    with subprocess.Popen(["sh", "-c", freeze]):
        ended = run_stage(root, command)
    if ended.code:
        return [f"exit code {ended.code}: {ended.printed.strip()[-400:]}"]
    own = {name for name in whole if any(name == out or name.startswith(f"{out}/") for out in measured.outs)}
    return check_same(root, own, whole, "the stall")
