"""Run a stage in a forked process: torch is loaded already, and a fault ends with the process."""

import importlib
import os
import runpy
import shlex
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import torch

from benchmarks.faults.project import COUNTER, HOOK, Ended, Measured, counting, lock_of
from pipeline.training import train_language_model  # noqa: F401 # imported once, before the forks


def command_of(root: Path, stage: str) -> list[str]:
    """Return the command of a stage: the name of its module and its arguments."""
    _, _, module, *arguments = shlex.split(lock_of(root)[stage]["cmd"])
    return [module, *arguments]


def run_stage(root: Path, command: list[str], fault: Callable[[], object] = lambda: None) -> Ended:
    """Run a stage's command in `root`, after `fault` has been called in its process."""
    module, *arguments = command
    main = importlib.import_module(module).main

    def work() -> None:
        os.chdir(root)
        torch.set_num_threads(1)  # as in the undisturbed run: the sums of two threads round otherwise
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"  # a full disk cuts what the server of workers compiles
        fault()
        main(arguments)

    return in_a_fork(work)


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


def in_a_fork(work: Callable[[], object]) -> Ended:
    """Do some work in a fork of this process; return how it ended and what it printed."""
    with tempfile.TemporaryFile() as printed:
        if not (process := os.fork()):
            code = 1
            try:
                os.dup2(printed.fileno(), 1)
                os.dup2(printed.fileno(), 2)
                # A shell lets what it starts in the background ignore Ctrl-C.
                signal.signal(signal.SIGINT, signal.default_int_handler)
                sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)  # pytest has its own
                work()
                code = 0
            except SystemExit as exit_:
                code = int(exit_.code or 0)
            except BaseException:
                traceback.print_exc()
            finally:  # the child must never go on as its parent
                sys.stderr.flush()
                os._exit(code)
        _, status = os.waitpid(process, 0)
        printed.seek(0)
        return Ended(os.waitstatus_to_exitcode(status), printed.read().decode(errors="replace"))


def failed(ended: Ended) -> list[str]:
    """Return what is wrong with how a run ended that must work."""
    wrong = ended.code or "Traceback" in ended.printed
    return [f"exit code {ended.code}: {ended.printed.strip()[-600:]}"] if wrong else []


def refusal(ended: Ended, names: list[str]) -> list[str]:
    """Return what is wrong with an error: it must be one line with exit code 1 that contains one of the `names`."""
    errors = [line for line in ended.printed.splitlines() if ": error: " in line]
    wrong = []
    if ended.code != 1:
        wrong.append(f"exit code {ended.code}")
    if "Traceback" in ended.printed or len(errors) != 1:
        wrong.append(f"no error in one line: {ended.printed.strip()[-400:]!r}")
    elif not any(name in errors[0] for name in names):
        wrong.append(f"{errors[0]!r} names none of {', '.join(names)}")
    return wrong
