"""Commands that say what a run has left: its sequences.db, its models. They need no torch."""

import argparse
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.commands.answer import Answer, table
from pipeline.commands.database import open_sequences
from pipeline.commands.which import analogies_right, metrics, read, settings
from pipeline.settings import Entry
from pipeline.store.sequences import SPLITS, Sequences

LENGTHS = ("shortest", "median", "mean", "longest")


def stats(arguments: argparse.Namespace) -> Answer:
    """What is in sequences.db: rows, tokens and lengths by split, vocabulary, articles, wiki."""
    data: Path = arguments.data
    sequences = open_sequences(data)
    splits = splits_of(sequences)
    tokens = sum(split["tokens"] for split in splits.values())
    (articles,) = sequences.connection.execute("SELECT count(*) FROM articles").fetchone()
    (unknown,) = sequences.connection.execute("SELECT count FROM vocabulary ORDER BY id DESC LIMIT 1").fetchone()
    found: dict[str, Any] = {
        "database": str(sequences.path),
        "bytes": sequences.path.stat().st_size,
        "wiki": read(data / "articles/stats.json").get("wiki"),
        "language": read(data / "articles/stats.json").get("language"),
        "source": read(data / "raw/manifest.json").get("source"),
        "articles": articles,
        "vocabulary_size": int(sequences.meta["vocabulary_size"]),
        "words": int(sequences.meta["vocabulary_size"]) - 3,
        "bytes_a_token": np.dtype(sequences.meta["dtype"]).itemsize,
        "rows": sum(split["rows"] for split in splits.values()),
        "tokens": tokens,
        "unknown": unknown,
        "unknown_share": unknown / tokens,
        "splits": splits,
    }
    return Answer(found, _stats_lines(found))


def splits_of(sequences: Sequences) -> dict[str, dict[str, Any]]:
    """Of each split the rows, the tokens and how long rows are. Reads the database's index, and no row."""
    query = "SELECT split, length, count(*) FROM sequences GROUP BY split, length"
    counts: dict[str, Counter[int]] = {split: Counter() for split in SPLITS}
    for split, length, rows in sequences.connection.execute(query):
        counts[split][length] = rows
    return {split: _lengths(found) for split, found in counts.items()}


def _lengths(rows: Mapping[int, int]) -> dict[str, Any]:
    """From how many `rows` there are of each length."""
    lengths, number = np.array(sorted(rows), int), np.array([rows[length] for length in sorted(rows)], int)
    total, tokens = int(number.sum()), int(lengths @ number)
    found: dict[str, Any] = {"rows": total, "tokens": tokens, **dict.fromkeys(LENGTHS)}
    if total:
        middle = lengths[np.searchsorted(np.cumsum(number), [(total + 1) // 2, total // 2 + 1])]
        figures = (int(lengths[0]), float(middle.mean()), tokens / total, int(lengths[-1]))
        found |= dict(zip(LENGTHS, figures, strict=True))
    return found


def _stats_lines(found: Mapping[str, Any]) -> list[str]:
    wiki = " ".join(filter(None, (found["wiki"], found["source"] and f"({found['source']})")))
    about = [
        ("database", f"{found['database']}, {found['bytes']:,} bytes"),
        *([("wiki", f"{wiki}; language {found['language']}")] if found["wiki"] else []),
        ("articles", f"{found['articles']:,}"),
        (
            "vocabulary",
            f"{found['words']:,} words and START, END, UNKNOWN; {found['bytes_a_token']} bytes a token",
        ),
        ("tokens", f"{found['tokens']:,}, {found['unknown_share']:.1%} of them UNKNOWN"),
    ]
    rows = [("split", "rows", "tokens", *LENGTHS)]
    for split, each in found["splits"].items():
        lengths = ("-" if each[key] is None else f"{each[key]:,.{int(key == 'mean')}f}" for key in LENGTHS)
        rows.append((split, f"{each['rows']:,}", f"{each['tokens']:,}", *lengths))
    return [*table(about, "<<"), "", *table(rows, "<>>>>>>")]


def models(arguments: argparse.Namespace) -> Answer:
    """Each entry of `language_models`: what it is, whether it was run, how good it is."""
    found = [
        about_model(arguments.data, name, entry) for name, entry in settings(arguments.data).language_models.items()
    ]
    header = ("name", "kind", "sizes", "parameters", "perplexity", "epoch", "analogies", "")
    rows = [header, *(_model_row(model) for model in found)]
    note = "perplexity: on the test split; epoch: the best; analogies: Google's that were right, by cosine"
    return Answer(found, table(rows, "<<<>>>><"), note)


def about_model(data: Path, name: str, entry: Entry) -> dict[str, Any]:
    """An entry's kind and sizes, and the figures of its stages: None where there is none."""
    trained, asked = metrics(data, f"train-{name}"), metrics(data, f"analogies-{name}")
    return {
        "name": name,
        "kind": entry.kind,
        "variant": getattr(entry, "unit", None) or getattr(entry, "algorithm", None),
        "sizes": sizes(entry),
        "trained": (data / "models" / name / "weights.pt").is_file(),
        "parameters": trained.get("parameters"),
        "test_perplexity": trained.get("test_perplexity"),
        "best_epoch": trained.get("best_epoch"),
        "analogies_right": analogies_right(asked, "cosine"),
        "analogies_asked": asked.get("asked"),
    }


def sizes(entry: Entry) -> list[int]:
    """The size of the vectors, then of each hidden layer."""
    if entry.kind == "recurrent":
        return [entry.embedding_size, *entry.hidden_sizes]
    if entry.kind == "embedding":
        return [entry.embedding_size, entry.directions * entry.hidden_size]
    return [entry.embedding_size]


def _model_row(model: Mapping[str, Any]) -> tuple[str, ...]:
    def told(key: str, form: str) -> str:
        return "-" if model[key] is None else format(model[key], form)

    variant = model["variant"] if model["variant"] not in (None, model["name"]) else ""
    return (
        model["name"],
        f"{model['kind']} {variant}".strip(),
        "-".join(map(str, model["sizes"])),
        told("parameters", ","),
        told("test_perplexity", ".1f"),
        told("best_epoch", ""),
        told("analogies_right", ".1%"),
        "" if model["trained"] else f"not run: dvc repro train@{model['name']}",
    )
