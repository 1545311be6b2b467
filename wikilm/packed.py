"""Word vectors in a small file, which comes with wikilm in `vectors/` or is a user's own."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.records.vectors import PackedHeader
from pipeline.run.archives import read_members, write_zip
from pipeline.run.arrays import array_in
from pipeline.run.doors import bounded_json
from pipeline.run.errors import AGAIN, UserError, lacks_memory, reading

SHIPPED = Path(__file__).parents[1] / "vectors"
NPZ = ".npz"
HEADER, WORDS_TXT, VECTORS = "header.json", "words.txt", "vectors.npy"
MOST_BYTES = 3_000_000  # git keeps every version of a file


class Packed(NamedTuple):
    """Words, most frequent first, their `quantised` vectors (words, dimensions), and a `header` that describes them."""

    header: PackedHeader
    words: list[str]
    vectors: np.ndarray


def write_packed(path: Path, packed: Packed) -> None:
    """Write vectors into a zip file; the same vectors give the same bytes.

    Raises `UserError` if the file is too large to come with wikilm.
    """
    rows = io.BytesIO()
    np.save(rows, packed.vectors)
    members = {
        HEADER: json.dumps(packed.header.model_dump(), indent=2, ensure_ascii=False).encode() + b"\n",
        WORDS_TXT: "".join(f"{word}\n" for word in packed.words).encode(),
        VECTORS: rows.getvalue(),
    }
    write_zip(path, members, MOST_BYTES, "; give fewer --words")


def read_packed(path: Path) -> Packed:
    """Return what `write_packed` wrote; raises `UserError` if the file is damaged. Nothing is unpickled."""
    with reading_packed(path):
        members = read_members(path, (HEADER, WORDS_TXT, VECTORS))
        header = PackedHeader.opened(bounded_json(members[HEADER].decode()), HEADER)
        words = members[WORDS_TXT].decode().removesuffix("\n").split("\n")
        with reading(Path(VECTORS)):
            vectors = array_in(members[VECTORS])
        if vectors.dtype != np.int8 or vectors.ndim != 2 or len(vectors) != len(words):
            raise ValueError(f"{len(words):,} words have vectors {vectors.dtype} {vectors.shape}")
    return Packed(header, words, vectors)


@contextmanager
def reading_packed(path: Path) -> Iterator[None]:
    """Turn any error inside the block, but of permission and memory, into a `UserError` that names `path`."""
    if not path.is_file():
        hint = "give the name of one that comes with wikilm, or a file of `wikilm pack`"
        raise UserError(f"{path}: no such file; {hint}")
    try:
        yield
    except Exception as error:  # reading a damaged file may raise any exception
        if isinstance(error, PermissionError) or lacks_memory(error):
            raise
        problem = str(error).partition("\n")[0].removesuffix(f"; {AGAIN}")
        told = problem if isinstance(error, UserError) else f"{type(error).__name__}: {problem}"
        raise UserError(f"{path}: cannot be read ({told}); get it again, or write it with `wikilm pack`") from None


def find_packed(given: str, suffix: str = NPZ) -> Path:
    """Return the file that is given: a path, or the name, without folder and ending, of one that comes with wikilm.

    Raises `UserError` if none is called so.
    """
    if is_path(given, suffix):
        return Path(given)
    if given not in (files := shipped(suffix)):
        called = "vectors come" if suffix == NPZ else "language model comes"
        raise UserError(f"{given}: no such {called} with wikilm; it has {', '.join(files) or 'none'}")
    return files[given]


def is_path(given: str, suffix: str = NPZ) -> bool:
    """Return whether a file is given, and not the name of vectors, or of a model, that comes with wikilm."""
    return given.endswith(suffix) or Path(given).name != given


def shipped(suffix: str = NPZ) -> dict[str, Path]:
    """Return the files with an ending, by default those of vectors, that come with wikilm, by name."""
    return {path.stem: path for path in sorted(SHIPPED.glob(f"*{suffix}"))}
