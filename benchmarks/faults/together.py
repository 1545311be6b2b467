"""Several at once: two `dvc repro`, readers of a page that is rewritten and of one database, a training that pauses."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.faults.project import (
    Ended,
    Measured,
    copy,
    environment,
    finished_project,
    forget,
    hashes,
    remove,
    repro,
    start_repro,
)
from benchmarks.faults.report import Tried
from benchmarks.faults.reruns import wrong_files, wrong_repro
from benchmarks.faults.stages import command_of, failed

READERS = 8
REWRITES = 5
PAUSES = 3
TRAINING = "train@gru"
BUSY = re.compile("is busy, it is being blocked by|another DVC process|Unable to acquire lock")  # DVC's words
READ = """
import hashlib, sys
from pathlib import Path
from pipeline.store.sequences import SPLITS, Sequences
digest = hashlib.md5()
for split in SPLITS:
    for rows in Sequences(Path("data/sequences.db")).batches(256, split=split, seed=int(sys.argv[1])):
        digest.update(str(sum(int(row.sum()) for row in rows)).encode())
print(digest.hexdigest())
"""


def run(scratch: Path, pause: float) -> Tried:
    """Try each, with pauses of so many seconds, and return the results."""
    measured = finished_project(scratch / "finished")
    whole = hashes(scratch / "finished")
    tried = Tried("together")
    works: dict[str, Callable[[Path, Path, dict[str, Measured]], list[str]]] = {
        "two `dvc repro` in one folder": two_repros,
        f"{READERS} readers of one database": readers,
        f"a page that is read while it is rewritten {REWRITES} times": read_while_rewritten,
        f"a training that pauses {PAUSES} times": partial(paused, pause=pause),
    }
    for name, work in works.items():
        root = copy(scratch / "finished", scratch / "together")
        tried.add(name, work(root, scratch / "finished", measured) + wrong_files(root, whole))
    return tried


def two_repros(root: Path, finished: Path, measured: dict[str, Measured]) -> list[str]:
    """Run a stage twice at the same time. Each must succeed or report the other; a later rerun must do nothing."""
    remove(root, measured[TRAINING].outs)
    forget(root, TRAINING)
    both = [start_repro(root) for _ in range(2)]
    ended = [Ended(0, process.communicate()[0])._replace(code=process.wait()) for process in both]
    wrong = []
    for each in ended:
        if each.code and not BUSY.search(each.printed):
            wrong.append(f"exit code {each.code} without a reason: {each.printed.strip()[-500:]}")
        if "Traceback" in each.printed:
            wrong.append(f"a traceback: {each.printed[-500:]}")
    if all(each.code for each in ended):
        wrong.append("both failed")
    again = repro(root)
    return wrong + wrong_repro(root, finished, {TRAINING}, again)


def readers(root: Path, finished: Path, measured: dict[str, Measured]) -> list[str]:
    """Let processes read all rows of one database; all in one order must read the same."""
    command = [sys.executable, "-c", READ]
    processes = [
        subprocess.Popen(
            [*command, str(number % 2)], cwd=root, env=environment(root), stdout=subprocess.PIPE, text=True
        )
        for number in range(READERS)
    ]
    found = [process.communicate()[0] for process in processes]
    if any(process.returncode for process in processes):
        return ["a reader failed"]
    return [] if len(set(found[::2])) == len(set(found[1::2])) == 1 else ["readers read different rows"]


def read_while_rewritten(root: Path, finished: Path, measured: dict[str, Measured]) -> list[str]:
    """Read the page over and over while its stage writes it; every reading must be of a whole page."""
    page = root / "data/reports/index.html"
    command = [sys.executable, "-m", *command_of(root, "report")]
    torn = readings = 0
    for _ in range(REWRITES):
        process = subprocess.Popen(command, cwd=root, env=environment(root), stderr=subprocess.DEVNULL)
        while process.poll() is None:
            torn += not page.read_text(encoding="utf-8").rstrip().endswith("</html>")
            readings += 1
            time.sleep(0.001)
        if process.returncode:
            return ["the stage failed"]
    return [f"{torn} of {readings} readings were of a part of a page"] if torn else []


def paused(root: Path, finished: Path, measured: dict[str, Measured], pause: float) -> list[str]:
    """Stop a training and let it go on, `PAUSES` times; it must end with the same weights."""
    remove(root, measured[TRAINING].outs)
    command = [sys.executable, "-m", *command_of(root, TRAINING)]
    process = subprocess.Popen(
        command, cwd=root, env=environment(root), stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    pauses = 0
    for _ in range(PAUSES):
        time.sleep(measured[TRAINING].seconds / (2 * PAUSES + 2))  # DVC's time is in it
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGSTOP)
            time.sleep(pause)
            os.killpg(process.pid, signal.SIGCONT)
            pauses += 1
    _, told = process.communicate()
    return failed(Ended(process.returncode, told)) + [f"it paused {pauses} times"] * (pauses < PAUSES)
