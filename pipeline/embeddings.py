"""Stage, for each language model: its input embeddings as word vectors in word2vec format."""

from pathlib import Path

import torch

from pipeline.corpus.words import read_vocabulary
from pipeline.run.console import Metrics, UserError, say, stage
from pipeline.run.files import whole_directory
from pipeline.run.params import load_params
from pipeline.vectors.analogy import unit_length
from pipeline.vectors.word2vec import save_vectors


@stage
def main(name: str, model: Path, vocabulary: Path, embeddings: Path) -> Metrics:
    """Write the input embeddings of the language model NAME, in MODEL, as EMBEDDINGS/vectors.txt."""
    params = load_params().embeddings
    words = [word for word, _ in read_vocabulary(vocabulary)]
    weights = torch.load(model / "weights.pt", weights_only=True)["embedding.weight"].numpy()
    if len(weights) != len(words):
        raise UserError(f"{model}: has {len(weights):,} embeddings for {len(words):,} words; `dvc repro train@{name}`")
    # START, END and UNKNOWN are no words, so their vectors are of no use outside the model.
    words, vectors = words[2:-1], weights[2:-1]
    if params.unit_length:
        vectors = unit_length(vectors)
    with whole_directory(embeddings) as directory:
        save_vectors(directory / "vectors.txt", words, vectors)
    say(f"{name}: {vectors.shape[0]:,} vectors of {vectors.shape[1]} values in {embeddings}/vectors.txt")
    return {"vocabulary_size": len(words), "dimensions": vectors.shape[1]}


if __name__ == "__main__":
    main()
