"""Models that are trained for their word vectors, which are evaluated after each epoch."""

from typing import Any

import numpy as np

from pipeline.run.console import Metrics, say
from pipeline.run.errors import UserError
from pipeline.store.sequences import Sequences
from pipeline.store.vocabulary import WORDS, Vocabulary
from pipeline.trained.learnt import Learnt, record_of
from pipeline.training.job import Job
from pipeline.training.vectors import Evaluation, WordVectors


def learn_vectors(job: Job[Any]) -> Learnt:
    """Train the word vectors of a job; raises `UserError` if the training rows hold no word but UNKNOWN."""
    sequences = Sequences(job.database)
    words = int(sequences.word_counts("train")[WORDS].sum())
    if not words:
        raise UserError(
            f"{sequences.path}: its training rows hold no word but UNKNOWN; use more text or a larger vocabulary"
        )
    inputs, outputs, figures, epochs = fit_vectors(job, sequences.vocabulary)
    size = {"vocabulary_size": len(inputs), "parameters": inputs.size + outputs.size, "train_tokens": words}
    weights = {"embedding.weight": inputs, "output.weight": outputs}
    return Learnt(record_of(job.settings, job.seed, sequences.vocabulary), weights, figures | size, epochs)


def fit_vectors(job: Job[Any], vocabulary: Vocabulary) -> WordVectors:
    """Return the vectors of a job. Imports no other kind's module: Lightning takes four seconds."""
    if job.settings.kind == "svd":
        from pipeline.training.svd import Counting, count_vectors

        counting = Counting(**job.settings.model_dump(exclude={"kind"}))
        return WordVectors(*count_vectors(job, counting, Sequences(job.database)), [])
    evaluate = answering_analogies(vocabulary)
    if job.settings.kind == "embedding":
        from pipeline.training.embedding import train_embedding

        return train_embedding(job, evaluate)
    from pipeline.training.word2vec import train_word2vec

    return train_word2vec(job, evaluate)


def answering_analogies(vocabulary: Vocabulary) -> Evaluation:
    """Return a function that evaluates the vectors of a vocabulary on Google's analogies."""
    from pipeline.vectors.accuracy import google_accuracy
    from pipeline.vectors.scaling import word_vectors

    def answer_analogies(label: str, *matrices: np.ndarray) -> Metrics:
        """Return the share of analogies that both vectors of each word, joined, answer."""
        joined = word_vectors([matrix[WORDS] for matrix in matrices], "centred")
        google = google_accuracy(vocabulary.words, joined)
        if google["asked"]:
            say(f"{label}: {google['total']:.1%} of {google['asked']:,} analogies right")
        return {"cosine_total": google["total"]}

    return answer_analogies
