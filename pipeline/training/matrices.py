"""The matrices of models that are trained for their vectors: input vectors and output vectors."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from pipeline.run.console import Metrics, say
from pipeline.run.errors import UserError
from pipeline.store.sequences import Sequences
from pipeline.store.vocabulary import WORDS, Vocabulary
from pipeline.training.job import Job
from pipeline.training.learnt import Learnt, record_of
from pipeline.vectors.accuracy import google_accuracy
from pipeline.vectors.scaling import word_vectors


class Matrices(NamedTuple):
    """Vectors by word id, each float32 (V, dimensions): `inputs` for read words, `outputs` for predicted ones."""

    inputs: np.ndarray
    outputs: np.ndarray


def learnt_matrices(job: Job, matrices: Matrices, figures: Metrics, epochs: list[Metrics]) -> Learnt:
    """Return the matrices as a model, under the names of a language model's weights."""
    weights = {"embedding.weight": torch.tensor(matrices.inputs), "output.weight": torch.tensor(matrices.outputs)}
    more = {"vocabulary_size": len(matrices.inputs), "parameters": sum(matrix.size for matrix in matrices)}
    record = record_of(job.settings, job.seed, Sequences(job.database).vocabulary)
    return Learnt(record, weights, figures | more, epochs)


def count_words(database: Path) -> int:
    """Return the number of words, without UNKNOWN, in the training rows; raises `UserError` if there is none."""
    words = int(Sequences(database).word_counts("train")[WORDS].sum())
    if not words:
        raise UserError(f"{database}: its training rows hold no word but UNKNOWN; use more text or a larger vocabulary")
    return words


def epoch_figures(name: str, epoch: int, words: int, vocabulary: Vocabulary, matrices: Matrices) -> Metrics:
    """Return the figures after an epoch, and print the share of analogies that both vectors, joined, answer."""
    joined = word_vectors([matrix[WORDS] for matrix in matrices], "centred")
    google = google_accuracy(vocabulary.words, joined)
    say(f"{name}: epoch {epoch}: {google['total']:.1%} of {google['asked']:,} analogies right")
    return {"cosine_total": google["total"], "words_read": epoch * words}
