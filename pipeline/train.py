"""Stage, for each entry of `models`: train it on rows drawn from sequences.db."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.checks import check_training
from pipeline.run.console import Metrics, say, stage
from pipeline.run.errors import UserError
from pipeline.run.outputs import whole_directory
from pipeline.scores.figures import in_short
from pipeline.settings import load_params
from pipeline.store.sequences import Sequences
from pipeline.store.vocabulary import WORDS, Vocabulary
from pipeline.training.job import Job, remove_checkpoints
from pipeline.training.learnt import Learnt, write_learnt


def train_model(name: str, database: Path, model: Path) -> Metrics:
    """Train the entry NAME of params.yaml on DATABASE; weights, settings and curves go into MODEL."""
    params = load_params()
    check_training(params)
    settings, train = params.entry(name), params.train
    job = Job(name, settings, train.seed, database, model, params.runtime, "train", f"models.{name}", train.seeds)
    sequences = Sequences(database)
    more = {} if settings.kind == "language_model" else {"train_tokens": count_words(sequences)}
    learnt = learner(settings.kind, sequences.vocabulary)(job)
    with whole_directory(model) as directory:
        write_learnt(directory, learnt)
    return in_short(learnt.figures) | more


def count_words(sequences: Sequences) -> int:
    """Return the number of words, without UNKNOWN, in the training rows; raises `UserError` if there is none."""
    words = int(sequences.word_counts("train")[WORDS].sum())
    if not words:
        raise UserError(
            f"{sequences.path}: its training rows hold no word but UNKNOWN; use more text or a larger vocabulary"
        )
    return words


def learner(kind: str, vocabulary: Vocabulary) -> Callable[[Job[Any]], Learnt]:
    """Return the function that trains a kind of model. Imports no other kind's module: Lightning takes four seconds."""
    if kind == "language_model":
        from pipeline.training.train_language_model import train_language_model

        return train_language_model
    if kind == "svd":
        from pipeline.training.svd import train_svd

        return train_svd
    from pipeline.vectors.accuracy import google_accuracy
    from pipeline.vectors.scaling import word_vectors

    def answer_analogies(label: str, *matrices: np.ndarray) -> Metrics:
        """Return the share of analogies that both vectors of each word, joined, answer."""
        joined = word_vectors([matrix[WORDS] for matrix in matrices], "centred")
        google = google_accuracy(vocabulary.words, joined)
        if google["asked"]:
            say(f"{label}: {google['total']:.1%} of {google['asked']:,} analogies right")
        return {"cosine_total": google["total"]}

    if kind == "embedding":
        from pipeline.training.embedding import train_embedding

        return partial(train_embedding, evaluate=answer_analogies)
    from pipeline.training.word2vec import train_word2vec

    return partial(train_word2vec, evaluate=answer_analogies)


main = stage(train_model, after=lambda name, database, model: remove_checkpoints(model))


if __name__ == "__main__":
    main()
