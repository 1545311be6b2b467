"""Writing sequences.db."""

import itertools
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sqlite_utils import Database

from pipeline.run.arrays import new_database
from pipeline.run.errors import UserError
from pipeline.store.runs import LENGTH, runs_of
from pipeline.store.sequences import SPLITS
from pipeline.store.vocabulary import END, START, Vocabulary

ROWS_OF_LENGTHS = 50_000  # of a split in a row of the table lengths


class Article(NamedTuple):
    """An article's sequences of word ids, as one flat array and the offsets between sequences."""

    id: int
    title: str
    split: str
    tokens: np.ndarray  # ids of all sequences, one after another
    offsets: np.ndarray  # sequence i is tokens[offsets[i]:offsets[i + 1]]
    size: tuple[int, int] | None = None  # bytes in UTF-8 and words, if the vocabulary's scale needs them


Waiting = list[tuple[int, Article]]  # articles with their first ids


def build(path: Path, articles: Iterable[Article], vocabulary: Vocabulary, end_fraction: float) -> None:
    """Write a new database at `path`; the same input gives the same bytes.

    Raises `UserError` where two articles have one id.
    """
    connection = new_database(path)
    database = Database(connection)
    # One transaction: more of them would change the header's counter, and with it the file's hash.
    with database.atomic():
        _create_tables(database, vocabulary.scale.columns)
        meta = {
            "dtype": vocabulary.dtype.str,
            "vocabulary_size": len(vocabulary),
            "vocabulary": vocabulary.fingerprint,
            "start": START,
            "end": END,
            "unknown": vocabulary.unknown,
            "end_fraction": end_fraction,
            **({"tokenizer": vocabulary.tokenizer} if vocabulary.tokenizer else {}),
        }
        database.table("meta").insert_all([("key", "value"), *((key, str(value)) for key, value in meta.items())])
        # Three times as fast as insert_all, which tests whether every value is JSON. It reads its rows lazily, so
        # articles can be inserted between them.
        counts = {split: np.zeros(len(vocabulary), np.int64) for split in SPLITS}
        connection.executemany(
            "INSERT INTO sequences VALUES (?, ?, ?, ?, ?)",
            _rows(database, articles, counts, bool(vocabulary.scale.columns)),
        )
        columns = (counts[split].tolist() for split in SPLITS)
        words = zip(itertools.count(), *zip(*vocabulary.entries, strict=True), *columns)
        connection.executemany("INSERT INTO vocabulary VALUES (?, ?, ?, ?, ?, ?)", words)
        database.create_view("sentences", _sentences(vocabulary))
    database.close()


def _create_tables(database: Database, of_articles: Sequence[str]) -> None:
    def create(name: str, columns: dict[str, type], foreign_keys: Sequence[tuple[str, str, str]] = ()) -> None:
        table = database.table(name)
        table.create({"id": int, **columns}, pk="id", not_null={*columns}, foreign_keys=foreign_keys)

    create("articles", {"title": str, **dict.fromkeys(of_articles, int)})
    create("vocabulary", {"word": str, **dict.fromkeys(("count", *SPLITS), int)})
    create("lengths", {"split": str, "runs": bytes, "lengths": bytes})
    database.table("meta").create({"key": str, "value": str}, pk="key")
    columns = {"article_id": int, "split": str, "length": int, "tokens": bytes}
    create("sequences", columns, [("article_id", "articles", "id")])


def _sentences(vocabulary: Vocabulary) -> str:
    """Return the query of the view: rows whose tokens are words again.

    SQLite reads no integers from a BLOB, so each byte comes from its two hexadecimal digits. A text is made only if its
    row is asked for: a hundred rows take 3 ms.
    """
    width = vocabulary.dtype.itemsize
    digit = "instr('123456789ABCDEF', substr(hex(substr(tokens, {width} * n + {byte}, 1)), {place}, 1))"
    id = " + ".join(
        f"{256 ** (byte - 1) * 16 ** (2 - place)} * {digit.format(width=width, byte=byte, place=place)}"
        for byte in range(1, width + 1)
        for place in (1, 2)
    )
    return f"""
        SELECT sequences.id, articles.title, coalesce((
            WITH RECURSIVE places(n) AS (
                SELECT 0 WHERE sequences.length > 0
                UNION ALL SELECT n + 1 FROM places WHERE n + 1 < sequences.length
            )
            SELECT {vocabulary.sql} FROM places CROSS JOIN vocabulary ON vocabulary.id = {id}
        ), '') AS text
        FROM sequences JOIN articles ON articles.id = sequences.article_id
    """


def _rows(
    database: Database, articles: Iterable[Article], counts: Mapping[str, np.ndarray], has_size: bool
) -> Iterator[tuple[int, int, str, int, bytes]]:
    """Yield rows of the table sequences; fill the tables articles and lengths, and count the words of each split."""
    id = 1
    waiting: dict[str, Waiting] = {split: [] for split in SPLITS}
    rows = Counter[str]()  # of the articles that wait
    for article in articles:
        try:
            row = article.id, article.title, *(article.size if has_size and article.size else ())
            database.execute(f"INSERT INTO articles VALUES ({', '.join('?' * len(row))})", row)
        except sqlite3.IntegrityError:
            raise UserError(
                f"page {article.id} ({article.title}) occurs twice: the files of wiki.source overlap; if ids repeat in "
                "JSON Lines or Parquet, set wiki.columns to {id: null}"
            ) from None
        data = article.tokens.tobytes()
        lengths = np.diff(article.offsets).tolist()
        bounds = (article.offsets * article.tokens.itemsize).tolist()
        blobs = (data[start:end] for start, end in itertools.pairwise(bounds))
        ids = range(id, id + len(lengths))
        yield from zip(ids, itertools.repeat(article.id), itertools.repeat(article.split), lengths, blobs)
        # A copy, since these tokens are part of a shard's, which would stay in memory.
        waiting[article.split].append((id, article._replace(tokens=article.tokens.copy())))
        rows[article.split] += len(lengths)
        id = ids.stop
        if rows[article.split] >= ROWS_OF_LENGTHS:
            _write_lengths(database, article.split, waiting[article.split], counts)
            rows[article.split], waiting[article.split] = 0, []
    for split in SPLITS:
        if rows[split]:
            _write_lengths(database, split, waiting[split], counts)


def _write_lengths(database: Database, split: str, articles: Waiting, counts: Mapping[str, np.ndarray]) -> None:
    """Write a row of the table lengths for `articles` of a split, with their first ids, and count their words."""
    first_ids = np.array([id for id, _ in articles])
    article_ids = np.array([article.id for _, article in articles])
    rows = np.array([len(article.offsets) - 1 for _, article in articles])
    lengths = np.concatenate([np.diff(article.offsets) for _, article in articles])
    runs = runs_of(article_ids, first_ids, rows, lengths)
    row = split, runs.tobytes(), lengths.astype(LENGTH).tobytes()
    database.execute("INSERT INTO lengths (split, runs, lengths) VALUES (?, ?, ?)", row)
    tokens = np.concatenate([article.tokens for _, article in articles])
    counts[split] += np.bincount(tokens, minlength=len(counts[split]))
