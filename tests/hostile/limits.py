"""Run a command in a process of its own, within limits, and tell what it took and left."""

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import re
import resource
import shlex
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import IO, NamedTuple, NoReturn

from tests.conftest import HERE

SECONDS = 10  # of CPU time: a busy machine must not fail it
WALL_SECONDS = 600
MEMORY = 1_500_000_000  # bytes
TEMPORARY = 200_000_000  # bytes
LINES, LETTERS = 6, 10_000
# Of what reads text: a second, twice for busy machines; 300 MB more than an undamaged command, which takes up to 50.
TEXT_SECONDS, TEXT_MEMORY = 2, 350_000_000
SECRET = "s3cret"  # a password, wherever a case has one
# Loaded once, in a process that each command's process is a copy of; loaded, they take 400 MB of its memory.
LOADED = [
    *("torch", "pandas", "scipy.stats", "dvc.cli.parser", "dvc.repo", "wikilm.__main__", "pipeline.checks.download"),
    *(
        "pipeline.poems",
        "pipeline.train",
        "pipeline.analogies",
        "pipeline.embeddings",
        "pipeline.extract",
        "pipeline.poetry_generation",
    ),
]


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
    asked, answered = _server()
    asked.write(json.dumps([command, str(folder), str(temporary)]) + "\n")
    code, seconds, memory = json.loads(answered.readline())
    left = sum(path.stat().st_size for path in temporary.rglob("*") if path.is_file())
    return Ending(code, _told(temporary).read_text(errors="replace"), seconds, memory, left)


def make_sound(root: Path) -> Path:
    """Return a new folder with the undamaged files, which a process makes that has loaded what takes long."""
    ending = run_within_limits(f"tests.hostile.sound {root}", root.parent, root.with_name("making"))
    assert ending.code == 0, ending.output
    return root


def complaints(ending: Ending, scratch: Path, seconds: float = SECONDS, memory: int = MEMORY) -> list[str]:
    """Return what is wrong with how a command ended, whether it answered or refused."""
    told = ending.output
    wrong = {
        f"it ended with {ending.code}": ending.code not in (0, 1),
        "a traceback": "Traceback" in told,
        "a password": SECRET in told,
        "a control character": re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", told),
        f"{len(told.splitlines())} lines": ending.code == 1 and len(told.splitlines()) > LINES,
        f"{len(told):,} letters": ending.code == 1 and len(told) > LETTERS,
        "a temporary folder is named": str(scratch) in told.replace(f"{scratch}/temporary: is full", ""),
        f"{ending.seconds:.1f} s": ending.seconds > seconds,
        f"{ending.memory / 1e6:.0f} MB of memory": ending.memory > memory,
        f"{ending.temporary} bytes of temporary files": ending.temporary,
    }
    return [name for name, holds in wrong.items() if holds]


def files_of(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield the files in a folder, each with its time of change."""
    for path in folder.rglob("*"):
        if not {"__pycache__", ".dvc"} & {*path.parts} and not path.is_dir():
            yield str(path.relative_to(folder)), path.lstat().st_mtime_ns


@cache
def _server() -> tuple[IO[str], IO[str]]:
    """Start the process that has loaded what takes long, and return where it is asked and answers."""
    code = f"from {__name__} import serve; serve()"
    pipe, size = subprocess.PIPE, 1  # a line
    server = subprocess.Popen([sys.executable, "-c", code], size, stdin=pipe, stdout=pipe, text=True, env=HERE)
    assert server.stdin
    assert server.stdout
    return server.stdin, server.stdout


def serve() -> None:
    """Run commands, each in a copy of this process, until stdin ends; tell their codes, seconds and bytes of memory."""
    commands = importlib.import_module("wikilm.commands")
    for name in LOADED:
        importlib.import_module(name)
    for command in pkgutil.iter_modules(commands.__path__, f"{commands.__name__}."):
        importlib.import_module(command.name)
    gc.freeze()  # or each copy would go through all that was loaded, and own it
    for line in sys.stdin:
        command, *paths = json.loads(line)
        process = os.fork() or _become(shlex.split(command), *map(Path, paths))
        _, status, used = os.wait4(process, 0)  # with what the processes that it started used
        code = os.waitstatus_to_exitcode(status)
        print(json.dumps([code, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024]), flush=True)


def _told(temporary: Path) -> Path:
    return temporary.with_suffix(".output")


def _become(command: list[str], folder: Path, temporary: Path) -> NoReturn:
    """Become the command."""
    os.setsid()
    os.chdir(folder)
    os.environ["TMPDIR"] = str(temporary)
    os.environ["OMP_NUM_THREADS"] = "1"
    for stream, path in ((0, os.devnull), (1, _told(temporary)), (2, _told(temporary))):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), stream)
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 # the process's own
    sys.stderr = open(2, "w", errors="backslashreplace", closefd=False)  # noqa: SIM115 # as Python does
    virtual = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    signal.alarm(WALL_SECONDS)
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
        os._exit(code)


def _call(command: list[str]) -> None:
    program, *arguments = command
    if program == "closed-stdin":
        os.close(0)
        sys.stdin = None  # as Python does where it starts so
        _call(arguments)
    elif program == "full-disk":
        resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))
        os.dup2(os.open(arguments.pop(0), os.O_RDONLY), 0)
        _call(arguments)
    elif program == "wikilm":
        importlib.import_module("wikilm.__main__").main(arguments)
    elif program.startswith(("pipeline.", "tests.")):
        importlib.import_module(program).main(arguments)
    elif program == "dvc":
        sys.exit(importlib.import_module("dvc.cli").main(arguments) and 1)  # DVC has codes of its own
    else:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        sys.exit(subprocess.run(command, env=HERE | os.environ | {"PATH": path}, check=False).returncode)
