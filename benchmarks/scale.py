"""Time, memory and disk of each stage, from a dump of any size to the first minutes of training.

`python -m benchmarks.scale --gigabytes 1 SOURCE.xml.bz2 PLAIN.xml.bz2` makes dumps of a gigabyte of XML of the pages of
the sources (benchmarks/grown.py) and runs each stage on them, in the folder `--folder`. What no later stage needs is
deleted. A run that was stopped goes on with the stage at which it stopped.

Seconds are of the clock. CPU seconds, memory and bytes written are of all processes of a stage. Memory that processes
share counts once; pages of files do not count. Disk is the most that the folder held, looked at every few seconds. A
long stage also has the growth of memory and of open files in its second half. The exit code is 1 where a stage's output
has another hash with other workers.
"""

import argparse
import ctypes
import hashlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import psutil
import pyarrow.parquet as pq
from ruamel.yaml import YAML

from benchmarks.grown import write_dumps
from benchmarks.memory import Sample, growth, sample
from pipeline.run.outputs import read_json_if_there, write_json
from pipeline.run.runtime import Runtime
from pipeline.settings import PARAMS, read_yaml
from pipeline.words.counting import merge_counts
from pipeline.words.layout import shards

ROOT = Path(__file__).parents[1]
DONE = "done.json"
# The arguments of each stage, and what is deleted after it.
STAGES = {
    "download": (["raw"], []),
    "templates": (["raw", "templates.db"], []),
    "extract": (["raw", "templates.db", "articles"], ["dumps"]),
    "tokens": (["articles", "tokens"], ["articles"]),
    "vocabulary": (["tokens", str(ROOT / "questions"), "vocabulary.tsv", "remap", "word_counts.tsv"], []),
    "index": (["tokens", "vocabulary.tsv", "remap", "sequences.db"], ["tokens", "remap"]),
    "baselines": (["sequences.db", "baselines"], ["baselines"]),
}
SPREAD = ("extract", "tokens")  # over several workers
FIRST_BATCH = """
import sys
from pathlib import Path
from pipeline.batches.rows import SequenceData
from pipeline.settings.model_sections import Sentences, Stream
from pipeline.training import language_model  # a training imports it, too
kind = {"sentences": Sentences, "stream": Stream}[sys.argv[1]]
data = SequenceData(Path("sequences.db"), seed=1, batches=kind(kind=sys.argv[1]))
data.sequences.require_rows(), data.target_counts(), next(iter(data.train_dataloader()))
"""
COLUMNS = ("seconds", "cpu_seconds", "memory_mb", "written_gb", "disk_gb")
PR_SET_CHILD_SUBREAPER = 36  # of prctl(2): orphans become this process's children
# Seconds between samples of memory, at first and later: short stages have short peaks, but a sample takes 15 ms of CPU.
SHORTEST, LONGEST = 0.05, 1.0
LOOK = 5.0  # seconds between looks at the disk, which take 50 ms
LONG = 300.0  # seconds; memory of a shorter stage still grows because the stage has just started


def measured(command: Sequence[str], folder: Path, limit: float = float("inf")) -> dict[str, Any]:
    """Run a command in `folder`, for `limit` seconds at most, and return what it used; exits if it fails."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)  # the server that forks workers outlives its parent
    start, before, written = time.perf_counter(), cpu_seconds(), psutil.Process().io_counters().write_bytes
    samples: list[Sample] = []
    disk, looked, own = 0.0, 0.0, psutil.Process().children()
    with (folder / "log.txt").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=log, stderr=log
        )
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        samples.append(sample(process.pid, seconds := time.perf_counter() - start))
        if seconds > looked + LOOK:
            disk, looked = max(disk, disk_gb(folder)), seconds
        if seconds > limit:
            os.kill(process.pid, signal.SIGTERM)
        time.sleep(min(SHORTEST + seconds / 200, LONGEST))
    _, status = os.waitpid(process.pid, 0)
    seconds = time.perf_counter() - start
    while orphans := set(psutil.Process().children()).difference(own):
        for orphan in orphans:
            if status:
                orphan.kill()
            os.waitpid(orphan.pid, 0)
    if status and seconds < limit:
        sys.exit(f"{' '.join(command)} failed; {folder}/log.txt says why. Run this again to go on from there")
    # A process that has ended leaves what it wrote to the one that waited for it.
    written = psutil.Process().io_counters().write_bytes - written
    memory = max((each.megabytes for each in samples), default=0.0)
    used = (seconds, cpu_seconds() - before, memory, written / 1e9, max(disk, disk_gb(folder)))
    more = {"growth": "{:+.2f} MB, {:+.2f} open files a minute".format(*growth(samples))} if seconds > LONG else {}
    return dict(zip(COLUMNS, used, strict=True)) | more


def cpu_seconds() -> float:
    """Return the CPU seconds of all descendants that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def disk_gb(folder: Path) -> float:
    """Return the size of all files in a folder, of which some may go meanwhile."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += (Path(parent) / name).lstat().st_blocks * 512
    return total / 1e9


def write_params(folder: Path, runtime: dict[str, Any]) -> None:
    """Write the project's params.yaml with the run's dumps, 10,000 words and its workers."""
    changes = {
        "wiki": {"source": "dumps/*.xml.bz2"},
        "vocabulary": {"size": 10_000},
        "runtime": runtime,
    }
    YAML(typ="safe").dump(read_yaml(ROOT / PARAMS) | changes, folder / PARAMS)


def runs(folder: Path, arguments: argparse.Namespace) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name and the use of each step of the run that is not done yet."""
    python = [sys.executable, "-m"]
    done = read_json_if_there(folder / DONE) or {}
    todo: list[tuple[str, str, dict[str, Any]]] = []
    for stage in STAGES:
        if stage in SPREAD and arguments.compare:
            todo.append((f"{stage}, 1 worker", stage, {"workers": 1}))
        if stage in SPREAD and arguments.scheduler:
            todo.append((f"{stage}, cluster", stage, {"scheduler": arguments.scheduler}))
        todo.append((stage, stage, {"workers": arguments.workers}))
    for name, stage, runtime in todo:
        if name in done:
            continue
        write_params(folder, runtime)
        paths, needless = STAGES[stage]
        used = measured([*python, f"pipeline.{stage}", *paths], folder)
        if stage in SPREAD:
            used["hash"] = digest(folder / paths[-1])
        if stage == "vocabulary":
            used["heaps"] = heaps_exponent(folder / "tokens")
        yield name, used  # and is written down before anything is deleted
        if name == stage:
            for path in needless:
                shutil.rmtree(folder / path)
    for kind in ("sentences", "stream"):
        if f"first batch, {kind}" not in done:
            yield f"first batch, {kind}", measured([sys.executable, "-c", FIRST_BATCH, kind], folder)
    if "train" not in done:
        command = [*python, "pipeline.train", "gru", "sequences.db", "model", "--metrics", "train.json"]
        yield "train", measured(command, folder, arguments.train_seconds)


def digest(folder: Path) -> str:
    """Return a hash of the names and contents of all files in a folder."""
    total = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        total.update(path.name.encode())
        with path.open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()[:16]


def heaps_exponent(tokens: Path) -> float:
    """Return the power of the number of words by which distinct words grow, between a quarter of the shards and all."""
    paths = shards(tokens, "words")
    found = []
    for some in (paths[::4], paths):
        words = sum(pq.read_table(path, columns=["count"])["count"].to_numpy().sum() for path in some)
        with TemporaryDirectory(dir=tokens.parent) as scratch:
            found.append((words, sum(map(len, merge_counts(some, Path(scratch))))))
    (few, few_distinct), (many, distinct) = found
    return float(np.log(distinct / few_distinct) / np.log(many / few))


def main() -> None:
    """Make the dumps, run what is not done, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="+", type=Path, metavar="SOURCE")
    parser.add_argument("--gigabytes", type=float, required=True)
    parser.add_argument("--files", type=int, default=4)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--compare", action="store_true", help="run extract and tokens with one worker, too")
    parser.add_argument("--scheduler", help="address of a Dask scheduler: run extract and tokens there, too")
    parser.add_argument("--train-seconds", type=float, default=180)
    arguments = parser.parse_args()
    folder, sources = arguments.folder.absolute(), tuple(path.absolute() for path in arguments.sources)
    done = read_json_if_there(folder / DONE) or {}
    if "extract" not in done:
        (folder / "dumps").mkdir(parents=True, exist_ok=True)
        runtime = Runtime(workers=arguments.workers)
        write_dumps(folder / "dumps", arguments.gigabytes * 1000, arguments.files, sources, runtime)
    for name, used in runs(folder, arguments):
        done[name] = used
        write_json(folder / DONE, done)
    print_done(done, arguments.gigabytes)
    if differing := differing_stages(done):
        sys.exit(f"{', '.join(differing)}: the hashes of one worker, of several and of the cluster differ")


def differing_stages(done: dict[str, dict[str, Any]]) -> list[str]:
    """Return the stages whose runs with other workers left other outputs."""
    return [
        stage
        for stage in SPREAD
        if len({used["hash"] for name, used in done.items() if name.partition(",")[0] == stage}) > 1
    ]


def print_done(done: dict[str, dict[str, Any]], gigabytes: float) -> None:
    """Print a row for each step."""
    print(f"{gigabytes} GB of XML")
    print(f"{'':<24} {'seconds':>9} {'CPU s':>9} {'MB':>7} {'GB written':>10} {'GB on disk':>10}")
    for name, used in done.items():
        seconds, cpu, memory, written, disk = (used[column] for column in COLUMNS)
        more = " ".join(f"{key} {used[key]}" for key in ("hash", "heaps", "growth") if key in used)
        print(f"{name:<24} {seconds:>9.1f} {cpu:>9.1f} {memory:>7.0f} {written:>10.2f} {disk:>10.2f}  {more}")
    total = sum(used["cpu_seconds"] for name, used in done.items() if name in STAGES)
    shares = (f"{name} {done[name]['cpu_seconds'] / total:.1%}" for name in ("vocabulary", "index"))
    print("share of the CPU seconds of all stages:", ", ".join(shares))


if __name__ == "__main__":
    main()
