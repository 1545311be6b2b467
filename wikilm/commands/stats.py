"""Describe sequences.db: articles, vocabulary, tokens, sequences by split."""

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wikilm.commands.answer import Answer, table
from wikilm.commands.options import add_data
from wikilm.run import Run

if TYPE_CHECKING:
    from pipeline.store.sequences import Sequences

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


def describe_splits(sequences: "Sequences") -> dict[str, dict[str, int]]:
    """Return the rows and the tokens of each split, without reading the rows."""
    from pipeline.store.sequences import SPLITS

    found = {}
    for split in SPLITS:
        lengths = [some for _, some in sequences.lengths(split)]
        found[split] = {"rows": sum(map(len, lengths)), "tokens": int(sum(some.sum() for some in lengths))}
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
    rows = [(split, f"{each['rows']:,}", f"{each['tokens']:,}") for split, each in found["splits"].items()]
    return [*table(about, "<<"), "", *table([("split", "rows", "tokens"), *rows], "<>>")]
