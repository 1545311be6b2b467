"""Run a command in a process of its own, within limits, and tell what it took and left."""

import contextlib
import importlib
import multiprocessing
import os
import re
import resource
import shlex
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.conftest import HERE

SECONDS = 10  # of CPU time: a busy machine must not fail it
WALL_SECONDS = 120
MEMORY = 1_500_000_000  # bytes
TEMPORARY = 200_000_000  # bytes
LINES = 6
SECRET = "s3cret"  # a password, wherever a case has one
# Loaded once, in a process that each command's process is a copy of; loaded, torch takes 350 MB of its memory.
LOADED = ["torch", "lightning", "wikilm.__main__", "pipeline.train"]
START = multiprocessing.get_context("forkserver")
START.set_forkserver_preload(LOADED)


class Ending(NamedTuple):
    """How a command ended: bytes of `memory` at most, `temporary` bytes left; a signal gives a `code` below zero."""

    code: int | None
    output: str
    seconds: float
    memory: int
    temporary: int


def run_within_limits(command: str, folder: Path, temporary: Path) -> Ending:
    """Run a command in `folder`, with `temporary` for its temporary files."""
    temporary.mkdir()
    told, measured = temporary.with_suffix(".output"), temporary.with_suffix(".measured")
    process = START.Process(target=_inside, args=(shlex.split(command), folder, temporary, told, measured))
    process.start()
    process.join(WALL_SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
    seconds, memory = map(float, measured.read_text().split()) if measured.is_file() else (SECONDS, MEMORY)
    left = sum(path.stat().st_size for path in temporary.rglob("*") if path.is_file())
    return Ending(process.exitcode, told.read_text(errors="replace"), seconds, int(memory), left)


def complaints(ending: Ending, scratch: Path) -> list[str]:
    """Return what is wrong with how a command ended, whether it answered or refused."""
    told = ending.output
    wrong = {
        f"it ended with {ending.code}": ending.code not in (0, 1),
        "a traceback": "Traceback" in told,
        "a password": SECRET in told,
        "a control character": re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", told),
        f"{len(told.splitlines())} lines": ending.code == 1 and len(told.splitlines()) > LINES,
        "a temporary folder is named": str(scratch) in told.replace(f"{scratch}/temporary: is full", ""),
        f"{ending.seconds:.1f} s": ending.seconds > SECONDS,
        f"{ending.memory / 1e6:.0f} MB of memory": ending.memory > MEMORY,
        f"{ending.temporary} bytes of temporary files": ending.temporary,
    }
    return [name for name, holds in wrong.items() if holds]


def files_of(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield the files in a folder, each with its time of change."""
    for path in folder.rglob("*"):
        if not {"__pycache__", ".dvc"} & {*path.parts} and not path.is_dir():
            yield str(path.relative_to(folder)), path.lstat().st_mtime_ns


def _inside(command: list[str], folder: Path, temporary: Path, told: Path, measured: Path) -> None:
    """Become the command."""
    os.setsid()
    os.chdir(folder)
    os.environ["TMPDIR"] = str(temporary)
    os.environ["OMP_NUM_THREADS"] = "1"
    for stream, path in ((0, os.devnull), (1, told), (2, told)):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), stream)
    sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115 # the process's own
    virtual = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS + 1, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (virtual + 2 * MEMORY, virtual + 2 * MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (TEMPORARY, TEMPORARY))
    code = 1
    try:
        _call(command)
        code = 0
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except BaseException:  # what ends a program in a traceback
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        seconds = sum(each.ru_utime + each.ru_stime for each in used)
        measured.write_text(f"{seconds} {max(each.ru_maxrss for each in used) * 1024}")
        os._exit(code)


def _call(command: list[str]) -> None:
    program, *arguments = command
    if program == "wikilm":
        importlib.import_module("wikilm.__main__").main(arguments)
    elif program.startswith("pipeline."):
        importlib.import_module(program).main(arguments)
    else:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        ended = subprocess.run(command, env=HERE | os.environ | {"PATH": path}, check=False)
        sys.exit(ended.returncode and 1)  # DVC has codes of its own
