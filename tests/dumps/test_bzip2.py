import bz2
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dumps import bzip2
from pipeline.dumps.bzip2 import CorruptError, blocks

TEXTS = [
    b"",
    b"x",
    b"one stream " * 100_000,
    random.Random(1).randbytes(300_000),  # as long packed as plain
    b"".join(b"%d " % number for number in range(200_000)),
]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of several streams of several blocks, packed at the lowest level to have more of them."""
    path = tmp_path_factory.mktemp("bzip2") / "many.bz2"
    path.write_bytes(b"".join(bz2.compress(text, level) for level in (1, 2) for text in TEXTS))
    return path


@given(st.integers(0, 1_200_000))
@settings(max_examples=6, deadline=None)
def test_from_any_byte_on_come_the_blocks_behind_it(many: Path, start: int) -> None:
    assert list(blocks(many, start)) == [block for block in blocks(many, 0) if block[0] >= start]


@pytest.mark.parametrize("window", [64, 4099])
def test_blocks_across_the_edges_of_what_is_read_at_once(
    many: Path, monkeypatch: pytest.MonkeyPatch, window: int
) -> None:
    whole = list(blocks(many, 0))
    assert len(whole) > 30
    assert b"".join(text for _, _, text in whole) == b"".join(TEXTS * 2)
    monkeypatch.setattr(bzip2, "WINDOW", window)
    assert list(blocks(many, 0)) == whole


def test_the_bits_of_a_mark_inside_a_block_are_no_mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "one.bz2"
    path.write_bytes(bz2.compress(TEXTS[3]))
    marks = [*bzip2._marks(path.open("rb"), 0)]
    chance = (marks[0][0] + 1003, bzip2.BLOCK_MARK)
    monkeypatch.setattr(bzip2, "_marks", lambda file, start: iter([marks[0], chance, marks[1]]))
    assert [text for _, _, text in blocks(path, 0)] == [TEXTS[3]]


@pytest.mark.parametrize("behind", [b"", bz2.compress(TEXTS[3])])
def test_damage_is_named(tmp_path: Path, behind: bytes) -> None:
    packed = bz2.compress(TEXTS[3])
    (tmp_path / "damaged.bz2").write_bytes(packed[:1000] + b"!" + packed[1001:] + behind)
    with pytest.raises(CorruptError, match="damaged within the block at byte 4"):
        list(blocks(tmp_path / "damaged.bz2", 0))
