"""sequences.db: a corpus as rows of word ids in SQLite, easy to open by hand and fast to draw from.

    sequences(id, article_id, split, length, tokens)   articles(id, title), of pieces also bytes and words
    vocabulary(id, word, count, train, valid, test)    meta(key, value)
    lengths(id, split, runs, lengths)                  sentences(id, title, text), a view of the sequences as text

`tokens` holds little-endian unsigned integers, of the type that `meta` gives as `dtype`. START and END
are not stored: training adds them, END for the share `end_fraction` of the rows, which `meta` gives too.
`lengths` says in a few bytes a row where the rows of a split are and how long each is, so training starts without
reading them.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.run.arrays import open_database
from pipeline.run.errors import UserError, reading
from pipeline.store.runs import LENGTH, RUN_FIELDS, row_ids
from pipeline.store.vocabularies import vocabulary_of
from pipeline.store.vocabulary import Vocabulary

MAPPED_BYTES = 2 << 30  # as much as SQLite maps at most
IDS_AT_ONCE = 10_000  # SQLite takes 32,766 values in a statement
HELD_OUT = ("valid", "test")
SPLITS = ("train", *HELD_OUT)
FEW_ARTICLES = 5  # with fewer test articles, perplexities have no intervals


class Sequences:
    """A sequences.db opened for reading, anew in each process: connections neither fork nor pickle."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None
        self._process = 0

    def __repr__(self) -> str:
        return f"<wikilm sequences {self.path}>"

    def __reduce__(self) -> tuple[type["Sequences"], tuple[Path]]:
        return Sequences, (self.path,)

    @property
    def connection(self) -> sqlite3.Connection:
        """A read-only connection of this process; raises `UserError` where there is no database, or a part of one."""
        if self._connection is None or self._process != os.getpid():
            if not self.path.is_file():
                raise UserError(f"{self.path}: not found; run `dvc repro index`")
            with reading(self.path):
                self._connection, self._process = open_database(self.path), os.getpid()
            # Rows drawn at random come half as fast again; the system may drop the mapped pages.
            self._connection.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")
        return self._connection

    def _select(self, query: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query; raises `UserError` where the database is damaged."""
        with reading(self.path):
            yield from self.connection.execute(query, values)

    @cached_property
    def meta(self) -> dict[str, str]:
        """The table meta; `dtype` is the NumPy type of the tokens."""
        found = dict(self._select("SELECT key, value FROM meta"))
        with reading(self.path):
            for key, kind in (("dtype", np.dtype), ("end_fraction", float), ("vocabulary_size", int)):
                kind(found[key])
        return found

    @property
    def end_fraction(self) -> float:
        """The share of rows whose END is a target."""
        return float(self.meta["end_fraction"])

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary that numbers the tokens, with its counts in training; raises `UserError` if it was changed."""
        entries = list(self._select("SELECT word, count FROM vocabulary ORDER BY id"))
        found = vocabulary_of(entries, self.meta.get("tokenizer", ""))
        if found.fingerprint != self.meta.get("vocabulary"):
            raise self._changed("its vocabulary is not the one that numbers its words")
        return found

    def _changed(self, problem: str) -> UserError:
        """Return the error that reports a database that was changed since it was built."""
        return UserError(f"{self.path}: {problem}; run `dvc repro -f -s index`")

    def _tokens(self, blobs: Iterable[bytes]) -> np.ndarray:
        """Return the tokens of rows, laid end to end; raises `UserError` where one is no word of the vocabulary."""
        data, dtype = b"".join(blobs), np.dtype(self.meta["dtype"])
        if len(data) % dtype.itemsize:
            raise self._changed("a row ends within a word")
        tokens: np.ndarray = np.frombuffer(data, dtype)
        if len(tokens) and tokens.max() >= int(self.meta["vocabulary_size"]):
            raise self._changed("a word is not in its vocabulary")
        return tokens

    def runs(self, split: str) -> np.ndarray:
        """Return the runs of a split, of type `RUN_FIELDS`, in row id order: about four bytes a row."""
        ((size,),) = self._select("SELECT coalesce(sum(length(runs)), 0) FROM lengths WHERE split = ?", (split,))
        runs, done = np.empty(size // RUN_FIELDS.itemsize, RUN_FIELDS), 0
        for (blob,) in self._select("SELECT runs FROM lengths WHERE split = ? ORDER BY id", (split,)):
            some = np.frombuffer(blob, RUN_FIELDS)
            runs[done : done + len(some)] = some
            done += len(some)
        if runs["words"].sum(dtype=np.int64) > self.path.stat().st_size:  # a word has a byte at least
            raise self._changed("its articles have more words than it has bytes")
        return runs

    def lengths(self, split: str) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the row ids (int64) and lengths (uint32) of thousands of rows of a split, in id order."""
        for runs, lengths in self._select("SELECT runs, lengths FROM lengths WHERE split = ? ORDER BY id", (split,)):
            yield row_ids(np.frombuffer(runs, RUN_FIELDS)), np.frombuffer(lengths, LENGTH)

    def ids_and_lengths(self, split: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the row ids and lengths of a split as two arrays (int64), in id order: 16 bytes a row."""
        ids, lengths = zip((np.empty(0, np.int64),) * 2, *self.lengths(split), strict=True)
        return np.concatenate(ids), np.concatenate(lengths)

    def title(self, article: int) -> str:
        """Return the title of an article."""
        ((title,),) = self._select("SELECT title FROM articles WHERE id = ?", (article,))
        return str(title)

    def article_sizes(self, split: str) -> np.ndarray | None:
        """Return the bytes and the words, float64 (articles, 2), of a split's articles; None if no scale needs them."""
        if not (columns := self.vocabulary.scale.columns):
            return None
        own = dict.fromkeys(self.runs(split)["article_id"].tolist())
        sizes = {id: size for id, *size in self._select(f"SELECT id, {', '.join(columns)} FROM articles") if id in own}
        return np.array([sizes[id] for id in own], np.float64)

    def article_ids(self, split: str) -> np.ndarray:
        """Return the article (int64) of each row of a split, in row id order."""
        runs = self.runs(split)
        return np.repeat(runs["article_id"], runs["rows"])

    def rows(self, ids: Sequence[int]) -> list[np.ndarray]:
        """Return the sequences with these row ids as arrays of word ids, in the order of `ids`."""
        found: dict[int, bytes] = {}
        for start in range(0, len(ids), IDS_AT_ONCE):
            some = ids[start : start + IDS_AT_ONCE]
            marks = ",".join("?" * len(some))
            found.update(self._select(f"SELECT id, tokens FROM sequences WHERE id IN ({marks})", some))
        if missing := set(ids) - found.keys():
            raise self._changed(f"it lacks the row {min(missing)}")
        tokens = self._tokens(map(found.__getitem__, ids))
        bounds = accumulate((len(found[id]) // tokens.itemsize for id in ids), initial=0)
        return [tokens[start:stop] for start, stop in pairwise(bounds)]

    def batches(self, size: int, *, seed: int | None = None, split: str = "train") -> Iterator[list[np.ndarray]]:
        """Yield the sequences of a split, `size` at a time, as arrays of word ids; the last batch may be smaller.

        A seed shuffles them, the same seed in the same way; without one they are in the order of their ids.
        """
        if split not in SPLITS:
            raise UserError(f"split is {split!r}; it must be one of {', '.join(SPLITS)}")
        if size < 1:
            raise UserError(f"size is {size}; it must be at least 1")
        ids, _ = self.ids_and_lengths(split)
        if seed is not None:
            ids = np.random.default_rng(seed).permutation(ids)
        for start in range(0, len(ids), size):
            yield self.rows(ids[start : start + size].tolist())

    def count(self, split: str) -> int:
        """Return the number of rows of a split."""
        query = f"SELECT coalesce(sum(length(lengths)), 0) / {LENGTH.itemsize} FROM lengths WHERE split = ?"
        ((number,),) = self._select(query, (split,))
        return int(number)

    def blocks(self, split: str) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the tokens of thousands of rows of a split, laid end to end, and the rows' lengths, in row id order."""
        # By id: a scan for a split of a few rows would read the whole table.
        for ids, lengths in self.lengths(split):
            rows = self.rows(ids.tolist())
            if lengths.tolist() != [*map(len, rows)]:
                raise self._changed("a row has another length than the table lengths has")
            yield np.concatenate(rows), lengths.astype(np.int64)

    def word_counts(self, split: str) -> np.ndarray:
        """Return how often each word id occurs in a split: int64 (V,)."""
        counts = self._select(f"SELECT {split} FROM vocabulary ORDER BY id")
        return np.fromiter((count for (count,) in counts), np.int64)
