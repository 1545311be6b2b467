from itertools import chain, pairwise
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.batch import IGNORED, Batch
from pipeline.batches.order import Draw, Drawing, StreamOrder
from pipeline.batches.rows import SequenceData
from pipeline.settings.model_sections import RandomRows, Stream
from pipeline.store.building import build
from pipeline.store.runs import RUN_FIELDS
from tests.articles import VOCABULARY, an_article

ARTICLES = [[3, 1, 4], [1], [5, 9, 2, 6], [5, 3], [5]]  # the lengths of their sentences


def order(articles: list[list[int]], rows: int = 2, steps: int = 4, seed: int = 1, shuffle: bool = True) -> StreamOrder:
    runs, first = [], 0
    for number, article in enumerate(articles, start=7):
        for some in (article[start : start + 2] for start in range(0, len(article), 2)):
            runs.append((number, first, len(some), sum(some)))
            first += len(some)
    return StreamOrder(np.array(runs, RUN_FIELDS), Drawing(seed, 0.3, shuffle), rows=rows, steps=steps)


def read(articles: list[list[int]], draw: Draw) -> list[list[int]]:
    """The steps in each row of a batch, numbered through all articles."""
    lengths = [length + 1 for article in articles for length in article]
    starts = np.cumsum([0, *lengths])
    laid = [step for id_ in draw.ids for step in range(starts[id_], starts[id_ + 1])]
    return [laid[start:stop] for start, stop in draw.spans]


@given(
    st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=5), min_size=1, max_size=8),
    st.integers(1, 6),
    st.integers(1, 12),
    st.integers(0, 9),
)
def test_the_stream_is_read_once_and_each_row_in_one_go(
    articles: list[list[int]], rows: int, steps: int, epoch: int
) -> None:
    stream = order(articles, rows, steps)
    stream.set_epoch(epoch)
    draws = list(stream)
    assert len(draws) == len(stream)
    assert draws[0].fresh is not None
    assert draws[0].fresh.all()
    read_now = [read(articles, draw) for draw in draws]
    assert all(any(now) and max(map(len, now)) <= steps for now in read_now)
    lines = [list(chain(*parts)) for parts in zip(*read_now, strict=True)]
    *starts, total = np.cumsum([0, *(sum(article) + len(article) for article in articles)]).tolist()
    assert sorted(chain(*lines)) == list(range(total))
    for one, after in chain(*map(pairwise, lines)):  # after an article any other begins
        assert after == one + 1 or (after in starts and one + 1 in (*starts, total))


def test_rows_start_anew_now_and_then_in_training_alone() -> None:
    long = order([[99] * 200] * 9, rows=20, steps=4)
    fresh = np.stack([draw.fresh for draw in long if draw.fresh is not None])
    assert 0.005 < fresh[1:].mean() < 0.02
    evaluated = order([[99] * 200] * 9, rows=20, steps=4, shuffle=False)
    assert not np.stack([draw.fresh for draw in evaluated if draw.fresh is not None])[1:].any()


def test_the_order_is_a_function_of_seed_and_epoch() -> None:
    def drawn(epoch: int, seed: int = 1, first: int = 0) -> list[list[list[int]]]:
        some = order(ARTICLES, seed=seed)
        some.epoch, some.first = epoch, first
        return [read(ARTICLES, draw) for draw in some]

    assert drawn(3) == drawn(3)
    assert drawn(3) != drawn(4)
    assert drawn(3) != drawn(3, seed=2)
    assert drawn(3, first=2) == drawn(3)[2:]


def make_data(path: Path, end_fraction: float) -> SequenceData:
    articles = [
        an_article(n, [[2, 3, 4], [3, 2], [4] * (n + 1)], split)
        for n, split in enumerate(["train", "test", "train", "valid", "test", "train"])
    ]
    build(path, articles, VOCABULARY, end_fraction)
    return SequenceData(path, seed=3, batches=Stream(kind="stream", rows=2, steps=5))


def batches_of(data: SequenceData, split: str, batches: RandomRows | Stream | None) -> list[Batch]:
    return [data[draw] for draw in data.order(split, batches)]


def test_in_a_stream_end_takes_the_place_of_start(tmp_path: Path) -> None:
    data = make_data(tmp_path / "all.db", 1.0)
    batches = batches_of(data, "valid", Stream(kind="stream", rows=1, steps=6))
    assert [batch.inputs.tolist() for batch in batches] == [[[1, 2, 3, 4, 1, 3]], [[2, 1, 4, 4, 4, 4]]]
    assert [batch.targets.tolist() for batch in batches] == [[[2, 3, 4, 1, 3, 2]], [[1, 4, 4, 4, 4, 1]]]
    assert [batch.fresh.tolist() for batch in batches if batch.fresh is not None] == [[True], [False]]
    data = make_data(tmp_path / "none.db", 0.0)
    (batch,) = batches_of(data, "valid", Stream(kind="stream", rows=2, steps=8))
    assert batch.inputs.tolist() == [[1, 2, 3, 4, 1, 3], [2, 1, 4, 4, 4, 4]]
    assert batch.targets.tolist() == [[2, 3, 4, IGNORED, 3, 2], [IGNORED, 4, 4, 4, 4, IGNORED]]
