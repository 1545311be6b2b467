"""The vocabulary: which id is which word, and the remap of a shard's words to ids."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.run.console import UserError

START, END = 0, 1  # UNKNOWN is the last id of a vocabulary
# Words are lower-cased, so these collide with none.
START_WORD, END_WORD, UNKNOWN_WORD = "START", "END", "UNKNOWN"
HEADER = "id\tword\tcount"

WordCount = tuple[str, int]


def remap(words: pa.StringArray, vocabulary: list[str]) -> np.ndarray:
    """The id in `vocabulary` of each of a shard's `words`; UNKNOWN's for a word that it lacks.

    The result is the book's old-to-new mapping as an array: `new = remap[old]`. Its type is the
    narrowest that holds every id, uint16 or uint32.
    """
    unknown = len(vocabulary) - 1
    ids = pc.fill_null(pc.index_in(words, value_set=pa.array(vocabulary[2:-1], pa.string())), unknown - 2)
    new: np.ndarray = ids.to_numpy(zero_copy_only=False).astype(id_type(len(vocabulary)))
    return new + np.uint16(2)  # START and END come before the words


def id_type(vocabulary_size: int) -> np.dtype[np.unsignedinteger]:
    """Little-endian unsigned integers, 2 bytes wide while the vocabulary allows, else 4."""
    return np.dtype("<u2" if vocabulary_size <= 2**16 else "<u4")


def write_vocabulary(path: Path, vocabulary: list[WordCount]) -> None:
    """Write `vocabulary` in id order as tab-separated id, word, count."""
    lines = [HEADER, *(f"{id}\t{word}\t{count}" for id, (word, count) in enumerate(vocabulary))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_vocabulary(path: Path) -> list[WordCount]:
    """What `write_vocabulary` wrote; raises `UserError` where the file is something else."""
    # Not splitlines(): a word may hold a character that it takes for the end of a line.
    header, *lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    if header != HEADER:
        raise UserError(f"{path}: is no vocabulary: its first line is not {HEADER!r}")
    return [(word, int(count)) for _, word, count in (line.split("\t") for line in lines)]
