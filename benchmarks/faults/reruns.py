"""Run `dvc repro` again after a fault, as a user would, and check what that leaves."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from ruamel.yaml.error import YAMLError

from benchmarks.faults.project import Ended, hashes, lock_of, repro, unfinished
from benchmarks.faults.stages import failed
from wikilm.commands.check import LOCK, RWLOCK

# DVC keeps no runs of stages with an output that has `cache: false` or `persist: true`.
NEVER_RESTORED = {"download", "poems", "vocabulary"}
TOLD, EMPTY_RUN = "wikilm: error: {}: is damaged", ": is empty, so DVC fails"  # by `wikilm check`
DELETE = "; delete them: "


def rerun_by_dvc(root: Path, finished: Path, stage: str) -> list[str]:
    """Run `dvc repro` after a run of `stage` was cut off; return what is wrong."""
    may_run = {stage} | NEVER_RESTORED & lost_stages(root, finished)
    again = repro_as_told(root, finished)
    return failed(again) or wrong_repro(root, finished, may_run, again)


def not_whole(root: Path, finished: Path, outs: list[str]) -> list[str]:
    """Return which outputs are neither absent nor as in the finished project, such as a folder that lacks files."""
    return [f"{out} is not whole" for out in outs if hashes(root, [out]) not in ({}, hashes(finished, [out]))]


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
