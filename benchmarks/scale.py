"""Time and memory from a dump to sequences.db, with one worker and with two, and the speed of drawing rows.

`python -m benchmarks.scale DUMP [DUMP ...]` on idle cores. Times are for the first dump. Peak memory is summed
over a stage's processes, for the first dump and for all dumps.
"""

import argparse
import bz2
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from pathlib import Path
from statistics import median

import numpy as np
import psutil
from ruamel.yaml import YAML

from benchmarks.measure import RUNS, compare, print_table
from pipeline.run.runtime import Runtime
from pipeline.run.workers import map_in_order
from pipeline.settings import PARAMS, read_yaml
from pipeline.sources.dumps.bzip2 import blocks
from pipeline.sources.dumps.dump import Piece, split
from pipeline.store.sequences import Sequences

ROOT = Path(__file__).parents[1]
STAGES = {
    "templates": ["raw", "templates.db"],
    "extract": ["raw", "templates.db", "articles"],
    "tokens": ["articles", "tokens"],
    "vocabulary": ["tokens", str(ROOT / "questions"), "vocabulary.tsv", "remap", "word_counts.tsv"],
    "index": ["tokens", "vocabulary.tsv", "remap", "sequences.db"],
}
# The vocabulary has as many words as ours; one pass of WikiCorpus with its tokenizer in one process.
GENSIM = """
import sys, json
from gensim.corpora import Dictionary, WikiCorpus
dictionary, tokens = Dictionary(), 0
corpus = WikiCorpus(sys.argv[1], processes=1, dictionary={}, article_min_tokens=0)
for text in corpus.get_texts():
    tokens += len(text)
    dictionary.doc2bow(text, allow_update=True)
dictionary.filter_extremes(no_below=1, no_above=1.0, keep_n=9998)
print(json.dumps(tokens))
"""


@dataclass
class Run:
    """What a command and all the processes that it started used."""

    seconds: float
    cpu_seconds: float
    peak_mb: float  # of memory; shared memory counts once


def measured(command: Sequence[str], directory: Path, *, watch: bool = False) -> Run:
    """Run a command; with `watch`, measure its memory twenty times a second."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=directory, env=environment, stdout=(directory / "out").open("w"), stderr=subprocess.DEVNULL
    )
    peak = 0.0
    while watch and os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        peak = max(peak, tree_mb(process.pid))
        time.sleep(0.05)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)} failed")
    return Run(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, peak)


def tree_mb(pid: int) -> float:
    """Return the sum of the proportional set sizes of a process and its descendants."""
    total = 0
    try:
        root = psutil.Process(pid)
        for process in [root, *root.children(recursive=True)]:
            total += process.memory_full_info().pss
    except psutil.NoSuchProcess:  # it has ended since it was listed
        pass
    return total / 1e6


def text_path(dumps: Sequence[Path], directory: Path, workers: int, *, watch: bool = False) -> dict[str, Run]:
    """Run the text stages on `dumps` in `directory`; return what each used."""
    params = read_yaml(PARAMS)
    folder = directory / "dumps"
    folder.mkdir(parents=True, exist_ok=True)
    for dump in dumps:
        (folder / dump.name).unlink(missing_ok=True)
        (folder / dump.name).symlink_to(dump.absolute())
    changes = {"wiki": {"source": f"{folder}/*"}, "vocabulary": {"size": 10_000}, "runtime": {"workers": workers}}
    YAML(typ="safe").dump(params | changes, directory / PARAMS)
    python = [sys.executable, "-m"]
    measured([*python, "pipeline.download", "raw"], directory)
    return {
        stage: measured([*python, f"pipeline.{stage}", *arguments], directory, watch=watch)
        for stage, arguments in STAGES.items()
    }


def digest(directory: Path) -> str:
    """Return a hash of all outputs of the text stages."""
    total = hashlib.sha256()
    for path in sorted(directory.glob("*/*")):
        if path.parent.name in ("articles", "tokens", "remap"):
            total.update(path.name.encode() + path.read_bytes())
    for name in ("articles.json", "sequences.db"):
        total.update((directory / name).read_bytes())
    return total.hexdigest()[:16]


def tokens_of(directory: Path) -> int:
    """Return how many words the run tokenized."""
    return int(json.loads((directory / "tokens/stats.json").read_text())["tokens"])


def report_workers(dump: Path, scratch: Path, runs: int) -> None:
    """Print the times of one worker and of two, and the words a core-second, compared with gensim."""
    text_path([dump], scratch / "1", 1)
    pairs = [(text_path([dump], scratch / "1", 1), text_path([dump], scratch / "2", 2)) for _ in range(runs)]
    print(f"\n{dump.name}, seconds, medians of {runs} runs in turn")
    print(f"{'stage':<12} {'1 worker':>9} {'2 workers':>9} {'ratio':>6} {'CPU, 1':>7} {'CPU, 2':>7}")
    for stage in [*STAGES, "all"]:
        stages = list(STAGES) if stage == "all" else [stage]
        one, two = ([sum(pair[side][name].seconds for name in stages) for pair in pairs] for side in (0, 1))
        cpus = (median(sum(pair[side][name].cpu_seconds for name in stages) for pair in pairs) for side in (0, 1))
        ratio = median(b / a for a, b in zip(one, two, strict=True))
        print(
            f"{stage:<12} {median(one):>9.2f} {median(two):>9.2f} {ratio:>6.2f} {next(cpus):>7.2f} {next(cpus):>7.2f}"
        )
    print("hashes of all outputs:", digest(scratch / "1"), digest(scratch / "2"))

    words = tokens_of(scratch / "1")
    ours = [words / sum(one[name].cpu_seconds for name in ("tokens", "vocabulary", "index")) for one, _ in pairs]
    path = [words / sum(run.cpu_seconds for run in one.values()) for one, _ in pairs]
    gensim = measured([sys.executable, "-c", GENSIM, str(dump)], scratch)
    theirs = json.loads((scratch / "out").read_text()) / gensim.cpu_seconds
    print(
        f"words a core-second: articles to sequences.db {median(ours):,.0f}; dump to sequences.db {median(path):,.0f}"
    )
    print(f"gensim, dump to bag of words, one run: {theirs:,.0f}; ratio of the two paths {median(path) / theirs:.1f}")


def report_memory(dumps: Sequence[Path], scratch: Path) -> None:
    """Print the peak memory of each stage's processes on the first dump and on all."""
    first = text_path(dumps[:1], scratch / "first", 2, watch=True)
    every = text_path(dumps, scratch / "every", 2, watch=True)
    print(f"\npeak MB of all processes of a stage, 2 workers: {dumps[0].name}, and all {len(dumps)} dumps")
    print(f"{'stage':<12} {'first':>7} {'all':>7} {'ratio':>6}")
    for stage in STAGES:
        small, large = first[stage].peak_mb, every[stage].peak_mb
        print(f"{stage:<12} {small:>7.0f} {large:>7.0f} {large / small:>6.2f}")


def report_rows(database: Path, scratch: Path, runs: int) -> None:
    """Print how fast batches of 256 rows are drawn, and the memory in use while ten million rows are drawn."""
    sequences = Sequences(database)
    ids, lengths = sequences.ids_and_lengths("train")
    with (scratch / "tokens.bin").open("wb") as file:
        for start in range(0, len(ids), 10_000):
            np.concatenate(sequences.rows(ids[start : start + 10_000].tolist())).tofile(file)
    mapped = np.memmap(scratch / "tokens.bin", np.dtype(sequences.meta["dtype"]), "r")
    starts = np.cumsum(lengths, dtype=np.int64) - lengths
    draws = [np.random.default_rng(n).choice(len(ids), 256, replace=False) for n in range(400)]
    wanted = [ids[draw].tolist() for draw in draws]

    def gather(draw: np.ndarray) -> np.ndarray:
        """Return all rows of a batch by one index, the fastest way for arrays that fit into memory."""
        some = lengths[draw]
        within = np.arange(some.sum()) - np.repeat(np.cumsum(some) - some, some)
        return np.asarray(mapped[np.repeat(starts[draw], some) + within])

    row = compare(
        f"draw of {len(ids) / 1e6:.1f} M rows",
        lambda: [sequences.rows(draw) for draw in wanted],
        lambda: [gather(draw) for draw in draws],
        peer_name="NumPy memory map, one ragged gather a batch",
        amount=len(draws) * 256 / 1e3,
        unit="k rows/s",
        runs=runs,
    )
    print()
    print_table([row])
    print("MB of its own after so many million rows drawn:", ", ".join(drawn_memory(sequences, ids)))


def drawn_memory(sequences: Sequences, ids: np.ndarray) -> Iterator[str]:
    """Yield this process's memory after each million rows, without mapped files, which the system may drop."""
    random = np.random.default_rng(0)
    for million in range(11):
        if million:
            for _ in range(1_000_000 // 256):
                sequences.rows(ids[random.integers(0, len(ids), 256)].tolist())
        memory = psutil.Process().memory_info()
        yield f"{million}: {(memory.rss - memory.shared) / 1e6:.0f}"


def report_bzip2(dump: Path, runs: int) -> None:
    """Print how fast a dump is decompressed, compared with indexed_bzip2, if that is installed."""
    try:
        from indexed_bzip2 import IndexedBzip2File
    except ImportError:
        print("\nskipped: decompression, since indexed_bzip2 is not installed")
        return
    megabytes = sum(len(content) for _, _, content in blocks(dump, 0)) / 1e6
    pieces = split(dump)

    def threads(number: int) -> None:
        with IndexedBzip2File(str(dump), parallelization=number) as file:
            while file.read(1 << 22):
                pass

    def processes() -> None:
        for _ in map_in_order(length, pieces, Runtime(workers=2)):
            pass

    ways = [
        ("bz2, one process", lambda: bz2.decompress(dump.read_bytes()), "indexed_bzip2, one thread", 1),
        ("blocks, one process", lambda: [None for _ in blocks(dump, 0)], "indexed_bzip2, one thread", 1),
        ("pieces, two processes", processes, "indexed_bzip2, two threads", 2),
    ]
    print()
    print_table(
        [
            compare(name, ours, partial(threads, number), peer_name=peer, amount=megabytes, unit="MB XML/s", runs=runs)
            for name, ours, peer, number in ways
        ]
    )


def length(piece: Piece) -> int:
    """Return how many bytes of XML a piece of a dump holds."""
    inside = takewhile(lambda block: block[0] < piece.end, blocks(piece.path, piece.start))
    return sum(len(content) for _, _, content in inside)


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dumps", nargs="+", type=Path, metavar="DUMP")
    parser.add_argument("--runs", type=int, default=RUNS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        report_workers(arguments.dumps[0], scratch, arguments.runs)
        report_memory(arguments.dumps, scratch)
        report_rows(scratch / "every/sequences.db", scratch, arguments.runs)
    report_bzip2(arguments.dumps[0], arguments.runs)


if __name__ == "__main__":
    main()
