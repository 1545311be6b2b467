from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.run.errors import UserError
from pipeline.run.tsv import read_table, write_table

COLUMNS = {"word": str, "count": int}
cells = st.text(st.characters(codec="utf-8", exclude_characters="\t\n"), max_size=4)


@given(st.lists(st.tuples(cells, st.integers()), min_size=1, max_size=9))
def test_a_table_reads_back_whatever_a_word_holds(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, int]]
) -> None:
    path = tmp_path_factory.mktemp("tables") / "t.tsv"
    write_table(path, [{"word": word, "count": count} for word, count in rows])
    words, counts = read_table(path, COLUMNS, stage="vocabulary")
    assert list(zip(words, counts, strict=True)) == rows


def test_a_table_is_tab_separated_with_a_header(tmp_path: Path) -> None:
    write_table(tmp_path / "t.tsv", [{"word": 'a "b"', "count": 2}, {"word": "\r", "count": 1.5}])
    assert (tmp_path / "t.tsv").read_bytes() == b'word\tcount\na "b"\t2\n\r\t1.5\n'


@pytest.mark.parametrize("rows", [b"", b"a\t1\nb\n", b"a\t1\t2\n", b"a\tb\n", b"\xff\t1\n", None])
def test_another_or_a_damaged_file_is_a_clear_error(tmp_path: Path, rows: bytes | None) -> None:
    (tmp_path / "t.tsv").write_bytes(b"id\tword\n0\tSTART\n" if rows is None else b"word\tcount\n" + rows)
    message = r"t\.tsv: is damaged \(.*\); run `dvc repro -f -s vocabulary`"
    with pytest.raises(UserError, match=message):
        read_table(tmp_path / "t.tsv", COLUMNS, stage="vocabulary")
