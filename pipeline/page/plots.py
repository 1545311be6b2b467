"""The tables of all models for `dvc plots`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.page.results import Curves, Results
from pipeline.run.outputs import whole_directory
from pipeline.run.tables import write_table


def write_tables(results: Results, folder: Path) -> None:
    """Write a table for each plot to a folder of its own in `folder`.

    A table without rows has a header, since DVC reports a missing folder as an error and does not keep empty ones.
    """
    tables = {
        "perplexity": (("epoch", "train_perplexity", "valid_perplexity"), perplexity_by_epoch(results)),
        "analogies_by_epoch": (("epoch", "words_read", "cosine_total"), by_epoch(results.analogy_curves())),
        "analogies_by_section": (("section", "asked", "cosine"), by_section(results)),
    }
    with whole_directory(folder) as directory:
        for name, (values, rows) in tables.items():
            columns = ("model", *values)
            table = [dict(zip(columns, row, strict=True)) for row in rows]
            write_table(directory / name / f"{name}.tsv", table, columns)


def perplexity_by_epoch(results: Results) -> Iterator[tuple[Any, ...]]:
    """Yield each language model's perplexities of an epoch: the model, the epoch from 1, train (or blank), valid."""
    for name, splits in results.perplexity_curves().items():
        valid = splits["valid"]
        for epoch, values in enumerate(zip(splits.get("train", [""] * len(valid)), valid, strict=True), start=1):
            yield name, epoch, *values


def by_epoch(curves: Curves) -> Iterator[tuple[Any, ...]]:
    """Yield each model's figures of an epoch: the model, the epoch from 1, the figures."""
    for name, curve in curves.items():
        for epoch, values in enumerate(zip(*curve, strict=True), start=1):
            yield name, epoch, *values


def by_section(results: Results) -> Iterator[tuple[str, str, int, float]]:
    """Yield each model's accuracy on a section of Google's analogies: the model, the section, questions asked, share.

    Sections without a question that could be asked are left out.
    """
    for name, report in results.analogies.items():
        for section, found in report["sections"].items():
            if asked := found["asked"]:
                yield name, section, asked, found["cosine"] / asked
