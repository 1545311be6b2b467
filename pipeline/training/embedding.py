"""Recurrent models that are trained for their word vectors."""

from collections.abc import Callable

import numpy as np
import pytorch_lightning as L
import torch

from models.embedding_model import EmbeddingModel
from pipeline.batches.running_text import RunningTextData
from pipeline.run.console import Metrics
from pipeline.settings.vector_sections import EmbeddingEntry
from pipeline.training.fit import Watch, fit, make_if_it_fits, numbers_of
from pipeline.training.job import Job
from pipeline.training.svd import start_from_counts
from pipeline.training.vectors import Evaluation, WordVectors

STEPS_READ = 35  # words of each row in a batch
NEGATIVES = 256  # sampled words in the sampled softmax
LARGEST_GRADIENT = 1.0  # norm


def train_embedding(job: Job[EmbeddingEntry], evaluate: Evaluation) -> WordVectors:
    """Train on the running text of the database's training rows, for all epochs; `evaluate` the vectors of each."""
    L.seed_everything(job.seed, verbose=False)
    settings = job.settings
    data = RunningTextData(
        job.key, job.database, rows=settings.rows, subsample=settings.subsample, seed=job.seed, steps=STEPS_READ
    )
    model = make_if_it_fits(lambda: make_model(settings, data), job.key)
    checkpoint = job.checkpoint()
    spent = 0.0 if checkpoint.exists() else start_from_counts(job, model, data.sequences, settings.subsample)

    def after_epoch(epoch: int) -> Metrics:
        return evaluate(f"{job.name}: epoch {epoch}", *recurrent_vectors(model)) | {"words_read": epoch * data.words}

    watch = EveryEpoch(job, spent, after_epoch)
    figures = fit(job, model, data, watch, checkpoint, LARGEST_GRADIENT) | {"words_read": settings.epochs * data.words}
    return WordVectors(*recurrent_vectors(model), figures, watch.epochs)


class EveryEpoch(Watch):
    """Trains for all epochs without validation; keeps the training loss of each, and the result of `after_epoch`.

    `after_epoch` is called with the number of finished epochs.
    """

    def __init__(
        self, job: Job[EmbeddingEntry], start_cpu_seconds: float, after_epoch: Callable[[int], Metrics]
    ) -> None:
        super().__init__(job, start_cpu_seconds)
        self.after_epoch = after_epoch

    def on_train_epoch_end(self, trainer: L.Trainer, module: L.LightningModule) -> None:
        self.add_epoch(numbers_of(trainer, "train_") | self.after_epoch(len(self.epochs) + 1))


def make_model(settings: EmbeddingEntry, data: RunningTextData) -> EmbeddingModel:
    """Return a model with these settings and random vectors."""
    arguments = settings.model_dump(exclude={"kind", "start", "epochs", "subsample", "rows"})
    counts = torch.from_numpy(data.expected)
    return EmbeddingModel(len(counts), **arguments, negatives=NEGATIVES, counts=counts)


def recurrent_vectors(model: EmbeddingModel) -> tuple[np.ndarray, np.ndarray]:
    """Return the model's input and output vectors, each (V, embedding size)."""
    weights = model.state_dict()
    return weights["embedding.weight"].cpu().numpy(), weights["output.weight"].cpu().numpy()
