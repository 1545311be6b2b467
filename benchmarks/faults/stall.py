"""A disk whose writes stall in the middle of a stage, as those of a network disk do whose server is away.

The disk is a file system in a file, which is frozen for some seconds: all writes to it wait, reads go on. This needs
root.
"""

import random
import subprocess
import time
from pathlib import Path

from benchmarks.faults.disk import new_disk
from benchmarks.faults.project import copy, finished_project, hashes, remove
from benchmarks.faults.report import Tried
from benchmarks.faults.reruns import wrong_files
from benchmarks.faults.stages import command_of, failed, measure_alone, run_stage


def run(scratch: Path, tries: int, seconds: float, seed: int) -> Tried:
    """Freeze the disk of this many random stages at random moments, for so many seconds, and return the results."""
    tried, chance, disk = Tried("a disk that stalls"), random.Random(seed), scratch / "stall"
    with new_disk(disk):
        measured, whole = finished_project(scratch / "finished"), hashes(scratch / "finished")
        root = copy(scratch / "finished", disk / "project")
        while tried.tried < tries:
            stage = chance.choice(list(measured))
            outs, command = measured[stage].outs, command_of(root, stage)
            remove(root, outs)
            alone = measure_alone(root, command, outs)
            remove(root, outs)
            after = chance.random() * alone.seconds
            wrong, waited = stall_once(disk, root, command, after, seconds, whole)
            if not wrong and not waited:
                continue  # it wrote nothing after that moment
            tried.add(f"{stage}, {seconds:g} seconds after {after:.1f} of {alone.seconds:.1f}", wrong)
            if wrong:
                copy(scratch / "finished", root)
    return tried


def stall_once(
    disk: Path, root: Path, command: list[str], after: float, seconds: float, whole: dict[str, str]
) -> tuple[list[str], bool]:
    """Run a stage whose disk stalls `after` some seconds; return what is wrong, and whether it waited for the disk."""
    thaw = f"fsfreeze -u {disk}"
    freeze = f"sleep {after} && fsfreeze -f {disk} && {{ trap '{thaw}' EXIT; sleep {seconds}; }}"
    begin = time.perf_counter()
    with subprocess.Popen(["sh", "-c", freeze]) as stall:
        ended = run_stage(root, command)
        waited = time.perf_counter() - begin > after + seconds
    if stall.returncode:
        return [f"the disk could not be frozen: exit code {stall.returncode}"], waited
    return failed(ended) or wrong_files(root, whole), waited
