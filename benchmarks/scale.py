"""Time and memory from dumps of any size to the first batch of a training.

`python -m benchmarks.scale --dumps 'FOLDER/*.xml.bz2'` prints the seconds, the CPU seconds and the peak memory of each
stage on these dumps, from `download` to `index`, and of the first batch; `--rows 80e6` of the first batch from a
database of so many short rows (5 GB for 80 million). Both write to the folder `--folder`. All processes of a stage
count.
"""

import os
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
from ruamel.yaml import YAML

from benchmarks.measure import ROOT, parser_of, record
from pipeline.settings.params import read_yaml
from pipeline.store.building import Article, build
from pipeline.store.vocabularies import Words

STAGES = ("download", "templates", "extract", "tokens", "vocabulary", "index")
FIRST_BATCH = """
import sys
from pathlib import Path
from pipeline.batches.rows import SequenceData
from pipeline.settings.model_sections import RandomRows, Stream
from pipeline.learning import language_model  # a training imports it, too
kind = {"random_rows": RandomRows, "stream": Stream}[sys.argv[2]]
data = SequenceData(Path(sys.argv[1]), seed=1, batches=kind(kind=sys.argv[2]))
data.target_counts(), next(iter(data.loader(data.train_order())))
"""
IN_ARTICLE = 11  # rows of an article of `--rows`; English has as many in the mean


def used(command: Sequence[str], folder: Path) -> tuple[float, float, float]:
    """Run a command in `folder`; return its seconds of the clock and of all processors, and its MB at most.

    All its descendants count. Memory that they share counts once; pages of files, which the system can take back, do
    not. Raises `RuntimeError` if it fails.
    """
    start, most, spent = time.perf_counter(), 0.0, dict[int, float]()
    with (folder / "log.txt").open("ab") as log:
        process = psutil.Popen(command, cwd=folder, stdout=log, stderr=log)
        while process.poll() is None:
            megabytes = 0.0
            with suppress(psutil.Error):  # a process has ended since it was listed
                for each in [process, *process.children(recursive=True)]:
                    with suppress(psutil.Error, OSError):
                        spent[each.pid] = sum(each.cpu_times()[:2])
                        megabytes += anonymous_megabytes(each.pid)
            most = max(most, megabytes)
            time.sleep(min(0.05 + (time.perf_counter() - start) / 200, 1))  # a look takes 15 ms of CPU
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed; {log.name} says why")
    return time.perf_counter() - start, sum(spent.values()), most


def anonymous_megabytes(pid: int) -> float:
    """Return a process's memory without pages of files, and only its share of what it shares with others."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Pss_Anon:", "Pss_Shmem:"))) * 1024 / 1e6


def stages_on(dumps: str, folder: Path, workers: int) -> Iterator[tuple[str, list[str]]]:
    """Write settings to `folder`; yield the name of each stage up to `index` and what Python runs for it."""
    changes = {"wiki": {"source": dumps}, "vocabulary": {"size": 10_000}, "runtime": {"workers": workers}}
    YAML(typ="safe").dump(read_yaml(ROOT / "params.yaml") | changes, folder / "params.yaml")
    for stage in STAGES:
        yield stage, shlex.split(read_yaml(ROOT / "dvc.yaml")["stages"][stage]["cmd"])[1:]
    yield from first_batches("data/sequences.db", "first batch")


def first_batches(database: str, name: str) -> Iterator[tuple[str, list[str]]]:
    """Yield what Python runs for the first batch of a training on random rows and on a stream, with all imports."""
    for kind in ("random_rows", "stream"):
        yield f"{name}, {kind}", ["-c", FIRST_BATCH, database, kind]


def short_rows(number: int) -> Iterator[Article]:
    """Yield articles of `IN_ARTICLE` rows of 3 to 14 words, all START; the last thousand are held out."""
    articles = number // IN_ARTICLE
    for article in range(articles):
        split = "train" if article < articles - 1000 else ("valid", "test")[article % 2]
        offsets = np.cumsum([0, *(3 + row * 7919 % 12 for row in range(article, article + IN_ARTICLE))])
        yield Article(article, "", split, np.zeros(offsets[-1], np.uint16), offsets)


def main() -> None:
    """Print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("--dumps", help="run the stages on these dumps, as wiki.source names them")
    parser.add_argument("--rows", type=float, help="make a database of so many rows and read a batch")
    parser.add_argument("--folder", type=Path, default=Path("/tmp/wikilm-scale"), help="(default %(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="for --dumps (default %(default)s)")
    given = parser.parse_args()
    os.environ["PYTHONPATH"] = str(ROOT)
    given.folder.mkdir(parents=True, exist_ok=True)
    runs: list[tuple[str, list[str]]] = []
    if given.dumps:
        runs += stages_on(str(Path(given.dumps).absolute()), given.folder, given.workers)
    if given.rows:
        database = given.folder / "rows.db"
        database.unlink(missing_ok=True)
        words = Words.of([(f"w{number}", 1) for number in range(10_000)], rows=int(given.rows), unknown=0)
        build(database, short_rows(int(given.rows)), words, 1.0)
        runs += first_batches(database.name, f"{given.rows:.0e} rows")
    print(f"{'':<24}{'seconds':>10}{'CPU s':>10}{'MB':>10}")
    figures: dict[str, float] = {}
    for name, arguments in runs:
        found = used([sys.executable, *arguments], given.folder)
        print(f"{name:<24}" + "".join(f"{figure:>10.1f}" for figure in found), flush=True)
        figures |= zip([f"scale.{name}.{what}" for what in ("seconds", "cpu_seconds", "megabytes")], found, strict=True)
    record(given, figures)


if __name__ == "__main__":
    main()
