"""A small finished run of the whole project, and copies of it in which one stage has yet to run."""

import hashlib
import json
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

from pipeline.run.outputs import read_json_if_there, write_json
from tests.project import SMALL, Project, copy_of_the_project
from wikilm.commands.check import OBJECTS

MODELS = {"gru": {"unit": "gru"}, "skipgram": {"kind": "word2vec", "embedding_size": 16, "epochs": 1}}
SMALLER = {  # than the tests want them
    "poetry_generation.models": {"gru": {"epochs": 1}},
    "poetry_generation.novelty_lines": 4,
    "poetry_classification.recurrent.epochs": [1],
    "poetry_classification.longest_ngram": [1],
    "runtime.workers": 2,
    "runtime.checkpoint_seconds": 0.1,
}
MEASURED = "measured.json"  # in the finished project
COUNTER = "operations"
HOOK = Path(__file__).parent / "hook"
# The names of unfinished outputs. DVC's own `.NAME.tmp` may stay, because .dvcignore hides them.
UNFINISHED = re.compile(r"\.partial|\.old(/|$)|\.checkpoint|/\.workers-|\.scratch|-journal$")
VARIES = re.compile(r"^data/(timings/|reports/index\.html)")  # times differ from run to run


class Measured(NamedTuple):
    """An undisturbed run of a stage: what it writes, its seconds, and its file operations, counted by `hook`."""

    outs: list[str]
    seconds: float
    operations: int


class Ended(NamedTuple):
    """The exit code of a process, negative after a signal, and what it printed."""

    code: int
    printed: str


def environment(root: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of `dvc`: it keeps its state in the project, and each process has one thread."""
    state = {"DVC_SITE_CACHE_DIR": str(root / ".dvc/site"), "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    return Project(root).environment | state | dict(more or {})


def counting(root: Path, kill: str = "0 0") -> dict[str, str]:
    """Return the environment in which `hook` counts file operations; `kill` is its WIKILM_KILL."""
    (root / COUNTER).unlink(missing_ok=True)
    return {"PYTHONPATH": str(HOOK), "WIKILM_OPERATIONS": str(root / COUNTER), "WIKILM_KILL": kill}


def start_repro(root: Path, *arguments: str, more: Mapping[str, str] | None = None) -> "subprocess.Popen[str]":
    """Start `dvc repro` in a session of its own, as a terminal does."""
    return subprocess.Popen(
        ["dvc", "repro", *arguments],
        cwd=root,
        env=environment(root, more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def repro(root: Path, *arguments: str, more: Mapping[str, str] | None = None) -> Ended:
    """Run `dvc repro` to its end."""
    process = start_repro(root, *arguments, more=more)
    printed, _ = process.communicate()
    return Ended(process.returncode, printed)


def finished_project(root: Path) -> dict[str, Measured]:
    """Make the small run of the built-in dump in `root`, stage by stage, unless it is there; return the measures."""
    if found := read_json_if_there(root / MEASURED):
        return {stage: Measured(**each) for stage, each in found.items()}
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    project = copy_of_the_project(root)
    project.set(settings())
    measured = {}
    for stage in in_order(root):
        begin = time.perf_counter()
        ended = repro(root, "--single-item", stage, more=counting(root))
        assert ended.code == 0, ended.printed
        seconds = round(time.perf_counter() - begin, 2)
        outs = [out["path"] for out in lock_of(root)[stage]["outs"]]
        measured[stage] = Measured(outs, seconds, (root / COUNTER).stat().st_size)
        print(f"{stage}: {seconds} s, {measured[stage].operations} operations on files", flush=True)
    (root / COUNTER).unlink()
    project.commit("A run")
    write_json(root / MEASURED, {stage: each._asdict() for stage, each in measured.items()})
    return measured


def settings() -> dict[str, Any]:
    """Return the settings of the small run, which differ from those of params.yaml."""
    small = {key: value for key, value in SMALL.items() if not key.startswith(("models.lstm", "models.embedding"))}
    return {"models": MODELS} | small | SMALLER


def in_order(root: Path) -> list[str]:
    """Return the stages in an order in which each follows the stages whose outputs it reads."""

    def told(*command: str) -> str:
        return subprocess.check_output(["dvc", *command], cwd=root, env=environment(root), text=True)

    before: dict[str, set[str]] = {stage: set() for stage in told("stage", "list", "--name-only").split()}
    for above, below in re.findall(r'"(.+?)" -> "(.+?)";', told("dag", "--dot")):
        before[below].add(above)
    return list(TopologicalSorter(before).static_order())


def lock_of(root: Path) -> dict[str, Any]:
    """Return the stages of dvc.lock."""
    return dict(YAML(typ="safe").load(root / "dvc.lock")["stages"])


def copy(finished: Path, root: Path) -> Path:
    """Copy a finished project to `root`."""
    shutil.rmtree(root, ignore_errors=True)
    return Path(shutil.copytree(finished, root, symlinks=True))


def remove(root: Path, outs: list[str]) -> None:
    """Remove a stage's outputs."""
    for out in outs:
        path = root / out
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def forget(root: Path, stage: str) -> None:
    """Let DVC forget that a stage ever ran: its entry in dvc.lock, its runs, and its outputs in the cache."""
    yaml = YAML()
    content = yaml.load(root / "dvc.lock")
    entry = content["stages"].pop(stage)
    shared = {path for other in content["stages"].values() for path in objects_of(root, other["outs"])}
    for path in set(objects_of(root, entry["outs"])) - shared:
        path.unlink(missing_ok=True)
    written = " ".join(f"cmd: {entry['cmd']} deps:".split())
    for folder in (root / ".dvc/cache/runs").glob("*/*"):
        if any(written in " ".join(run.read_text().split()) for run in folder.iterdir()):
            shutil.rmtree(folder)
    yaml.dump(content, root / "dvc.lock")


def objects_of(root: Path, outs: list[dict[str, str]]) -> Iterator[Path]:
    """Yield the files of DVC's cache that hold these outputs of dvc.lock."""
    for digest in (out["md5"] for out in outs):
        yield (path := root / OBJECTS / "md5" / digest[:2] / digest[2:])
        if path.suffix == ".dir" and path.is_file():  # those of `cache: false` are not kept
            yield from objects_of(root, json.loads(path.read_text()))


def hashes(root: Path, outs: list[str] | None = None) -> dict[str, str]:
    """Return the hash of each file in `outs`, by default in data/."""
    paths = [file for out in outs or ["data"] for file in [root / out, *(root / out).rglob("*")] if file.is_file()]
    names = {path.relative_to(root).as_posix(): path for path in paths}
    return {
        name: digest(name, path)
        for name, path in sorted(names.items())
        if not UNFINISHED.search(name) and path.suffix != ".tmp"
    }


def digest(name: str, path: Path) -> str:
    """Return the hash of a file or, if it contains times, of its last line, which shows that the file is whole."""
    content = path.read_bytes()
    if VARIES.search(name):
        content = b"".join(content.splitlines()[-1:])
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def unfinished(root: Path) -> list[str]:
    """Return the paths in data/ whose names mark unfinished outputs."""
    names = [path.relative_to(root).as_posix() for path in (root / "data").rglob("*")]
    return [name for name in names if UNFINISHED.search(name)]
