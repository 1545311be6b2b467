"""A small draw of `python -m benchmarks.damage`."""

from pathlib import Path

import pytest

from benchmarks import damage
from tests.dumps import a_dump


@pytest.mark.parametrize("spoil", [damage.flip, damage.cut])
def test_damage_is_told_where_a_checksum_tells_it(tmp_path: Path, spoil: damage.Spoil) -> None:
    (tmp_path / "dump.xml").write_text(a_dump())
    for form in damage.formats(tmp_path / "dump.xml"):
        counts, _ = damage.tried(form, spoil, 5, seed=0)
        assert counts.total() == 5
        assert not counts["fault"], form.name
