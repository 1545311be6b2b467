"""Stage, for each language model: its vectors of words, in the formats that other programs read."""

from pathlib import Path

import numpy as np
import torch

from pipeline.run.console import Metrics, UserError, say, stage
from pipeline.run.outputs import whole_directory
from pipeline.settings import load_params
from pipeline.store.vocabulary import read_vocabulary
from pipeline.vectors.exported import Embeddings, write_embeddings
from pipeline.vectors.scaling import Vectors, parts, word_vectors


@stage
def main(name: str, model: Path, vocabulary: Path, embeddings: Path) -> Metrics:
    """Write the vectors of the language model NAME, in MODEL, into the folder EMBEDDINGS."""
    params = load_params().embeddings
    words = [word for word, _ in read_vocabulary(vocabulary)]
    matrices = word_matrices(name, model, len(words))
    # START, END and UNKNOWN are no words, so their vectors are of no use outside the model.
    words, matrices = words[2:-1], {matrix: vectors[2:-1] for matrix, vectors in matrices.items()}
    chosen, matrices = choose(name, matrices, params.vectors)
    beside = parts(matrices, chosen)
    vectors = word_vectors(beside, params.scale)
    with whole_directory(embeddings) as directory:
        write_embeddings(directory, name, Embeddings(words, vectors, matrices, chosen, params.scale))
    values = " + ".join(f"{part.shape[1]:,}" for part in beside)
    say(f"{name}: {len(words):,} vectors of {values} values in {embeddings}: {chosen}, {params.scale}")
    return {"vocabulary_size": len(words), "dimensions": vectors.shape[1]}


def word_matrices(name: str, model: Path, words: int) -> dict[str, np.ndarray]:
    """The model's `input` and, where its output layer has a row for each of the `words`, `output` vectors."""
    weights = read_weights(name, model / "weights.pt")
    keys = {"input": "embedding.weight", "output": "output.weight"}
    matrices = {matrix: weights[key].float().numpy() for matrix, key in keys.items() if key in weights}
    for matrix, vectors in matrices.items():
        if len(vectors) != words:
            raise UserError(
                f"{model}: has {len(vectors):,} {matrix} vectors for {words:,} words; `dvc repro train@{name}`"
            )
        if bad := int((~np.isfinite(vectors[2:-1])).any(axis=1).sum()):
            raise UserError(f"{model}: {bad:,} {matrix} vectors hold values that are no finite numbers; train it anew")
    return matrices


def read_weights(name: str, path: Path) -> dict[str, torch.Tensor]:
    """The model's tensors; raises `UserError` where the file holds none."""
    try:
        weights = torch.load(path, weights_only=True)
    except OSError:
        raise
    except Exception as error:  # of junk torch raises EOFError, struct.error, RuntimeError, KeyError and others
        raise UserError(f"{path}: cannot be read ({type(error).__name__}); `dvc repro --force train@{name}`") from None
    if not isinstance(weights, dict) or "embedding.weight" not in weights:
        raise UserError(f"{path}: holds no word vectors; `dvc repro --force train@{name}`")
    return weights


def choose(name: str, matrices: dict[str, np.ndarray], vectors: Vectors) -> tuple[Vectors, dict[str, np.ndarray]]:
    """Which vectors are exported, and the matrices there are; raises `UserError` where the model lacks them.

    Of a model with tied weights both matrices are one: there are input vectors alone.
    """
    if vectors != "input" and "output" not in matrices:
        raise UserError(
            f"params.yaml: embeddings.vectors is {vectors!r}: {name} has no output vectors, as its loss is adaptive; "
            "give input"
        )
    if "output" in matrices and np.array_equal(matrices["input"], matrices["output"]):
        return "input", {"input": matrices["input"]}
    return vectors, matrices


if __name__ == "__main__":
    main()
