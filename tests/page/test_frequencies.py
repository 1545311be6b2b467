from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.page.frequencies import Frequencies, section, spread_ranks
from pipeline.page.results import Results
from pipeline.run.outputs import write_json
from pipeline.run.tsv import write_table
from tests.page.conftest import render


@given(st.lists(st.integers(1, 50), min_size=1, max_size=90))
def test_ranks_and_coverage_are_those_of_the_sorted_counts(counts: list[int]) -> None:
    counts = sorted(counts, reverse=True)
    occurring, words = zip(*sorted(Counter(counts).items(), reverse=True), strict=True)
    found = Frequencies(np.array(occurring), np.array(words))
    ranks = np.arange(1, len(counts) + 1)
    assert [found.count_at(int(rank)) for rank in ranks] == counts
    np.testing.assert_allclose(found.covered(ranks), np.cumsum(counts) / sum(counts))


@pytest.mark.parametrize("distinct", [1, 2, 7, 1_000_000])
def test_ranks_of_a_curve_go_from_the_first_to_the_last(distinct: int) -> None:
    ranks = spread_ranks(distinct)
    assert ranks[0] == 1
    assert ranks[-1] == distinct
    assert (np.diff(ranks) > 0).all()


def test_what_the_vocabulary_counted_is_drawn(tmp_path: Path) -> None:
    write_table(tmp_path / "word_counts.tsv", [{"count": count, "words": 1} for count in (3, 2, 1)])
    (tmp_path / "metrics").mkdir()
    write_json(tmp_path / "metrics/vocabulary.json", {"words": 2, "vocabulary_size": 5})
    found = section(Results(tmp_path, {}))
    assert found is not None
    assert (found["distinct"], found["once"]) == (3, 1)


@pytest.mark.parametrize(("about", "text"), [({}, "text"), ({"splits": ["train", "valid"]}, "training split")])
def test_the_page_says_in_what_words_are_counted(in_tmp: Path, about: dict[str, Any], text: str) -> None:
    Path("data").mkdir()
    write_table(Path("data/word_counts.tsv"), [{"count": 2, "words": 3}])
    stats = {"wiki": "own text", "language": "en", "in": 3, "kept": 3, "dropped": {}, "failed": []}
    write_json(Path("data/articles.json"), stats | about | {"templates": {"met": 0}})
    html = render()
    assert f"<p>The {text} has 3 distinct words;" in html
    assert f"share of the {text} (%)" in html
    assert ("&lt;unk&gt; is not counted" in html) == (text != "text")


def test_no_counts_no_section(tmp_path: Path) -> None:
    assert section(Results(tmp_path, {})) is None
