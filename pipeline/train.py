"""Stage, for each entry of `models`: train it on rows drawn from sequences.db."""

from collections.abc import Callable
from pathlib import Path

from pipeline.checks import checked_params
from pipeline.run.console import Metrics, stage
from pipeline.run.errors import UserError
from pipeline.run.outputs import whole_directory
from pipeline.scores.figures import in_short
from pipeline.training.checkpoints import remove_checkpoints
from pipeline.training.job import Job
from pipeline.training.learnt import Learnt, write_learnt
from pipeline.training.matrices import count_words

IN_ONE_PROCESS = {"word2vec", "fasttext", "svd"}


def train_model(name: str, database: Path, model: Path) -> Metrics:
    """Train the entry NAME of params.yaml on DATABASE; weights, settings and curves go into MODEL."""
    params = checked_params("train")
    settings, train, runtime = params.entry(name), params.train, params.runtime
    if settings.kind in IN_ONE_PROCESS and runtime.nodes > 1:
        raise UserError(
            f"params.yaml: runtime.nodes is {runtime.nodes}, but one process trains models.{name}; set it to 1"
        )
    job = Job(name, settings, train.seed, database, model, runtime, "train", f"models.{name}", train.seeds)
    more = {} if settings.kind == "language_model" else {"train_tokens": count_words(database)}
    learnt = learner(settings.kind)(job)
    with whole_directory(model) as directory:
        write_learnt(directory, learnt)
    return in_short(learnt.figures) | more


def learner(kind: str) -> Callable[[Job], Learnt]:
    """Return the function that trains a kind of model. Imports no other kind's module: Lightning takes four seconds."""
    if kind == "language_model":
        from pipeline.training.train_language_model import train_language_model

        return train_language_model
    if kind == "embedding":
        from pipeline.training.embedding import train_embedding

        return train_embedding
    if kind == "svd":
        from pipeline.training.svd import train_svd

        return train_svd
    if kind in ("word2vec", "fasttext"):
        from pipeline.training.word2vec import train_word2vec

        return train_word2vec
    raise KeyError(kind)


main = stage(train_model, after=lambda name, database, model: remove_checkpoints(model))


if __name__ == "__main__":
    main()
