"""A model's vectors as a folder of files, for the next stages and for other programs."""

from pathlib import Path
from typing import NamedTuple, get_args

import numpy as np

from pipeline.run.arrays import check_finite, read_array
from pipeline.run.doors import MOST_WORD_LIST, bounded_text
from pipeline.run.errors import AGAIN, UserError, reading
from pipeline.run.outputs import read_json, write_json
from pipeline.settings.result_sections import Vectors, VectorScale
from pipeline.vectors.scaling import part_names
from pipeline.vectors.word2vec_format import save_vectors


class ExportedVectors(NamedTuple):
    """A model's words, most frequent first, and their vectors (words, dimensions).

    `matrices` holds the raw `input` vectors and, if the model has them, the `output` vectors. `vectors` are the
    `chosen` ones on the `scale`.
    """

    words: list[str]
    vectors: np.ndarray
    matrices: dict[str, np.ndarray]
    chosen: Vectors
    scale: VectorScale


def write_embeddings(directory: Path, embeddings: ExportedVectors) -> None:
    """Write a model's vectors into `directory`, in every format.

    `vectors.txt` and `vectors.bin` are in word2vec's format; `vectors.npy` and the raw `input.npy` and `output.npy`
    have a row for each line of `vocabulary.txt`; `vectors.json` names the chosen matrices and the scale.
    """
    words, vectors, matrices, *_ = embeddings
    save_vectors(directory / "vectors.txt", words, vectors)
    save_vectors(directory / "vectors.bin", words, vectors)
    for array, values in {"vectors": vectors, **matrices}.items():
        np.save(directory / f"{array}.npy", values)
    (directory / "vocabulary.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    write_json(directory / "vectors.json", {"chosen": embeddings.chosen, "scale": embeddings.scale})


def read_embeddings(directory: Path) -> ExportedVectors:
    """Return the vectors that `write_embeddings` wrote. Arrays are mapped, and read once to find damage."""
    # Not splitlines(), which also splits at characters that a word may contain.
    words = bounded_text(directory / "vocabulary.txt", MOST_WORD_LIST).removesuffix("\n").split("\n")
    found = {path.stem: read_array(path) for path in sorted(directory.glob("*.npy"))}
    for name, array in found.items():
        with reading(directory / f"{name}.npy"):
            check_finite({name: array})
            if array.ndim != 2 or len(array) != len(words):
                raise ValueError(f"{len(words):,} words have an array {array.shape}")
    with reading(directory / "vectors.json"):
        exported = ExportedVectors(words, found.pop("vectors"), found, **read_json(directory / "vectors.json"))
        for value, known in ((exported.chosen, Vectors), (exported.scale, VectorScale)):
            if value not in get_args(known):
                raise ValueError(f"{value!r:.40} is none of {get_args(known)}")
    if lacking := [name for name in part_names(exported.chosen) if name not in found]:
        raise UserError(f"{directory / lacking[0]}.npy: not found; {AGAIN}")
    return exported
