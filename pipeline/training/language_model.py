"""Fitting of language models for their perplexity, on rows at random or on the text as a stream."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytorch_lightning as L
import torch
from torch import Tensor

from models.language_model import RecurrentLanguageModel
from models.trainable import TrainableLanguageModel
from pipeline.batches.rows import SequenceData
from pipeline.run.console import Metrics
from pipeline.run.errors import UserError
from pipeline.settings.model_sections import LanguageModelEntry, RecurrentModel
from pipeline.training.fit import BestEpoch, fit, make_if_it_fits
from pipeline.training.job import Job
from pipeline.training.svd import start_from_counts

ARGUMENTS = {*RecurrentModel.model_fields, "ngram_order"} - {"start", "gradient_clip", "batches", "epochs", "patience"}
# Initial vectors are counted with more frequent words than are best for word vectors, and in so many words.
COUNTED, COUNTED_WORDS = 0.001, 5e6


class Fitted(NamedTuple):
    """A language model with its best weights, on the device that trained it, and the figures of its training.

    `epochs` has the figures of each epoch, `noted` what `after_epoch` returned after it. `target_counts` (V,) says how
    often the model met each word id as a target.
    """

    model: TrainableLanguageModel
    figures: Metrics
    epochs: list[Metrics]
    noted: list[Any]
    target_counts: np.ndarray


def fit_language_model(
    job: Job[RecurrentModel],
    data: SequenceData,
    after_epoch: Callable[[TrainableLanguageModel], Any] | None = None,
    losses: Callable[[Metrics], str] = str,
) -> Fitted:
    """Train a language model on `data` until its validation loss no longer falls.

    `after_epoch` is called with the model that is validated; without it nothing is printed about epochs, whose
    figures `losses` puts in words. Raises `UserError` if settings do not fit the vocabulary.
    """
    L.seed_everything(job.seed, verbose=False)
    target_counts = data.target_counts()
    try:
        size, counts = len(target_counts), torch.from_numpy(target_counts)
        model = make_if_it_fits(lambda: make_language_model(job.settings, size, counts), job.key)
    except ValueError as error:
        raise UserError(f"params.yaml: {job.key}: {error}") from None
    figures, checksum = start_from_elsewhere(job, model, data)
    checkpoint = job.checkpoint(checksum)
    spent = add_ngrams(job, model, data)
    if not checkpoint.exists():
        spent += start_from_counts(job, model, data.sequences, COUNTED, COUNTED_WORDS)
    watch = BestEpoch(job, spent, after_epoch, losses, data.sequences.vocabulary.many)
    figures |= fit(job, model, data, watch, checkpoint, job.settings.gradient_clip)
    return Fitted(model, figures, watch.epochs, watch.noted, target_counts)


def make_language_model(settings: RecurrentModel, vocabulary_size: int, counts: Tensor) -> TrainableLanguageModel:
    """Return a new language model by its settings; `counts` (V,) says how often each word id is a target.

    If its vectors start at random, so do the biases of its softmax.
    Raises `ValueError` if the settings do not fit the vocabulary.
    """
    known = None if settings.start.kind == "random" else counts
    return TrainableLanguageModel(vocabulary_size, **settings.model_dump(include=ARGUMENTS), counts=known)


def add_ngrams(job: Job[RecurrentModel], model: RecurrentLanguageModel, data: SequenceData) -> float:
    """Give n-grams to a model and its data if the job asks for them; return the CPU seconds that it took to count."""
    if not isinstance(job.settings, LanguageModelEntry) or not job.settings.ngram_order:
        return 0.0
    from pipeline.ngrams.companion import count_companion

    began = time.process_time()
    data.companion = count_companion(data.sequences, job.settings.ngram_order, job.settings.most_ngrams, job.key)
    model.ngrams = data.companion.table
    return time.process_time() - began


def start_from_elsewhere(
    job: Job[RecurrentModel], model: TrainableLanguageModel, data: SequenceData
) -> tuple[Metrics, str | None]:
    """Start from the vectors in a file or from a trained model, if the job asks for it.

    Returns the figures of the start and the checksum of the file.
    """
    if not isinstance(job.settings, LanguageModelEntry) or job.settings.start.kind not in ("file", "model"):
        return {}, None
    from pipeline.training.pretrained import NETWORK, start_from_file, start_from_model

    start, vocabulary = job.settings.start, data.sequences.vocabulary
    if start.kind == "file":
        return start_from_file(job.key, start, model.embedding, vocabulary)
    assert start.kind == "model"
    return {}, start_from_model(job.key, start, job.settings.model_dump(include=NETWORK), model, vocabulary)


def data_of(job: Job[RecurrentModel]) -> SequenceData:
    """Return the batches for the settings of a job."""
    return SequenceData(job.database, seed=job.seed, batches=job.settings.batches)
