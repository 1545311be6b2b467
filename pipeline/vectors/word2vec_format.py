"""Word vectors as files in word2vec's text or binary format, which gensim and most tools read."""

from itertools import islice
from pathlib import Path
from typing import IO

import numpy as np

from pipeline.run.archives import open_gzip
from pipeline.run.doors import MOST_LINE, bounded_lines
from pipeline.run.errors import UserError, reading

INFLATED = 20  # times the bytes of a compressed file; vectors compress to a half


def save_vectors(path: Path, words: list[str], vectors: np.ndarray) -> None:
    """Write `words`, most frequent first, and their `vectors` (words, dimensions); in binary if `path` ends in .bin."""
    with _open(path, "wb") as file:
        file.write(f"{len(words)} {vectors.shape[1]}\n".encode())
        for word, vector in zip(words, vectors.astype(np.float32), strict=True):
            values = vector.tobytes() if _binary(path) else f"{' '.join(map(str, vector))}\n".encode()
            file.write(f"{word} ".encode() + values)


def load_vectors(path: Path) -> tuple[list[str], np.ndarray]:
    """Return the words and float32 vectors of a file, which is binary if its name ends in .bin or .bin.gz, else text.

    Raises `UserError` if the file has another format or is damaged.
    """
    kind, read = ("binary", _read_binary) if _binary(path) else ("text", _read_text)
    with reading(path, f"it must be word2vec {kind}"), _open(path, "rb") as file:
        words, vectors = read(file, path)
        if not vectors.size:
            raise ValueError("it holds no vectors")
    if bad := int((~np.isfinite(vectors)).any(axis=1).sum()):
        raise UserError(f"{path}: {bad:,} of {len(words):,} vectors hold values that are not finite numbers")
    return words, vectors


def _binary(path: Path) -> bool:
    return path.name.removesuffix(".gz").endswith(".bin")


def _open(path: Path, mode: str) -> IO[bytes]:
    return open_gzip(path, mode) if path.suffix == ".gz" else path.open(mode)


def _header(line: bytes, path: Path) -> tuple[int, int]:
    """Return how many vectors there are, and of how many values."""
    header = line.split()
    if len(header) != 2 or not all(value.isdigit() for value in header):
        raise ValueError(f"line 1: found {len(header):,} value(s); expected two whole numbers, of words and values")
    words, dimensions = map(int, header)
    room = path.stat().st_size * (INFLATED if path.suffix == ".gz" else 1)
    if 2 * dimensions > MOST_LINE or 2 * dimensions * words > room:  # a value has two bytes at least
        raise ValueError(f"line 1 says {words:,} vectors of {dimensions:,} values, more than such a file can have")
    return words, dimensions


def _read_text(file: IO[bytes], path: Path) -> tuple[list[str], np.ndarray]:
    """Read the text format. gensim accepts a line with one value as a whole vector, and names no malformed line."""
    found: dict[str, np.ndarray] = {}  # the first of equal words, as gensim reads the binary format
    number, lines = 1, bounded_lines(file, path)
    expected, dimensions = _header(next(lines, b""), path)
    for number, line in enumerate(filter(bytes.strip, islice(lines, 2 * expected + 100)), start=2):
        word, *values = line.rstrip().decode("utf-8").split(" ")
        if len(values) != dimensions:
            raise ValueError(f"line {number:,}: found {len(values):,} value(s); expected {dimensions:,}")
        if number - 1 > expected:
            raise ValueError(f"found more than {expected:,} vectors; line 1 says {expected:,}")
        try:
            found.setdefault(word, np.array(values, np.float32))
        except ValueError as error:
            raise ValueError(f"line {number:,}: {error}") from None
    if number - 1 != expected:
        raise ValueError(f"found {number - 1:,} vectors; line 1 says {expected:,}")
    return [*found], np.array([*found.values()], np.float32).reshape(len(found), dimensions)


def _read_binary(file: IO[bytes], path: Path) -> tuple[list[str], np.ndarray]:
    """Read the binary format: each word, a blank, and its values. gensim believes any number of vectors."""
    expected, dimensions = _header(next(bounded_lines(file, path), b""), path)
    size = 4 * dimensions  # bytes of a vector
    found: dict[str, None] = {}
    vectors, block, at = np.empty((expected, dimensions), np.float32), b"", 0
    for number in range(1, expected + 1):
        while (end := block.find(b" ", at)) < 0 or len(block) < end + 1 + size:
            if len(block) - at > MOST_LINE + size or not (more := file.read(MOST_LINE)):
                raise ValueError(f"vector {number:,}: it is cut, or its word does not end")
            block, at = block[at:] + more, 0
        row, word = len(found), block[at:end].lstrip(b"\n").decode("utf-8")
        if word not in found:
            found[word] = None
            vectors[row] = np.frombuffer(block, "<f4", dimensions, end + 1)
        at = end + 1 + size
    return [*found], vectors[: len(found)]
