"""Word vectors as files in word2vec's text or binary format, which gensim and most tools read."""

import zlib
from itertools import islice
from pathlib import Path

import numpy as np
from gensim import utils
from gensim.models import KeyedVectors

from pipeline.run.errors import UserError


def save_vectors(path: Path, words: list[str], vectors: np.ndarray) -> None:
    """Write `words`, most frequent first, and their `vectors` (words, dimensions); in binary if `path` ends in .bin."""
    keyed_vectors(words, vectors).save_word2vec_format(str(path), sort_attr=None, binary=_binary(path))


def keyed_vectors(words: list[str], vectors: np.ndarray) -> KeyedVectors:
    """Return `words`, most frequent first, and their `vectors` (words, dimensions) as gensim's KeyedVectors."""
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
            keyed = KeyedVectors.load_word2vec_format(str(path), binary=True)
            words, vectors = keyed.index_to_key, keyed.vectors
        else:
            words, vectors = _read_text(path)
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


def _read_text(path: Path) -> tuple[list[str], np.ndarray]:
    """Read the text format. gensim accepts a line with one value as a whole vector, and names no malformed line."""
    words, rows, malformed = [], [], []
    with utils.open(str(path), "rb") as file:
        header = file.readline().split()
        if len(header) != 2 or not all(number.isdigit() for number in header):
            raise ValueError(f"line 1: found {len(header):,} value(s); expected two whole numbers, of words and values")
        expected, dimensions = map(int, header)
        for number, line in enumerate(islice(file, expected), start=2):
            word, *values = line.rstrip().decode("utf-8").split(" ")
            if len(values) != dimensions:
                malformed.append(f"line {number:,}: found {len(values):,} value(s); expected {dimensions:,}")
                continue
            try:
                rows.append(np.array(values, np.float32))
            except ValueError as error:
                malformed.append(f"line {number:,}: {error}")
            words.append(word)
        more = file.readline().strip()
    if malformed:
        raise ValueError(f"{len(malformed):,} of {expected:,} vectors are malformed; {malformed[0]}")
    if len(rows) < expected or more:
        raise ValueError(f"found {'more than ' if more else ''}{len(rows):,} vectors; line 1 says {expected:,}")
    return words, np.array(rows, np.float32).reshape(-1, dimensions)
