"""A model's vectors as a folder of files, for the next stages and for other programs."""

from pathlib import Path
from typing import NamedTuple, get_args

import numpy as np

from pipeline.run.console import UserError
from pipeline.run.outputs import read_json, write_json
from pipeline.vectors.scaling import SCALES, Scale, Vectors

MATRICES = ("input", "output")


class Embeddings(NamedTuple):
    """The vectors (words, dimensions) that stand for a model's words, most frequent first, and what they were made of.

    `matrices` are the model's raw `input` and, where it has them, `output` vectors; `vectors` are the `chosen`
    ones (input, output or both side by side) on the `scale` (raw, unit or centred).
    """

    words: list[str]
    vectors: np.ndarray
    matrices: dict[str, np.ndarray]
    chosen: Vectors
    scale: Scale


def write_embeddings(directory: Path, name: str, embeddings: Embeddings) -> None:
    """Write the vectors of the model `name` into `directory`, in every format.

    `vectors.txt` and `vectors.bin` are word2vec's; `vectors.npy` has a row for each line of `vocabulary.txt`;
    `projector_config.pbtxt`, `tensors.tsv` and `vocabulary.txt` are what TensorBoard's projector reads. The
    model's raw matrices are `input.npy` and `output.npy`, rows as above, and `vectors.json` says how the vectors
    were made of them.
    """
    # Not above: those who read the files need no gensim, which takes as long to load as all else together.
    from pipeline.vectors.word2vec_format import save_vectors

    words, vectors, matrices, *_ = embeddings
    save_vectors(directory / "vectors.txt", words, vectors)
    save_vectors(directory / "vectors.bin", words, vectors)
    np.save(directory / "vectors.npy", vectors)
    (directory / "vocabulary.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    # Not the .bytes that it also reads: it would take them for text, where they happen to be valid UTF-8.
    np.savetxt(directory / "tensors.tsv", vectors, fmt="%.7g", delimiter="\t")
    (directory / "projector_config.pbtxt").write_text(
        "embeddings {\n"
        f'  tensor_name: "{name}"\n'
        '  tensor_path: "tensors.tsv"\n'
        '  metadata_path: "vocabulary.txt"\n'
        "}\n",
        encoding="utf-8",
    )
    for matrix, values in matrices.items():
        np.save(directory / f"{matrix}.npy", values)
    write_json(directory / "vectors.json", {"chosen": embeddings.chosen, "scale": embeddings.scale})


def read_embeddings(directory: Path) -> Embeddings:
    """What `write_embeddings` wrote; raises `UserError` where the files do not go together.

    The matrices are mapped, not read: what is not used costs nothing.
    """
    # Not splitlines(): a word may hold a character that it takes for the end of a line.
    words = (directory / "vocabulary.txt").read_text(encoding="utf-8").removesuffix("\n").split("\n")
    chosen, scale = _made_of(directory / "vectors.json")
    needed = MATRICES if chosen == "both" else (chosen,)
    paths = {matrix: directory / f"{matrix}.npy" for matrix in MATRICES}
    return Embeddings(
        words,
        _rows(directory / "vectors.npy", len(words)),
        {matrix: _rows(path, len(words)) for matrix, path in paths.items() if path.is_file() or matrix in needed},
        chosen,
        scale,
    )


def _made_of(path: Path) -> tuple[Vectors, Scale]:
    """Which vectors were chosen, and on which scale."""
    try:
        made = read_json(path)
        chosen, scale = made["chosen"], made["scale"]
    except (TypeError, KeyError):
        chosen = scale = None
    if chosen not in get_args(Vectors) or scale not in SCALES:
        raise UserError(f"{path}: does not say what the vectors are; run the stage embeddings anew")
    return chosen, scale


def _rows(path: Path, words: int) -> np.ndarray:
    try:
        vectors: np.ndarray = np.load(path, mmap_mode="r")
    except (ValueError, EOFError) as error:
        raise UserError(f"{path}: cannot be read as a .npy file: {error}") from None
    if vectors.ndim != 2 or len(vectors) != words:
        raise UserError(f"{path}: has the shape {vectors.shape}; vocabulary.txt beside it has {words:,} words")
    return vectors
