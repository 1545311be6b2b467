"""A small draw of `python -m benchmarks.damage`."""

from pathlib import Path

import pytest

from benchmarks import damage
from tests.small_dumps import a_dump


@pytest.mark.parametrize("spoil", [damage.flip, damage.cut])
def test_damage_is_told_where_its_format_can_show_it(tmp_path: Path, spoil: damage.Spoil) -> None:
    (tmp_path / "dump.xml").write_text(a_dump())
    for form in damage.formats(tmp_path / "dump.xml"):
        counts, _ = damage.tried(form, spoil, 5, seed=0)
        assert counts.total() == 5
        assert not counts["fault"], form.name


@pytest.mark.parametrize(("left_out", "otherwise"), [(0, "articles"), (1, "counted")])
def test_a_lost_article_is_a_fault_if_the_format_can_show_it(tmp_path: Path, left_out: int, otherwise: str) -> None:
    (tmp_path / "dump.xml").write_text(a_dump())
    sound = damage.Read([(1, "a", "b"), (2, "c", "d")])
    for form in damage.formats(tmp_path / "dump.xml"):
        became, _ = damage.outcome(tmp_path, form._replace(read=lambda _: damage.Read([], left_out)), sound)
        assert became == (otherwise if form.name in {"prose.txt", "prose.jsonl"} else "fault")
