"""The tables of all models for `dvc plots`."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.page.results import Results
from pipeline.run.outputs import whole_directory
from pipeline.run.tsv import write_table


def write_tables(results: Results, folder: Path) -> None:
    """Write a table for each plot to a folder of its own in `folder`.

    A table without rows has a header, since DVC reports a missing folder as an error and does not keep empty ones.
    """
    perplexities = {name: [*splits.values()] for name, splits in results.perplexity_curves().items()}
    accuracies = {name: (own.words_read, own.cosine_total) for name, own in results.analogy_curves().items()}
    tables = {
        "perplexity": (("epoch", "train_perplexity", "valid_perplexity"), by_epoch(perplexities)),
        "analogies_by_epoch": (("epoch", "words_read", "cosine_total"), by_epoch(accuracies)),
    }
    with whole_directory(folder) as directory:
        for name, (values, rows) in tables.items():
            columns = ("model", *values)
            table = [dict(zip(columns, row, strict=True)) for row in rows]
            write_table(directory / name / f"{name}.tsv", table, columns)


def by_epoch(curves: Mapping[str, Iterable[Iterable[Any]]]) -> Iterator[tuple[Any, ...]]:
    """Yield a row for each epoch of each model: the model, the epoch from 1, the figure of each column."""
    for name, curve in curves.items():
        for epoch, values in enumerate(zip(*curve, strict=True), start=1):
            yield name, epoch, *values
