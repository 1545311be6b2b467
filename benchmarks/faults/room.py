"""A disk that fills during a stage, a read-only disk, a clock that jumps.

The disk is a tmpfs if this user may mount one. Otherwise a limit on file sizes makes writes fail at the same places,
and the read-only disk is skipped.
"""

import os
import random
import resource
import shutil
import subprocess
import time
from pathlib import Path

from benchmarks.faults.disk import unmount
from benchmarks.faults.project import Measured, copy, finished_project, hashes, remove
from benchmarks.faults.report import Tried
from benchmarks.faults.reruns import not_whole, wrong_files
from benchmarks.faults.stages import command_of, failed, refusal, run_stage

PLENTY = 2**30
YEAR = 365 * 24 * 3600.0
LINE = 1000  # bytes that the error itself takes, which is written to a file, too
LOOKS = 50  # readings of the clock between two jumps


def run(scratch: Path, tries: int, seed: int) -> Tried:
    """Run random stages under random faults and return the results."""
    measured = finished_project(scratch / "finished")
    whole = hashes(scratch / "finished")
    chance = random.Random(seed)
    disk = scratch / "disk"
    disk.mkdir(exist_ok=True)
    mounted = mount(disk)
    tried = Tried("no room, no right, no time" if mounted else "no room, no time (a read-only disk needs root)")
    root = copy(scratch / "finished", disk / "project")
    try:
        for _ in range(tries):
            stage = chance.choice(list(measured))
            fault = chance.choice(["room"] * 3 + ["right"] * mounted + ["time"])
            remove(root, measured[stage].outs)
            share = chance.random()
            told = f"room for {share:.0%} of its output" if fault == "room" else f"no {fault}"
            wrong = fault_once(disk, stage, measured[stage], fault, share, mounted, whole)
            tried.add(f"{stage}, {told}", wrong)
            if wrong:
                copy(scratch / "finished", root)
    finally:
        if mounted:
            unmount(disk)
    return tried


def fault_once(
    disk: Path, stage: str, measured: Measured, fault: str, share: float, mounted: bool, whole: dict[str, str]
) -> list[str]:
    """Run a stage under a fault and again without it; return what is wrong."""
    root, finished = disk / "project", disk.parent / "finished"
    command = command_of(finished, stage)
    if fault == "time":
        wrong = failed(run_stage(root, command, jumping_clock))
    else:
        sizes = [(finished / name).stat().st_size for name in hashes(finished, measured.outs)]
        room = int(share * sum(sizes)) if mounted else max(LINE, int(share * max(sizes)))
        if mounted:
            used = shutil.disk_usage(disk).used
            option = "ro" if fault == "right" else f"size={used + room}"
            subprocess.check_call(["mount", "-o", f"remount,{option}", disk])
            ended = run_stage(root, command)
            subprocess.check_call(["mount", "-o", f"remount,rw,size={PLENTY}", disk])
        else:
            ended = run_stage(root, command, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)))
        if ended.code == 0 and room:
            return wrong_files(root, whole)  # small outputs may still find a page
        wrong = refusal(ended, written(measured.outs))
    wrong += not_whole(root, finished, measured.outs)
    return wrong + (failed(run_stage(root, command)) or wrong_files(root, whole))


def written(outs: list[str]) -> list[str]:
    """Return the paths that an error may name: the outputs of a stage, their timings, the checkpoints of a training."""
    timings = [out.replace("/metrics/", "/timings/").removesuffix(".json") for out in outs]
    return [*outs, *timings, *(f"{Path(out).parent}/.{Path(out).name}.1" for out in outs)]  # 1 is the seed


def mount(disk: Path) -> bool:
    """Mount a file system in memory; return whether this user may."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={PLENTY}", "tmpfs", str(disk)]
    return os.getuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0


def jumping_clock() -> None:
    """Make `time.time` jump a year forward and back in this process; `time.monotonic` does not jump."""
    honest, looks = time.time, iter(range(10**9))
    time.time = lambda: honest() + YEAR * (next(looks) // LOOKS % 2)
