from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.words.frequencies import Frequencies, spread_ranks
from tests.page.conftest import render, write_account, write_frequencies


@given(st.lists(st.integers(1, 50), min_size=1, max_size=90))
def test_ranks_and_coverage_are_those_of_the_sorted_counts(counts: list[int]) -> None:
    counts = sorted(counts, reverse=True)
    occurring, words = zip(*sorted(Counter(counts).items(), reverse=True), strict=True)
    found = Frequencies(np.array(occurring), np.array(words))
    ranks = np.arange(1, len(counts) + 1)
    assert found.counts_at(ranks.tolist()) == counts
    np.testing.assert_allclose(found.covered(ranks), np.cumsum(counts) / sum(counts))
    spread = spread_ranks(len(counts) ** 3)
    assert (spread[0], spread[-1]) == (1, len(counts) ** 3)
    assert (np.diff(spread) > 0).all()


@pytest.mark.parametrize(("about", "marked"), [({}, False), ({"splits": ["train", "valid"]}, True)])
def test_the_page_says_in_what_words_are_counted(in_tmp: Path, about: dict[str, Any], marked: bool) -> None:
    write_frequencies({2: 3})
    write_account(**about)
    html = render()
    assert "<p>The training split has 3 distinct words; 0 of them (0.0%) occur once." in html
    assert "share of the training split (%)" in html
    assert ("&lt;unk&gt; is not counted" in html) == marked
