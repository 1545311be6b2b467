"""Word vectors as files in word2vec's text or binary format, which gensim and most tools read."""

import gzip
import zlib
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from pipeline.run.errors import UserError

if TYPE_CHECKING:  # gensim takes most of a second to import
    from gensim.models import KeyedVectors


def save_vectors(path: Path, words: list[str], vectors: np.ndarray) -> None:
    """Write `words`, most frequent first, and their `vectors` (words, dimensions); in binary if `path` ends in .bin."""
    with _open(path, "wb") as file:
        file.write(f"{len(words)} {vectors.shape[1]}\n".encode())
        for word, vector in zip(words, vectors.astype(np.float32), strict=True):
            values = vector.tobytes() if _binary(path) else f"{' '.join(map(str, vector))}\n".encode()
            file.write(f"{word} ".encode() + values)


def keyed_vectors(words: list[str], vectors: np.ndarray) -> "KeyedVectors":
    """Return `words`, most frequent first, and their `vectors` (words, dimensions) as gensim's KeyedVectors."""
    from gensim.models import KeyedVectors

    keyed = KeyedVectors(vectors.shape[1])
    keyed.add_vectors(words, vectors)
    return keyed


def load_vectors(path: Path) -> tuple[list[str], np.ndarray]:
    """Return the words and float32 vectors of a file, which is binary if its name ends in .bin or .bin.gz, else text.

    Raises `UserError` if the file has another format or is damaged.
    """
    kind = "binary" if _binary(path) else "text"
    try:
        if kind == "binary":
            from gensim.models import KeyedVectors

            keyed = KeyedVectors.load_word2vec_format(str(path), binary=True)
            words, vectors = keyed.index_to_key, keyed.vectors
        else:
            words, vectors = _read_text(path)
        if not vectors.size:
            raise ValueError("it holds no vectors")
    except FileNotFoundError:
        raise
    except (MemoryError, OverflowError):
        raise UserError(f"{path}: cannot be read as word2vec {kind}: line 1 asks for too much memory") from None
    except (ValueError, EOFError, OSError, zlib.error) as error:
        raise UserError(f"{path}: cannot be read as word2vec {kind}: {error}") from None
    if bad := int((~np.isfinite(vectors)).any(axis=1).sum()):
        raise UserError(f"{path}: {bad:,} of {len(words):,} vectors hold values that are not finite numbers")
    return words, vectors


def _binary(path: Path) -> bool:
    return path.name.removesuffix(".gz").endswith(".bin")


def _open(path: Path, mode: str) -> IO[bytes]:
    return gzip.open(path, mode) if path.suffix == ".gz" else path.open(mode)  # type: ignore[return-value]


def _read_text(path: Path) -> tuple[list[str], np.ndarray]:
    """Read the text format. gensim accepts a line with one value as a whole vector, and names no malformed line."""
    found: dict[str, np.ndarray] = {}  # the first of equal words, as gensim reads the binary format
    number = 1
    with _open(path, "rb") as file:
        header = file.readline().split()
        if len(header) != 2 or not all(value.isdigit() for value in header):
            raise ValueError(f"line 1: found {len(header):,} value(s); expected two whole numbers, of words and values")
        expected, dimensions = map(int, header)
        for number, line in enumerate(filter(bytes.strip, file), start=2):
            word, *values = line.rstrip().decode("utf-8").split(" ")
            if len(values) != dimensions:
                raise ValueError(f"line {number:,}: found {len(values):,} value(s); expected {dimensions:,}")
            try:
                found.setdefault(word, np.array(values, np.float32))
            except ValueError as error:
                raise ValueError(f"line {number:,}: {error}") from None
    if number - 1 != expected:
        raise ValueError(f"found {number - 1:,} vectors; line 1 says {expected:,}")
    return [*found], np.array([*found.values()], np.float32).reshape(len(found), dimensions)
