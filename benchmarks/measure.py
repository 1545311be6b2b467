"""Time two ways of doing the same work in turn, so that a slow moment affects both; keep runs; record figures."""

import argparse
import hashlib
import os
import platform
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import claims
from pipeline.run.outputs import read_json, write_json

RUNS = 5
ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("WIKILM_SHARED", Path(__file__).parents[2] / "shared"))  # dumps, treebanks, parser tests


@dataclass(frozen=True)
class Row:
    """A line of the table: rates in `unit`, medians of the runs; `ratio` is the median ratio of the pairs of runs."""

    name: str
    ours: float
    peer: float
    peer_name: str
    ratio: float
    unit: str

    def __str__(self) -> str:
        rates = f"{self.ours:>12,.1f} {self.peer:>12,.1f} {self.ratio:>7.2f}"
        return f"{self.name:<34} {rates}  {self.unit:<12} {self.peer_name}"


HEADER = f"{'what':<34} {'ours':>12} {'peer':>12} {'ratio':>7}  {'unit':<12} peer"


def compare(
    name: str,
    ours: Callable[[], Any],
    peer: Callable[[], Any],
    *,
    peer_name: str,
    amount: float,
    unit: str,
    peer_amount: float | None = None,
    runs: int = RUNS,
) -> Row:
    """Time `ours` and `peer` in turn, after one untimed run of each; `amount` is the work of a run."""
    ours(), peer()
    pairs = [(amount / seconds(ours), (peer_amount or amount) / seconds(peer)) for _ in range(runs)]
    rates, peers = (median(each) for each in zip(*pairs, strict=True))
    return Row(name, rates, peers, peer_name, median(ours / peer for ours, peer in pairs), unit)


def seconds(work: Callable[[], Any], clock: Callable[[], float] = time.perf_counter) -> float:
    """Return how long one call takes."""
    start = clock()
    work()
    return clock() - start


def kept(path: Path, measure: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """Return the figures that an earlier run left at `path`; otherwise measure them in a process of its own.

    A digest of the arguments ends the file's name, so that no run is taken for another one.
    """
    digest = hashlib.blake2b(repr(arguments).encode(), digest_size=4).hexdigest()
    path = path.with_name(f"{path.stem}-{digest}{path.suffix}")
    if not path.exists():
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            found = pool.submit(measure, *arguments).result()
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, found)
    return dict(read_json(path))


def parser_of(description: str | None) -> argparse.ArgumentParser:
    """Return a parser of a benchmark's command line, with the option `--record`."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--record", action="store_true", help="write the figures that a page cites to figures.json and the page"
    )
    return parser


def print_rows(rows: Iterable[Row]) -> dict[str, float]:
    """Print the table of these rows; return their ratios, by names that begin with `speed`."""
    print(HEADER)
    found = {}
    for row in rows:
        print(row, flush=True)
        found[f"speed.{row.name}"] = row.ratio
    return found


def record(given: argparse.Namespace, figures: Mapping[str, Any]) -> None:
    """With `--record` print figures by key, numbers or (value, low, high), and renew those that a page cites.

    A key has lower case, and a hyphen for all signs but letters, digits, dots and `_`. A run in figures.json has its
    command (without folders of the machine), commit, machine and date.
    """
    if not given.record:
        return
    found = {re.sub(r"[^a-z\d._]+", "-", name.lower()): value for name, value in figures.items()}
    print(*(f"{key} {value}" for key, value in found.items()), sep="\n")
    cited = claims.keys_of(claims.read_claims())
    new = {key: value for key, value in found.items() if key in cited}
    words = [Path(word).name if word.startswith("/") else word for word in sys.orig_argv[1:]]
    output_of = partial(subprocess.check_output, cwd=ROOT, text=True)
    changed = output_of(["git", "diff", "HEAD", "--name-only", "--", "*.py"])
    commit = output_of(["git", "rev-parse", "--short", "HEAD"]).strip() + "-dirty" * bool(changed)
    processors = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    machine = f"{os.cpu_count()} threads of {processors[0] if processors else platform.machine()}"
    run = {"command": shlex.join(["python", *words]), "commit": commit, "machine": machine, "date": f"{date.today()}"}
    earlier = [
        r | {"figures": {k: v for k, v in r["figures"].items() if k not in new}} for r in read_json(claims.FIGURES)
    ]
    write_json(claims.FIGURES, [each for each in (*earlier, run | {"figures": new}) if each["figures"]])
    claims.main()
