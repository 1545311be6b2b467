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


def test_the_blocks_make_up_the_file(many: Path) -> None:
    found = list(blocks(many, 0))
    assert len(found) > 30
    assert b"".join(text for _, _, text in found) == b"".join(TEXTS * 2)


@given(st.integers(0, 1_200_000))
@settings(max_examples=12, deadline=None)
def test_from_any_byte_on_come_the_blocks_behind_it(many: Path, start: int) -> None:
    assert list(blocks(many, start)) == [block for block in blocks(many, 0) if block[0] >= start]


@pytest.mark.parametrize("window", [64, 1000, 4099])
def test_blocks_across_the_edges_of_what_is_read_at_once(
    many: Path, monkeypatch: pytest.MonkeyPatch, window: int
) -> None:
    whole = list(blocks(many, 0))
    monkeypatch.setattr(bzip2, "WINDOW", window)
    assert list(blocks(many, 0)) == whole


def test_the_bits_of_a_mark_inside_a_block_are_no_mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "one.bz2"
    path.write_bytes(bz2.compress(TEXTS[3]))
    marks = [*bzip2._marks(path.open("rb"), 0)]
    chance = (marks[0][0] + 1003, bzip2.BLOCK)
    monkeypatch.setattr(bzip2, "_marks", lambda file, start: iter([marks[0], chance, marks[1]]))
    assert [text for _, _, text in blocks(path, 0)] == [TEXTS[3]]


PACKED = bz2.compress(TEXTS[3])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (PACKED[:-30], "it ends within the block at byte 4"),
        (PACKED[:1000] + b"!" + PACKED[1001:], "damaged within the block at byte 4"),
        (PACKED[:1000] + b"!" + PACKED[1001:] + PACKED, "damaged within the block at byte 4"),
        (b"BZh9 and nothing", "it holds no bzip2 block"),
    ],
)
def test_damage_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "damaged.bz2"
    path.write_bytes(content)
    with pytest.raises(CorruptError, match=message):
        list(blocks(path, 0))
