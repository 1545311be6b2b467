"""The articles of all files of a source of prose, numbered."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.dumps.prose.columns import json_articles, parquet_articles
from pipeline.dumps.prose.plain import BadLine, ProseArticle, line_articles, text_articles
from pipeline.records.text import Manifest

READERS = {"jsonl": json_articles, "parquet": parquet_articles}


def prose_articles(manifest: Manifest) -> Iterator[ProseArticle | BadLine]:
    """Yield the articles of the files in a manifest, in their order, one at a time.

    Their ids are the files' own where the first article's is a whole number, or a string of digits as in Hugging Face's
    Wikipedia. Otherwise they are numbered from 1.
    """
    numbered = None
    for position, article in enumerate(_articles(manifest), 1):
        if isinstance(article, BadLine):
            yield article
            continue
        id = _as_number(article.id)
        numbered = id is None if numbered is None else numbered
        if numbered or id is not None:
            yield article._replace(id=position if numbered else id)
        else:
            yield BadLine(article.place, f"its id is {article.id!r}; those before it are numbers")


def _articles(manifest: Manifest) -> Iterator[ProseArticle | BadLine]:
    for file in manifest.files:
        path = Path(file.path)
        if manifest.kind in READERS:
            yield from READERS[manifest.kind](path, manifest.columns)
        else:
            yield from line_articles(path, file.split) if file.split else text_articles(path)


def _as_number(id: Any) -> int | None:
    """Return an id as an integer that SQLite and Parquet can hold, or None."""
    if isinstance(id, str) and id.isascii() and id.isdigit() and len(id) < 20:
        id = int(id)
    return id if isinstance(id, int) and not isinstance(id, bool) and 0 <= id < 2**63 else None
