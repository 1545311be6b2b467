"""Describe sequences.db: articles, vocabulary, tokens, sequences by split."""

import argparse
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.commands.answer import Answer, table
from pipeline.commands.options import add_data
from wikilm.run import Run

if TYPE_CHECKING:
    from pipeline.store.sequences import Sequences

LENGTHS = ("shortest", "median", "mean", "longest")
add_arguments = add_data


def stats(arguments: argparse.Namespace) -> Answer:
    """Return the size of sequences.db and of its splits, and the wiki it was made from."""
    run: Run = arguments.data
    sequences = run.sequences
    vocabulary, splits = sequences.vocabulary, describe_splits(sequences)
    tokens = sum(split["tokens"] for split in splits.values())
    (articles,) = sequences.connection.execute("SELECT count(*) FROM articles").fetchone()
    _, unknown = vocabulary.entries[vocabulary.unknown]
    extracted = run.read("articles.json")
    found: dict[str, Any] = {
        "database": str(sequences.path),
        "bytes": sequences.path.stat().st_size,
        "wiki": extracted.get("wiki"),
        "language": extracted.get("language"),
        "source": run.read("raw/manifest.json").get("source"),
        "articles": articles,
        "vocabulary_size": len(vocabulary),
        "words": len(vocabulary.words),
        "bytes_a_token": vocabulary.dtype.itemsize,
        "rows": sum(split["rows"] for split in splits.values()),
        "tokens": tokens,
        "unknown": unknown,
        "unknown_share": unknown / tokens,
        "splits": splits,
    }
    return Answer(found, _lines(found))


def describe_splits(sequences: "Sequences") -> dict[str, dict[str, Any]]:
    """Return the rows, the tokens and the lengths of each split, from the database's index alone."""
    from pipeline.store.sequences import SPLITS

    query = "SELECT split, length, count(*) FROM sequences GROUP BY split, length"
    counts: dict[str, Counter[int]] = {split: Counter() for split in SPLITS}
    for split, length, rows in sequences.connection.execute(query):
        counts[split][length] = rows
    return {split: _describe_lengths(found) for split, found in counts.items()}


def _describe_lengths(rows: Mapping[int, int]) -> dict[str, Any]:
    """Return the figures of a split that has so many `rows` of each length."""
    lengths, number = np.array(sorted(rows), int), np.array([rows[length] for length in sorted(rows)], int)
    total, tokens = int(number.sum()), int(lengths @ number)
    found: dict[str, Any] = {"rows": total, "tokens": tokens, **dict.fromkeys(LENGTHS)}
    if total:
        middle = lengths[np.searchsorted(np.cumsum(number), [(total + 1) // 2, total // 2 + 1])]
        figures = (int(lengths[0]), float(middle.mean()), tokens / total, int(lengths[-1]))
        found |= dict(zip(LENGTHS, figures, strict=True))
    return found


def _lines(found: Mapping[str, Any]) -> list[str]:
    wiki = " ".join(filter(None, (found["wiki"], found["source"] and f"({found['source']})")))
    about = [
        ("database", f"{found['database']}, {found['bytes']:,} bytes"),
        *([("wiki", f"{wiki}; language {found['language']}")] if found["wiki"] else []),
        ("articles", f"{found['articles']:,}"),
        ("vocabulary", f"{found['words']:,} words and START, END, UNKNOWN; {found['bytes_a_token']} bytes a token"),
        ("tokens", f"{found['tokens']:,}, {found['unknown_share']:.1%} of them UNKNOWN"),
    ]
    rows = [("split", "rows", "tokens", *LENGTHS)]
    for split, each in found["splits"].items():
        lengths = ("-" if each[key] is None else f"{each[key]:,.{int(key == 'mean')}f}" for key in LENGTHS)
        rows.append((split, f"{each['rows']:,}", f"{each['tokens']:,}", *lengths))
    return [*table(about, "<<"), "", *table(rows, "<>>>>>>")]
