"""Reading a bzip2 file from any place in it, so that one big file feeds every core.

A bzip2 stream is a head, blocks of up to 900 kB of text, and an end with a checksum. A block begins at any
bit, with 48 bits that say so, and needs no other block: cut out and given a head and an end of its own, it is a
whole stream. (Hadoop splits bzip2 files so, and bzip2recover saves broken ones.)
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pipeline.run.archives import inflate_bzip2

BLOCK_MARK, END_MARK = 0x314159265359, 0x177245385090  # the digits of pi, and of its square root
MAGIC_BITS, CHECKSUM_BITS, HEAD_BITS = 48, 32, 32
WINDOW = 1 << 20
BLOCK_BITS = 8 * WINDOW  # more than the 900 kB of a block take, however badly they compress


class CorruptError(Exception):
    """The file is cut or damaged; the message says where."""


def blocks(path: Path, start: int) -> Iterator[tuple[int, int, bytes]]:
    """Yield where each block begins and ends, in bytes, and its content, for blocks that begin at or after `start`.

    Raises `CorruptError` if a block is damaged, or if the file ends within one.
    """
    with path.open("rb") as file, path.open("rb") as cuts:
        first: int | None = None  # the bit where the block at hand begins
        ended: int | None = None  # the bit where the last stream's end begins, and no block after it yet
        magic = None
        failed = False
        for bit, magic in _marks(file, start):
            if first is not None:
                if bit - first > BLOCK_BITS:
                    failed = True
                    break
                stream = _as_stream(cuts, first, bit)
                try:
                    content = inflate_bzip2(stream)
                except (OSError, ValueError):
                    # The bits of a mark also occur by chance, once in some 18 TB: look behind it.
                    if failed:
                        break
                    failed = True
                    continue
                yield first // 8, bit // 8, content
            if ended is not None and bit != _next_block(ended):
                raise CorruptError(f"damaged within the block at byte {_next_block(ended) // 8:,}")
            first, ended = (bit, None) if magic == BLOCK_MARK else (None, bit)
            failed = False
        if ended is not None and path.stat().st_size * 8 < ended + MAGIC_BITS + CHECKSUM_BITS:
            raise CorruptError("it ends within its last checksum")
        if magic is None and start == 0:
            raise CorruptError("it holds no bzip2 block")
        if first is not None:
            raise CorruptError(f"{'damaged' if failed else 'it ends'} within the block at byte {first // 8:,}")


def _next_block(end: int) -> int:
    """Return the bit of the first block of the next stream, after a stream's end at the bit `end`.

    Without it a stream whose first mark is damaged would be skipped as a whole.
    """
    return (end + MAGIC_BITS + CHECKSUM_BITS + 7) // 8 * 8 + HEAD_BITS


def _marks(file: BinaryIO, start: int) -> Iterator[tuple[int, int]]:
    """Yield the bit and the magic of each block and each end of a stream that begins at or after the byte `start`."""
    file.seek(start)
    position, data = start, b""
    while fresh := file.read(WINDOW):
        data += fresh
        # A mark takes up to 7 bytes, so one that begins in the last 6 is left to the next window.
        rest = data[-6:]
        found = ((bit, magic) for magic in (BLOCK_MARK, END_MARK) for bit in _find(data, magic))
        for bit, magic in sorted(mark for mark in found if mark[0] < (len(data) - len(rest)) * 8):
            yield position * 8 + bit, magic
        position += len(data) - len(rest)
        data = rest


def _find(data: bytes, magic: int) -> Iterator[int]:
    """Yield each bit of `data` at which the 48 bits of `magic` begin."""
    for shift in range(8):
        pattern = magic << 8 - shift  # over 7 bytes, of which the first and the last are shared with the neighbours
        inner = pattern.to_bytes(7, "big")[1:6]
        mask = (1 << MAGIC_BITS) - 1 << 8 - shift
        at = 0
        while (at := data.find(inner, at + 1)) >= 0:
            if int.from_bytes(data[at - 1 : at + 6].ljust(7, b"\0"), "big") & mask == pattern:
                yield (at - 1) * 8 + shift


def _as_stream(file: BinaryIO, first: int, last: int) -> bytes:
    """Return the block in the bits from `first` to `last`, between a head and an end."""
    file.seek(first // 8)
    data, bits = file.read((last + 7) // 8 - first // 8), last - first
    block = int.from_bytes(data, "big") >> -last % 8 & (1 << bits) - 1
    checksum = block >> bits - MAGIC_BITS - 32 & 0xFFFFFFFF  # a stream of one block has the block's own
    whole, length = (block << MAGIC_BITS | END_MARK) << 32 | checksum, bits + MAGIC_BITS + 32
    return b"BZh9" + (whole << -length % 8).to_bytes((length + 7) // 8, "big")
