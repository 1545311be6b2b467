"""Describe sequences.db: articles, vocabulary, tokens, sequences by split."""

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from wikilm.commands.answer import Answer, table
from wikilm.commands.options import add_data
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
    """Return the rows, the tokens and the lengths of each split, without reading the rows."""
    from pipeline.store.sequences import SPLITS

    found: dict[str, dict[str, Any]] = {}
    for split in SPLITS:
        lengths = np.concatenate([np.zeros(0, np.uint32), *(some for _, some in sequences.lengths(split))])
        found[split] = {"rows": len(lengths), "tokens": int(lengths.sum()), **dict.fromkeys(LENGTHS)}
        if len(lengths):
            figures = int(lengths.min()), float(np.median(lengths)), float(lengths.mean()), int(lengths.max())
            found[split] |= dict(zip(LENGTHS, figures, strict=True))
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
