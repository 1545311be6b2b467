import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.batch import IGNORED
from pipeline.batches.order import Drawing, RowOrder, batch_bounds, drawn_ends
from pipeline.batches.rows import SequenceData
from pipeline.store.building import build
from tests.articles import VOCABULARY, an_article

LENGTHS = np.array([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8], np.int32)
IDS = np.arange(100, 100 + len(LENGTHS))


HALF = Drawing(seed=1, end_fraction=0.5, shuffle=True)


def order(drawing: Drawing = HALF) -> RowOrder:
    return RowOrder(lambda: [(IDS[:5], LENGTHS[:5]), (IDS[5:], LENGTHS[5:])], drawing, tokens=12)


def drawn(order: RowOrder, epoch: int) -> list[tuple[list[int], list[bool]]]:
    order.set_epoch(epoch)
    return [(draw.ids, draw.ends.tolist()) for draw in order]


@given(st.lists(st.integers(1, 50), min_size=1, max_size=60), st.integers(1, 200))
def test_batches_cover_all_rows_within_the_bound(lengths: list[int], tokens: int) -> None:
    lengths = sorted(lengths)
    bounds = batch_bounds(np.bincount(lengths), tokens).tolist()
    assert bounds[0] == 0
    assert bounds[-1] == len(lengths)
    for start, end in itertools.pairwise(bounds):
        assert end > start
        assert end == start + 1 or (end - start) * (lengths[end - 1] + 1) <= tokens
        assert end == len(lengths) or (end + 1 - start) * (lengths[end] + 1) > tokens


def test_an_epoch_draws_every_row_once_from_any_batch_on_by_seed_and_epoch() -> None:
    for epoch in range(5):
        draws = drawn(order(), epoch)
        assert sorted(id_ for ids, _ in draws for id_ in ids) == IDS.tolist()
        assert len(draws) == len(order())
        assert draws != drawn(order(), epoch + 1)
        for first in range(len(order()) + 1):
            some = order()
            some.epoch, some.first = epoch, first
            assert [(draw.ids, draw.ends.tolist()) for draw in some] == draws[first:]
            assert drawn(some, 3) == drawn(order(), 3)
    assert drawn(order(), 3) != drawn(order(HALF._replace(seed=2)), 3)
    fixed = HALF._replace(shuffle=False)
    assert drawn(order(fixed), 0) == drawn(order(fixed), 4)


def test_every_row_of_a_length_is_as_likely_in_each_place() -> None:
    six = RowOrder(lambda: [(np.arange(6), np.full(6, 3))], HALF, tokens=12)  # two batches of three rows
    found = np.zeros((6, 6))
    epochs = 1000
    for epoch in range(epochs):
        ids = [id_ for ids, _ in drawn(six, epoch) for id_ in ids]
        found[range(6), ids] += 1
    assert ((found - epochs / 6) ** 2 / (epochs / 6)).sum() < 52.6  # the 99.9th percentile of chi-square (25)


def test_which_ends_are_targets_is_drawn_anew_in_each_epoch_but_not_in_evaluation() -> None:
    ids = np.arange(20_000)
    held_out, first, second = drawn_ends(ids, 0.3), drawn_ends(ids, 0.3, (1, 0)), drawn_ends(ids, 0.3, (1, 1))
    assert np.array_equal(held_out[50:90], drawn_ends(ids[50:90], 0.3))
    for one, other in itertools.combinations([held_out, first, second], 2):
        assert (one & other).mean() == pytest.approx(0.09, abs=0.01)
    assert (held_out[1:] & held_out[:-1]).mean() == pytest.approx(0.09, abs=0.01)


def test_batches_have_start_before_end_behind_if_it_is_a_target_and_padding_ignored(tmp_path: Path) -> None:
    for end_fraction, end in ((1.0, 1), (0.0, IGNORED)):
        path = tmp_path / f"{end}.db"
        articles = [an_article(n, [[2, 3, 4], [3, 2], [4]], "train" if n else "valid") for n in range(2)]
        build(path, articles, VOCABULARY, end_fraction)
        (batch,) = SequenceData(path, seed=3).valid_loader()
        assert sorted(zip(batch.inputs.tolist(), batch.targets.tolist(), strict=True)) == [
            ([0, 2, 3, 4], [2, 3, 4, end]),
            ([0, 3, 2, 0], [3, 2, end, IGNORED]),
            ([0, 4, 0, 0], [4, end, IGNORED, IGNORED]),
        ]
