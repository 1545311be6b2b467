"""Time and memory from opening a sequences.db of many short rows to the first batch of training.

`python -m benchmarks.rows 80e6 FOLDER` makes the database in FOLDER (5 GB for 80 million rows) and deletes it.
"""

import argparse
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np

from pipeline.store.building import build
from pipeline.store.runs import LENGTH, ROWS_IN_RUN, RUN
from pipeline.store.vocabulary import Vocabulary

IN_ARTICLE = 11  # rows; English has as many in the mean
AT_ONCE = 5_000 * IN_ARTICLE
HELD_OUT = 1_000 * IN_ARTICLE  # the last rows, in turn of both splits
WORDS = 10_000
SEQUENCES = f"""
INSERT INTO sequences
WITH RECURSIVE numbers(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM numbers WHERE id < :rows),
    rows(id, length) AS (SELECT id, 3 + id * 7919 % 12 FROM numbers)
SELECT
    id, (id - 1) / {IN_ARTICLE}, iif(id <= :train, 'train', iif(id % 2, 'valid', 'test')), length, zeroblob(2 * length)
FROM rows
"""
FIRST_BATCH = """
import sys, threading, time
from pathlib import Path
from pipeline.batches.rows import SequenceData
from pipeline.settings.model_sections import Sentences, Stream

def memory():  # without pages of the database, which the system can take back
    return 1024 * int(Path("/proc/self/status").read_text().partition("RssAnon:")[2].split()[0])

def watch():
    while True:
        peaks[0] = max(peaks[0], memory())
        time.sleep(0.005)

path, kind, rows = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
before, start, cpu = memory(), time.perf_counter(), time.process_time()
peaks = [before]
threading.Thread(target=watch, daemon=True).start()
data = SequenceData(path, seed=1, batches={"sentences": Sentences, "stream": Stream}[kind](kind=kind))
data.sequences.require_rows(), data.target_counts(), next(iter(data.train_dataloader()))
seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
print(f"{kind}: {seconds:.1f} s, {cpu:.1f} CPU s, {(peaks[0] - before) / rows:.1f} bytes a row")
"""


def make(path: Path, rows: int) -> None:
    """Write a database whose rows have 3 to 14 words, all START."""
    words = [(f"w{number}", 1) for number in range(WORDS)]
    build(path, [], Vocabulary.of(words, rows=rows, unknown=0), 1.0)
    connection = sqlite3.connect(path)
    train = rows - HELD_OUT
    with connection:
        connection.execute(SEQUENCES, {"rows": rows, "train": train})
        blocks = [
            ("train", np.arange(start, min(start + AT_ONCE, train + 1))) for start in range(1, train + 1, AT_ONCE)
        ]
        held_out = np.arange(train + 1, rows + 1)
        for split, ids in [*blocks, ("valid", held_out[held_out % 2 == 1]), ("test", held_out[held_out % 2 == 0])]:
            connection.execute("INSERT INTO lengths (split, runs, lengths) VALUES (?, ?, ?)", (split, *lengths(ids)))
    connection.close()


def lengths(ids: np.ndarray) -> tuple[bytes, bytes]:
    """Return the runs and the lengths of rows. Held-out rows do not follow one another, so each is a run."""
    of_rows = 3 + ids * 7919 % 12
    follow = len(ids) == ids[-1] - ids[0] + 1
    starts = np.flatnonzero(((ids - 1) % IN_ARTICLE % ROWS_IN_RUN == 0) | (not follow) | (ids == ids[0]))
    runs = np.empty(len(starts), RUN)
    runs["first"], runs["rows"] = ids[starts], np.diff(starts, append=len(ids))
    runs["article_id"] = (runs["first"] - 1) // IN_ARTICLE
    runs["words"] = np.add.reduceat(of_rows, starts)
    return runs.tobytes(), of_rows.astype(LENGTH).tobytes()


def main() -> None:
    """Print a line for sentences and one for a stream."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=float)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    path, rows = arguments.folder / "rows.db", int(arguments.rows)
    path.unlink(missing_ok=True)
    try:
        make(path, rows)
        for kind in ("sentences", "stream"):
            subprocess.run([sys.executable, "-c", FIRST_BATCH, path, kind, str(rows)], check=True)
    finally:
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
