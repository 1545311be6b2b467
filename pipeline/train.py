"""Stage, for each entry of `language_models`: train it on rows drawn from sequences.db."""

from pathlib import Path

import pytorch_lightning as L

from pipeline.run.console import Metrics, UserError, stage
from pipeline.run.outputs import scratch_directory, whole_directory, write_json
from pipeline.settings import load_params
from pipeline.store.sequences import Sequences
from pipeline.store.vocabulary import END
from pipeline.training.embedding import train_embedding
from pipeline.training.fit import write_curves
from pipeline.training.language_model import train_language_model
from pipeline.training.matrices import save_matrices, write_analogies
from pipeline.training.resume import remove_checkpoints
from pipeline.training.svd import train_svd
from pipeline.training.word2vec import train_word2vec


def train_model(name: str, database: Path, model: Path) -> Metrics:
    """Train the entry NAME of params.yaml on DATABASE; weights, settings and curves go into MODEL."""
    params = load_params()
    settings, seed = params.language_model(name), params.train.seed
    L.seed_everything(seed, verbose=False)
    if settings.kind in ("word2vec", "svd") and params.runtime.nodes > 1:
        raise UserError(
            f"params.yaml: runtime.nodes is {params.runtime.nodes}, but one process trains language_models.{name}; "
            "set it to 1"
        )
    if settings.kind == "recurrent":
        return train_language_model(
            name, database, model, settings=settings, train=params.train, runtime=params.runtime
        )
    sequences = Sequences(database)
    counts = sequences.word_counts("train")
    if not counts[END + 1 : -1].any():
        raise UserError(f"{database}: its training rows hold no word but UNKNOWN; use a larger dump or vocabulary")
    if settings.kind == "embedding":
        learnt = train_embedding(name, database, model, settings=settings, seed=seed, runtime=params.runtime)
    elif settings.kind == "word2vec":
        with scratch_directory(model) as scratch:
            learnt = train_word2vec(name, sequences, settings=settings, seed=seed, scratch=scratch)
    else:
        learnt = train_svd(name, sequences, settings=settings, seed=seed)
    with whole_directory(model) as directory:
        save_matrices(directory / "weights.pt", learnt.matrices)
        write_json(directory / "model.json", settings.model_dump())
        if learnt.epochs:
            write_curves(learnt.epochs, directory / "curves")
            write_analogies(learnt, directory / "curves/analogies.tsv")
    return learnt.figures | {
        "train_tokens": int(counts[:-1].sum()),
        "vocabulary_size": len(counts),
        "parameters": sum(matrix.size for matrix in learnt.matrices),
    }


main = stage(train_model, after=lambda name, database, model: remove_checkpoints(model))


if __name__ == "__main__":
    main()
