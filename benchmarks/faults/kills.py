"""Stages that are killed at random moments or find no room; a rerun must leave the outputs of an undisturbed run.

Half of a stage's own kills are after a random share of its time, the others just before a random file operation that
`hook` counts: the stage or one of its workers opens a file for writing, or renames or removes a file or folder. The
process group gets SIGKILL, SIGTERM and SIGINT in turn, as from `kill` or Ctrl-C. Every fourth kill is of `dvc repro`.
"""

import hashlib
import json
import os
import random
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

from ruamel.yaml import YAML

from tests.project import SMALL, Project, copy_of_the_project
from wikilm.commands.check import OBJECTS

MODELS = {"gru": {"unit": "gru"}, "skipgram": {"kind": "word2vec", "embedding_size": 16, "epochs": 1}}
SMALLER = {"runtime.workers": 2, "runtime.checkpoint_seconds": 0.1}
HOOK = Path(__file__).parent / "hook"
VARIES = re.compile(r"^data/(timings/|reports/index\.html)")  # times differ from run to run
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
DVC_SECONDS = 4  # that `dvc repro` takes besides its stage
HANG = 600  # seconds after which a process that got a signal counts as hanging
LEAST_ROOM = 1000  # bytes, in which an error finds room
Try = tuple[str, list[str]]  # what was tried, and what was wrong


class Ended(NamedTuple):
    """The exit code of a process, negative after a signal, and what it printed."""

    code: int
    printed: str


class Stage(NamedTuple):
    """A stage's name, its command and its outputs."""

    name: str
    command: list[str]
    outs: list[str]


class Run:
    """A small run of the whole project in `scratch`, and a copy of it in which one stage at a time is disturbed."""

    def __init__(self, scratch: Path) -> None:
        self.finished, self.root = scratch / "finished", scratch / "disturbed"
        os.environ["OMP_NUM_THREADS"] = "1"  # of all runs: the sums of two threads round otherwise
        if not self.finished.exists():
            making = scratch / "making"
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir(parents=True)
            project = copy_of_the_project(making)
            small = {key: value for key, value in SMALL.items() if not key.startswith("models.embedding")}
            project.set({"models": MODELS} | small | SMALLER)
            project.repro()
            project.commit("A run")
            making.rename(self.finished)
        stages = YAML(typ="safe").load(self.finished / "dvc.lock")["stages"]
        self.stages = [
            Stage(name, shlex.split(stage["cmd"]), [out["path"] for out in stage["outs"]])
            for name, stage in stages.items()
        ]
        self.whole = hashes(self.finished, ["data"])
        self.measured: dict[str, tuple[float, int]] = {}
        self.copy()

    def copy(self) -> None:
        """Copy the finished run anew."""
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(self.finished, self.root, symlinks=True)

    def run(
        self,
        command: list[str],
        *,
        sent: signal.Signals = signal.SIGKILL,
        after: float = HANG,
        before: int = 0,
        room: int = 0,
    ) -> Ended:
        """Run a command, which gets a signal after some seconds or before a file operation, or whose files get no room.

        It is in a session of its own, as on a terminal.
        """

        def prepare() -> None:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            if room:
                resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

        more = {"DVC_SITE_CACHE_DIR": f"{self.root}/.dvc/site", "PYTHONDONTWRITEBYTECODE": "1"}
        counting = {"WIKILM_OPERATIONS": f"{self.root}/operations", "WIKILM_KILL": f"{before} {sent.value}"}
        process = subprocess.Popen(
            command, cwd=self.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**Project(self.root).environment, **more, **counting, "PYTHONPATH": str(HOOK)},
            start_new_session=True, preexec_fn=prepare,
        )  # fmt: skip
        try:
            printed, _ = process.communicate(timeout=after)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, sent)
            printed, _ = process.communicate(timeout=HANG)
        return Ended(process.returncode, printed)

    def measure(self, stage: Stage) -> tuple[float, int]:
        """Return the seconds and the file operations of an undisturbed run of a stage."""
        if stage.name not in self.measured:
            operations = self.root / "operations"
            operations.unlink(missing_ok=True)
            remove(self.root, stage.outs)
            start = time.perf_counter()
            if problems := failed(self.run(stage.command)):
                raise RuntimeError(f"{stage.name}: {problems[0]}")
            self.measured[stage.name] = time.perf_counter() - start, operations.stat().st_size
        (self.root / "operations").unlink(missing_ok=True)
        return self.measured[stage.name]

    def not_whole(self, stage: Stage) -> list[str]:
        """Return which outputs are neither absent nor as in the undisturbed run, such as a folder that lacks files."""
        found = {out: hashes(self.root, [out]) for out in stage.outs}
        return [f"{out} is not whole" for out, own in found.items() if own and own != hashes(self.finished, [out])]

    def rerun(self, command: list[str]) -> list[str]:
        """Run a command again; return what is wrong, also with the files in data/.

        Where DVC cannot, because a kill left its own files damaged, `wikilm check` must say so.
        """
        again = self.run(command)
        if command[0] == "dvc" and again.code and self.run([sys.executable, "-m", "wikilm", "check"]).code == 1:
            self.copy()
            return []
        found = hashes(self.root, ["data"])
        differ = {name for name, _ in found.items() ^ self.whole.items()}
        return failed(again) + [f"{name} differs from an undisturbed run" for name in sorted(differ)]

    def forget(self, stage: Stage) -> None:
        """Let DVC forget that a stage ever ran: its entry in dvc.lock, the runs, and its outputs in the cache."""
        yaml, lock = YAML(), self.root / "dvc.lock"
        content = yaml.load(lock)
        entry = content["stages"].pop(stage.name)
        shared = {path for other in content["stages"].values() for path in self.objects(other["outs"])}
        for path in set(self.objects(entry["outs"])) - shared:
            path.unlink(missing_ok=True)
        shutil.rmtree(self.root / ".dvc/cache/runs", ignore_errors=True)
        yaml.dump(content, lock)

    def objects(self, outs: list[dict[str, str]]) -> Iterator[Path]:
        """Yield the files of DVC's cache that hold these outputs of dvc.lock."""
        for digest in (out["md5"] for out in outs):
            yield (path := self.root / OBJECTS / "md5" / digest[:2] / digest[2:])
            if path.suffix == ".dir" and path.is_file():  # those of `cache: false` are not kept
                yield from self.objects(json.loads(path.read_text()))


def kills(run: Run, seed: int) -> Iterator[Try]:
    """Kill stages and run them again, without end."""
    chance = random.Random(seed)
    for number in count():
        stage, sent, place = chance.choice(run.stages), SIGNALS[number % len(SIGNALS)], chance.random()
        seconds, operations = run.measure(stage)
        remove(run.root, stage.outs)
        command = stage.command
        if number % 4 == 3:
            run.forget(stage)
            command = ["dvc", "repro"]
            seconds += DVC_SECONDS
            ended = run.run([*command, "--single-item", stage.name], sent=sent, after=place * seconds)
        elif chance.random() < 0.5:
            ended = run.run(command, sent=sent, after=place * seconds)
        else:
            ended = run.run(command, sent=sent, before=1 + int(place * operations))
        if not ended.code:
            continue  # the signal came too late
        wrong = [f"a traceback: {ended.printed[-600:]}"] if "Traceback" in ended.printed else []
        wrong += run.not_whole(stage) + run.rerun(command)
        yield f"{command[0]} {stage.name}, {sent.name} at {place:.0%}", wrong
        if wrong:
            run.copy()


def full_disks(run: Run, seed: int) -> Iterator[Try]:
    """Run stages of which no file may grow beyond a random size, as on a full disk, and again; without end."""
    chance = random.Random(seed)
    while True:
        stage, place = chance.choice(run.stages), chance.random()
        sizes = [(run.finished / name).stat().st_size for name in hashes(run.finished, stage.outs)]
        room = max(LEAST_ROOM, int(place * max(sizes)))
        remove(run.root, stage.outs)
        ended = run.run(stage.command, room=room)
        wrong = refusal(ended, stage.outs) + run.not_whole(stage) if ended.code else []
        wrong += run.rerun(stage.command)
        yield f"{stage.name}, files of at most {room:,} bytes", wrong
        if wrong:
            run.copy()


def failed(ended: Ended) -> list[str]:
    """Return what is wrong with how a run ended that must work."""
    wrong = ended.code or "Traceback" in ended.printed
    return [f"exit code {ended.code}: {ended.printed.strip()[-600:]}"] if wrong else []


def refusal(ended: Ended, outs: list[str]) -> list[str]:
    """Return what is wrong with an error: it must be one line with exit code 1 that names what found no room."""
    errors = [line for line in ended.printed.splitlines() if ": error: " in line]
    timings = [out.replace("/metrics/", "/timings/").removesuffix(".json") for out in outs]
    checkpoints = [f"{Path(out).parent}/.{Path(out).name}.1" for out in outs]  # 1 is the seed
    named = errors and any(name in errors[0] for name in (*outs, *timings, *checkpoints))
    if ended.code == 1 and len(errors) == 1 and named and "Traceback" not in ended.printed:
        return []
    return [f"exit code {ended.code}, and not one line that names an output: {ended.printed.strip()[-600:]!r}"]


def remove(root: Path, outs: list[str]) -> None:
    """Remove outputs."""
    for path in (root / out for out in outs):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def hashes(root: Path, outs: list[str]) -> dict[str, str]:
    """Return the hash of each file in `outs`, but for DVC's own, which .dvcignore hides."""
    paths = [file for out in outs for file in (root / out, *(root / out).rglob("*")) if file.is_file()]
    return {path.relative_to(root).as_posix(): digest(root, path) for path in paths if path.suffix != ".tmp"}


def digest(root: Path, path: Path) -> str:
    """Return the hash of a file or, if it contains times, of its last line, which shows that the file is whole."""
    content = path.read_bytes()
    if VARIES.search(path.relative_to(root).as_posix()):
        content = b"".join(content.splitlines()[-1:])
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
