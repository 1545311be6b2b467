import pickle
import sqlite3
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.run.errors import UserError
from pipeline.store.building import Article, build
from pipeline.store.runs import row_ids
from pipeline.store.sequences import SPLITS, Sequences
from pipeline.store.vocabularies import Words
from tests.articles import VOCABULARY, an_article, rows


@given(st.lists(st.tuples(rows, st.sampled_from(SPLITS)), min_size=1, max_size=5))
@settings(max_examples=50)
def test_what_goes_in_comes_out(
    tmp_path_factory: pytest.TempPathFactory, articles: list[tuple[list[list[int]], str]]
) -> None:
    path = tmp_path_factory.mktemp("db") / "sequences.db"
    build(path, (an_article(n, rows, split) for n, (rows, split) in enumerate(articles)), VOCABULARY, 0.5)
    sequences: Sequences = pickle.loads(pickle.dumps(Sequences(path)))
    assert (sequences.vocabulary, sequences.end_fraction) == (VOCABULARY, 0.5)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        sequences.connection.execute("DELETE FROM sequences")
    flat = [(row, split) for rows, split in articles for row in rows]
    with ThreadPoolExecutor() as other:  # one of a web server
        assert other.submit(sequences.count, "train").result() == sum(split == "train" for _, split in flat)
    assert [row.tolist() for row in sequences.rows(range(len(flat), 0, -1))] == [row for row, _ in reversed(flat)]
    for split in SPLITS:
        ids, lengths = sequences.ids_and_lengths(split)
        expected = [(number, len(row)) for number, (row, of) in enumerate(flat, 1) if of == split]
        assert list(zip(ids.tolist(), lengths.tolist(), strict=True)) == expected
        assert sequences.count(split) == len(expected)
        in_order = [number for number, (rows, of) in enumerate(articles) for _ in rows if of == split]
        assert sequences.article_ids(split).tolist() == in_order
        runs = sequences.runs(split)
        assert row_ids(runs).tolist() == ids.tolist()
        read = [lengths[ids.searchsorted(row_ids(run[None]))] for run in runs]
        assert [(run["rows"], run["words"]) for run in runs] == [(len(some), some.sum()) for some in read]
        counts = np.bincount([token for row, of in flat if of == split for token in row], minlength=5)
        assert sequences.word_counts(split).tolist() == counts.tolist()


def test_a_few_articles_of_a_split_do_not_keep_their_shards_in_memory(tmp_path: Path) -> None:
    shards: list[weakref.ref[np.ndarray]] = []
    held = []

    def articles() -> Iterator[Article]:
        for number in range(9):
            shard = np.full(1000, 2, "<u2")
            shards.append(weakref.ref(shard))
            yield Article(number, f"Page {number}", "valid", shard[:3], np.array([0, 3]))
            del shard
            held.append(sum(shard() is not None for shard in shards))

    build(tmp_path / "s.db", articles(), VOCABULARY, 0.5)
    assert max(held) <= 2


def test_the_schema_is_the_one_people_rely_on(tmp_path: Path) -> None:
    build(tmp_path / "s.db", [an_article(7, [[2, 3, 4]])], VOCABULARY, 0.5)
    connection = sqlite3.connect(tmp_path / "s.db")
    row = connection.execute("SELECT id, article_id, split, length, tokens FROM sequences").fetchall()
    assert row == [(1, 7, "train", 3, b"\x02\x00\x03\x00\x04\x00")]
    assert connection.execute("SELECT id, title FROM articles").fetchall() == [(7, "Page 7")]
    assert connection.execute("SELECT word, count FROM vocabulary WHERE id = 2").fetchall() == [("a", 5)]
    meta = {"dtype": "<u2", "vocabulary_size": "5", "vocabulary": VOCABULARY.fingerprint, "end_fraction": "0.5"}
    assert dict(connection.execute("SELECT key, value FROM meta")) == meta | {"start": "0", "end": "1", "unknown": "4"}


@pytest.mark.parametrize("size", [2_000, 70_000])  # ids of two and of four bytes
def test_the_view_sentences_shows_rows_as_words(tmp_path: Path, size: int) -> None:
    vocabulary = Words.of([(f"w{id}", 1) for id in range(2, size)], rows=1, unknown=2)
    ids = [2, 9, 10, 15, 16, 255, 256, 1_000, size - 1, size]
    sequences = [ids, [], ids[::-1], [ids[5]] * 300]
    flat = np.concatenate([np.array(sequence, vocabulary.dtype) for sequence in sequences])
    article = Article(7, "A page", "train", flat, np.cumsum([0, *map(len, sequences)]))
    build(tmp_path / "s.db", [article], vocabulary, 0.5)
    connection = sqlite3.connect(tmp_path / "s.db")
    texts = [" ".join(vocabulary.by_id[id] for id in sequence) for sequence in sequences]
    rows = connection.execute("SELECT id, title, text FROM sentences ORDER BY id").fetchall()
    assert rows == [(id, "A page", text) for id, text in enumerate(texts, 1)]
    plan = connection.execute("EXPLAIN QUERY PLAN SELECT * FROM sentences WHERE id = 3").fetchall()
    assert any("USING INTEGER PRIMARY KEY" in row[-1] for row in plan)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("UPDATE sequences SET tokens = x'0500' WHERE id = 2", "a word is not in its vocabulary"),
        ("UPDATE sequences SET tokens = x'020002' WHERE id = 2", "a row ends within a word"),
        ("UPDATE sequences SET tokens = x'02000300' WHERE id = 2", "a row has another length than the table lengths"),
        ("DELETE FROM sequences WHERE id = 2", "it lacks the row 2"),
        ("UPDATE vocabulary SET word = 'c' WHERE id = 3", "its vocabulary is not the one that numbers its words"),
    ],
)
def test_what_was_changed_since_is_told(tmp_path: Path, change: str, problem: str) -> None:
    build(tmp_path / "s.db", [an_article(1, [[2], [3], [4]])], VOCABULARY, 0.5)
    with closing(sqlite3.connect(tmp_path / "s.db")) as database, database:
        database.execute(change)
    sequences = Sequences(tmp_path / "s.db")
    with pytest.raises(UserError, match=f"s.db: {problem}.*; run `dvc repro -f -s index`"):
        print(list(sequences.blocks("train")), sequences.vocabulary)


def test_a_damaged_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    build(path, [an_article(1, [[2, 3, 4], [3, 2]], "train")], VOCABULARY, 1.0)
    whole = path.read_bytes()
    for damaged in (b"", whole[:-1], whole[:4096] + b"\xff" * (len(whole) - 4096)):
        path.write_bytes(damaged)
        with pytest.raises(UserError, match=r"s\.db: is damaged \(.*\); run `dvc repro`"):
            list(Sequences(path).batches(1))
