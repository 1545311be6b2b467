"""Kill a run at a random moment of a random stage, run it again, and compare with an undisturbed run.

Half of the moments are random times within the stage's run. The other half are just before a file operation that
`hook` counts: a stage, one of its workers or DVC opens a file for writing, or renames or removes a file or folder. The
process group gets SIGKILL, SIGTERM and SIGINT in turn, as from `kill` or Ctrl-C.

Every fourth try kills `dvc repro`. The others kill the stage's command alone, in a forked process: this takes a tenth
of the time, and more of the moments fall where the stage itself writes.
"""

import os
import random
import re
import runpy
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from itertools import count
from pathlib import Path

from ruamel.yaml.error import YAMLError

from benchmarks.faults.project import (
    COUNTER,
    HOOK,
    Ended,
    Measured,
    copy,
    counting,
    finished_project,
    forget,
    hashes,
    lock_of,
    remove,
    repro,
    start_repro,
    unfinished,
)
from benchmarks.faults.report import Tried
from benchmarks.faults.stages import command_of, failed, run_stage
from pipeline.commands.check import LOCK, RWLOCK

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
# DVC keeps no runs of stages with an output that has `cache: false` or `persist: true`.
NEVER_RESTORED = {"download", "poems", "vocabulary"}
TOLD, EMPTY_RUN = "wikilm: error: {}: is damaged", ": is empty, so DVC fails"  # by `wikilm check`
DELETE = "; delete them: "
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
        wrong += [f"{out} is not whole" for out, digest in hashes(root, outs).items() if whole[out] != digest]
        wrong += rerun_by_dvc(root, finished, stage) if by_dvc else failed(run_stage(root, command))
        wrong += wrong_files(root, whole)
        tried.add(f"{'dvc repro ' * by_dvc}{stage}, {moment}", wrong)
        if wrong:
            copy(finished, root)
    return tried


def measure_alone(root: Path, command: list[str], outs: list[str]) -> Measured:
    """Run a stage's command and measure it."""
    environment = counting(root)
    begin = time.perf_counter()
    ended = run_stage(root, command, lambda: count_operations(environment))
    assert ended.code == 0, ended.printed
    return Measured(outs, time.perf_counter() - begin, (root / COUNTER).stat().st_size)


def count_operations(environment: dict[str, str]) -> None:
    """Count the file operations of this process and its children, in a process group of their own."""
    os.setpgid(0, 0)
    os.environ.update(environment)
    runpy.run_path(str(HOOK / "sitecustomize.py"))


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


def rerun_by_dvc(root: Path, finished: Path, stage: str) -> list[str]:
    """Run `dvc repro` after a run of `stage` was cut off; return what is wrong."""
    may_run = {stage} | NEVER_RESTORED & lost_stages(root, finished)
    again = repro_as_told(root, finished)
    return failed(again) or wrong_repro(root, finished, may_run, again)


def wrong_files(root: Path, whole: dict[str, str]) -> list[str]:
    """Return which files differ from the hashes of an undisturbed run, and which are unfinished."""
    found = hashes(root)
    differ = sorted(name for name in whole.keys() | found.keys() if whole.get(name) != found.get(name))
    return [f"{name} differs from an undisturbed run" for name in differ] + [
        f"{name} is left" for name in unfinished(root)
    ]


def repro_as_told(root: Path, finished: Path) -> Ended:
    """Run `dvc repro`; if it fails, do what `wikilm check` says of DVC's files, and run it again."""
    again = repro(root)
    return repro(root) if again.code and mend_as_told(root, finished) else again


def mend_as_told(root: Path, finished: Path) -> bool:
    """Do what `wikilm check` says of DVC's files; return whether there was anything."""
    check = [sys.executable, "-m", "pipeline", "check"]
    told = subprocess.run(check, cwd=root, capture_output=True, text=True).stderr
    if told.startswith(TOLD.format(RWLOCK)):
        (root / RWLOCK).unlink()
    elif told.startswith(TOLD.format(LOCK)):
        shutil.copyfile(finished / LOCK, root / LOCK)
    elif EMPTY_RUN in told:
        (root / told.removeprefix("wikilm: error: ").partition(EMPTY_RUN)[0]).rmdir()
    elif DELETE in told:
        subprocess.check_call(told.partition(DELETE)[2].split(), cwd=root)
    else:
        return False
    return True


def lost_stages(root: Path, finished: Path) -> set[str]:
    """Return the stages that dvc.lock lacks because a kill cut it; none if it is damaged, since it is then restored."""
    try:
        return lock_of(finished).keys() - lock_of(root).keys()
    except (YAMLError, LookupError, TypeError, ValueError):
        return set()


def wrong_repro(root: Path, finished: Path, may_run: set[str], again: Ended) -> list[str]:
    """Return what is wrong after `dvc repro` ran again: it may run no other stages and must leave the same dvc.lock."""
    ran = set(re.findall(r"^Running stage '(.+)':", again.printed, re.MULTILINE))
    wrong = [f"the rerun ran {', '.join(sorted(ran - may_run))}, too"] if ran - may_run else []
    here, there = map(lock_of, (root, finished))
    for lock in (here, there):
        del lock["report"]  # the page shows times
    return wrong if here == there else [*wrong, "dvc.lock differs"]
