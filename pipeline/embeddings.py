"""Stage, for each entry of `models`: its word vectors, in the formats that other programs read."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from pipeline.records.models import ModelRecord
from pipeline.run.arrays import read_tensors
from pipeline.run.command import stage
from pipeline.run.console import Metrics, say
from pipeline.run.errors import UserError
from pipeline.run.outputs import whole_directory
from pipeline.settings.params import load_params
from pipeline.store.vocabularies import read_vocabulary
from pipeline.store.vocabulary import WORDS
from pipeline.trained.files import GUESSES, RECORD, RECORDED_NETWORK, WEIGHTS
from pipeline.trained.recorded_network import recorded_network
from pipeline.vectors.exported import ExportedVectors, write_embeddings
from pipeline.vectors.scaling import parts, word_vectors


@stage
def main(name: str, model: Path, vocabulary: Path, embeddings: Path) -> Metrics:
    """Write the vectors of the model NAME, in MODEL, into the folder EMBEDDINGS, and the network for the page."""
    params = load_params().embeddings
    known, weights = read_vocabulary(vocabulary), read_tensors(model / WEIGHTS)
    words, matrices = known.exported, word_matrices(name, model, weights, len(known))
    chosen = params.vectors if "output" in matrices else "input"
    joined = parts(matrices, chosen)
    vectors = word_vectors(joined, params.scale)
    with whole_directory(embeddings) as directory:
        write_embeddings(directory, ExportedVectors(words, vectors, matrices, chosen, params.scale))
        is_asked = known.of_tokens and (model / GUESSES).is_file()  # a language model, whose next words the page shows
        if is_asked and (network := recorded_network(ModelRecord.read(model / RECORD), weights)):
            network.write(directory / RECORDED_NETWORK)
    values = " + ".join(f"{part.shape[1]:,}" for part in joined)
    say(f"{name}: {len(words):,} vectors of {values} values in {embeddings}: {chosen}, {params.scale}")
    return {"vocabulary_size": len(words), "dimensions": vectors.shape[1]}


def word_matrices(name: str, model: Path, weights: Mapping[str, np.ndarray], size: int) -> dict[str, np.ndarray]:
    """Return the words' `input` vectors and, if the output layer has a row for each id, their `output` vectors.

    The vectors of START, END and UNKNOWN are of no use outside the model. Tied weights share one matrix, so only input
    vectors exist. Raises `UserError` if the model's number of ids is not the vocabulary's `size`.
    """
    keys = {"input": "embedding.weight", "output": "output.weight"}
    matrices = {matrix: weights[key] for matrix, key in keys.items() if key in weights}
    for matrix, vectors in matrices.items():
        if len(vectors) != size:
            raise UserError(
                f"{model}: has {len(vectors):,} {matrix} vectors for {size:,} ids; run `dvc repro train@{name}`"
            )
        matrices[matrix] = vectors[WORDS]
    return matrices


if __name__ == "__main__":
    main()
