import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models.batch import Batch
from pipeline.batches.running_text import RunningTextData
from pipeline.batches.subsampling import keep_chances
from pipeline.run.errors import UserError
from pipeline.store.building import build
from tests.articles import VOCABULARY, an_article

UNKNOWN = VOCABULARY.unknown
ARTICLES = [[[2, 3, UNKNOWN], [3, 2]], [[2, 2, 2]], [[3, UNKNOWN], [UNKNOWN], [2, 3, 2, 3]], [[3, 3]]]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    articles = [an_article(n, rows, "train") for n, rows in enumerate(ARTICLES)]
    build(tmp_path / "s.db", [*articles, an_article(9, [[2] * 50], "valid")], VOCABULARY, 0.5)
    return tmp_path / "s.db"


def text(database: Path, chances: Any = None, rows: int = 2, steps: int = 3) -> RunningTextData:
    data = RunningTextData("models.e", database, rows=rows, subsample=0.0, seed=1, steps=steps)
    data.chances = np.ones(len(VOCABULARY), np.float32) if chances is None else chances
    return data


def epoch(text: RunningTextData, number: int, batches: int) -> list[Batch]:
    text.epoch, text.batch_count = number, batches
    return list(text)


def test_a_row_reads_whole_articles_on_and_on_and_then_from_the_first_again(database: Path) -> None:
    words = sum(len(row) for rows in ARTICLES for row in rows)
    for number in range(5):
        read = torch.cat([batch.inputs for batch in epoch(text(database, rows=1, steps=1), number, 2 * words)], 1)[0]
        assert torch.equal(read[:words], read[words:])
        laid = " ".join(map(str, read[:words].tolist()))
        for rows in ARTICLES:
            assert " ".join(str(word) for row in rows for word in row) in laid


def test_every_row_starts_at_its_place_and_none_is_fresh_but_at_an_epochs_start(database: Path) -> None:
    one = torch.cat([batch.inputs for batch in epoch(text(database, rows=1, steps=1), 3, 17)], 1)[0]
    batches = epoch(text(database, rows=3, steps=4), 3, 2)
    rows = torch.cat([batch.inputs for batch in batches], 1)
    # A place is a third of the text on; the run of rows that it falls in, here an article, is read from its start.
    order = np.random.default_rng((1, 3)).permutation(len(ARTICLES))
    starts = np.cumsum([0, *(sum(map(len, ARTICLES[number])) for number in order)])
    for row, read in enumerate(rows):
        start = starts[starts <= row * len(one) / 3].max()
        assert read.tolist() == torch.cat([one, one])[start : start + 8].tolist()
    assert [batch.fresh.tolist() for batch in batches if batch.fresh is not None] == [[True] * 3, [False] * 3]
    assert all(batch.inputs is batch.targets for batch in batches)


def test_a_batch_is_the_same_wherever_reading_starts(database: Path) -> None:
    chances = np.full(len(VOCABULARY), 0.5)
    in_turn, later = epoch(text(database, chances), 2, 9), text(database, chances)
    later.batch_count, later.epoch, later.first = 9, 2, 5
    for one, other in zip(in_turn[5:], later, strict=True):
        torch.testing.assert_close((one.inputs, one.fresh), (other.inputs, other.fresh), rtol=0, atol=0)


def test_epochs_differ_and_repeat(database: Path) -> None:
    data = RunningTextData("models.e", database, rows=2, subsample=0.2, seed=1, steps=2)
    read = []
    for data.epoch in (0, 0, 1):
        read.append(torch.cat([batch.inputs for batch in data.loader(data.train_order())]))
    first, again, second = read
    assert len(first) == 2 * data.batch_count > 0
    assert torch.equal(first, again)
    assert not torch.equal(first, second)


def test_too_little_text_for_a_batch_is_an_error(database: Path) -> None:
    with pytest.raises(UserError, match=r"models.e.rows is 8: a batch of 8 rows of 9 words takes more than the 14"):
        RunningTextData("models.e", database, rows=8, subsample=0.0, seed=1, steps=9)


def test_the_chance_to_be_kept_is_word2vecs() -> None:
    counts = np.array([0, 0, 900, 90, 10, 1000])  # START, END, words, UNKNOWN
    chances = keep_chances(counts, 0.01)
    assert chances.tolist() == pytest.approx(
        [0, 0, math.sqrt(0.01 / 0.9) + 0.01 / 0.9, math.sqrt(0.01 / 0.09) + 0.01 / 0.09, 1, 0]
    )
    assert keep_chances(counts, 0.0).tolist() == [0, 0, 1, 1, 1, 0]


@pytest.mark.parametrize(("words", "share"), [(1e5, 0.001), (1e6, 0.001), (4e6, 0.00025), (1e9, 0.00007)])
def test_the_share_that_is_thinned_follows_the_size_of_the_text(words: float, share: float) -> None:
    counts = np.array([0, 0, words / 2, words / 2, words])  # START, END, words, UNKNOWN
    by_rule, given = (keep_chances(counts, each) for each in (None, share))
    assert by_rule.tolist() == given.tolist()
