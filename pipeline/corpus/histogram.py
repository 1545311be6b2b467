"""How many words occur how often: a small table, from which Zipf's curve and the coverage of a vocabulary are drawn."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipeline.run.console import UserError

HEADER = "count\twords"


def tallied(tables: Iterable[pa.Table], histogram: Counter[int]) -> Iterator[pa.Table]:
    """The tables of `merge_counts` as they come; `histogram` gains the number of words by their count on the way.

    Only as much stays in memory as there are different counts.
    """
    for table in tables:
        for count, words in zip(*np.unique(table["count"].to_numpy(), return_counts=True), strict=True):
            histogram[int(count)] += int(words)
        yield table


def write_histogram(path: Path, histogram: Mapping[int, int]) -> None:
    """Write the number of words by their count, the greatest count first, as tab-separated count, words."""
    lines = [HEADER, *(f"{count}\t{words}" for count, words in sorted(histogram.items(), reverse=True))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_histogram(path: Path) -> dict[int, int]:
    """What `write_histogram` wrote, in its order; raises `UserError` where the file is something else."""
    lines = path.read_text(encoding="utf-8").splitlines()
    if lines[:1] != [HEADER]:
        raise UserError(f"{path}: is no table of counts: its first line is not {HEADER!r}; run `dvc repro vocabulary`")
    try:
        found = {int(count): int(words) for count, words in (line.split("\t") for line in lines[1:])}
    except ValueError:
        found = {}
    if not found:
        raise UserError(f"{path}: is damaged; run `dvc repro --force vocabulary`")
    return found
