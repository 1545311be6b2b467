"""Kill a run at a random moment of a random stage, run it again, and compare with an undisturbed run.

Half of the moments are random times within the stage's run. The other half are just before a file operation that
`hook` counts: a stage, one of its workers or DVC opens a file for writing, or renames or removes a file or folder. The
process group gets SIGKILL, SIGTERM and SIGINT in turn, as from `kill` or Ctrl-C.

Every fourth try kills `dvc repro`. The others kill the stage's command alone, in a forked process: this takes a tenth
of the time, and more of the moments fall where the stage itself writes.
"""

import os
import random
import signal
import subprocess
import time
from contextlib import suppress
from itertools import count
from pathlib import Path

from benchmarks.faults.project import (
    Ended,
    Measured,
    copy,
    counting,
    finished_project,
    forget,
    hashes,
    remove,
    start_repro,
)
from benchmarks.faults.report import Tried
from benchmarks.faults.reruns import not_whole, rerun_by_dvc, wrong_files
from benchmarks.faults.stages import command_of, count_operations, failed, measure_alone, run_stage

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
HANG = 300  # seconds after which a process that got a signal counts as hanging


class Moment:
    """A signal, and the share of a stage's time or of its operations after which it is sent."""

    def __init__(self, number: int, chance: random.Random) -> None:
        self.sent = SIGNALS[number % len(SIGNALS)]
        self.place = chance.random()
        self.on_the_clock = chance.random() < 0.5

    def __str__(self) -> str:
        return f"{self.sent.name} at {self.place:.0%} of its {'time' if self.on_the_clock else 'operations'}"

    def kill(self, measured: Measured) -> str:
        """Return WIKILM_KILL for `hook`: the number of the operation, 0 if the clock decides, and the signal."""
        return f"{0 if self.on_the_clock else 1 + int(self.place * measured.operations)} {self.sent.value}"


def run(scratch: Path, tries: int, seed: int) -> Tried:
    """Kill this many runs and return the results."""
    finished = scratch / "finished"
    measured, alone = finished_project(finished), dict[str, Measured]()
    root, whole = copy(finished, scratch / "killed"), hashes(finished)
    chance, tried = random.Random(seed), Tried("kill anywhere")
    for number in count():
        if tried.tried == tries:
            break
        stage = chance.choice(list(measured))
        outs, command = measured[stage].outs, command_of(finished, stage)
        moment, by_dvc = Moment(number, chance), number % 4 == 3
        if not by_dvc and stage not in alone:
            remove(root, outs)
            alone[stage] = measure_alone(root, command, outs)
        remove(root, outs)
        if by_dvc:
            forget(root, stage)
            ended = kill_repro(root, stage, measured[stage], moment)
        else:
            ended = kill_stage(root, command, alone[stage], moment)
        if not ended.code:
            continue  # the signal came too late
        wrong = [f"a traceback: {ended.printed[-600:]}"] if "Traceback" in ended.printed else []
        wrong += not_whole(root, finished, outs)
        wrong += rerun_by_dvc(root, finished, stage) if by_dvc else failed(run_stage(root, command))
        wrong += wrong_files(root, whole)
        tried.add(f"{'dvc repro ' * by_dvc}{stage}, {moment}", wrong)
        if wrong:
            copy(finished, root)
    return tried


def kill_stage(root: Path, command: list[str], measured: Measured, moment: Moment) -> Ended:
    """Run a stage's command until `moment`."""
    environment = counting(root, moment.kill(measured))

    def fault() -> None:
        count_operations(environment)
        if moment.on_the_clock:
            kill_group_after(moment.place * measured.seconds, moment.sent)

    return run_stage(root, command, fault)


def kill_group_after(seconds: float, sent: signal.Signals) -> None:
    """Start a process that sends a signal to its process group, which contains this process, too."""
    if os.fork():
        return
    stage = os.getppid()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    time.sleep(seconds)
    if os.getppid() == stage:
        os.killpg(0, sent)
    os._exit(0)


def kill_repro(root: Path, stage: str, measured: Measured, moment: Moment) -> Ended:
    """Run `dvc repro` of a stage until `moment`."""
    process = start_repro(root, "--single-item", stage, more=counting(root, moment.kill(measured)))
    if moment.on_the_clock:
        with suppress(subprocess.TimeoutExpired):
            process.wait(moment.place * measured.seconds)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, moment.sent)
    try:
        printed, _ = process.communicate(timeout=HANG)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    return Ended(process.returncode, printed)
