"""The stage that chooses what the page follows, and the list in CONTRIBUTING.md by which a stage is added."""

import re
from pathlib import Path

import pytest

from pipeline.example import MOST, choose
from pipeline.store.building import build
from pipeline.store.sequences import Sequences
from tests.articles import VOCABULARY, an_article
from tests.conftest import ROOT

LONG, FITS = [2] * 20, [2, 3] * 4


@pytest.mark.parametrize(
    ("rows", "row", "place", "ids"), [([LONG, FITS, FITS], 1, len(LONG) + 1, FITS), ([LONG], 0, 0, LONG[:MOST])]
)
def test_the_first_row_that_fits_is_followed_or_the_start_of_the_first(
    tmp_path: Path, rows: list[list[int]], row: int, place: int, ids: list[int]
) -> None:
    training = [[2, 3, 2, 3], [2, 3, 2, 2], [3, 3, 3, 3], [4, 2, 2, 2], [2, 2]]  # 4 is UNKNOWN
    build(tmp_path / "s.db", [an_article(0, training), an_article(1, rows, "test")], VOCABULARY, 0.5)
    found = choose(Sequences(tmp_path / "s.db"))
    assert (found.row, found.place, found.ids) == (row, place, ids)
    assert [(each.ids, each.text) for each in found.beginnings] == [([2, 3, 2], "a b a"), ([3, 3, 3], "b b b")]


def test_a_stage_is_added_by_at_most_six_lines_whose_files_know_it() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    lines = text.split("## A stage\n")[1].split("\n## ")[0].strip().splitlines()
    assert lines[0] == "Example: `example`."
    assert [line[:2] for line in lines[2:]] == [f"{number}." for number in range(1, len(lines) - 1)]
    assert len(lines[2:]) <= 6
    named = set(re.findall(r"`((?:pipeline|tests|docs)/[\w./]+|dvc\.yaml)`", "\n".join(lines)))
    assert not [path for path in named if not (ROOT / path).exists()]
    for path in ("dvc.yaml", "docs/files.md", "pipeline/settings/checked.py", "tests/test_whole.py"):
        assert path in named
        assert re.search(r"\bexample\b", (ROOT / path).read_text(encoding="utf-8")), path
