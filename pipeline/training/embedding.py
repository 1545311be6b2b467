"""Recurrent models that are trained for their word vectors."""

import pytorch_lightning as L
import torch

from models.embedding_model import EmbeddingModel
from pipeline.batches.running_text import RunningTextData
from pipeline.run.console import Metrics
from pipeline.settings.vector_sections import EmbeddingEntry
from pipeline.training.checkpoints import checkpoint_path
from pipeline.training.devices import make_if_it_fits
from pipeline.training.fit import EveryEpoch, fit
from pipeline.training.job import Job
from pipeline.training.learnt import Learnt
from pipeline.training.matrices import Matrices, epoch_figures, learnt_matrices
from pipeline.training.start import start_from_counts


def train_embedding(job: Job) -> Learnt:
    """Train on the running text of the database's training rows, for all epochs."""
    L.seed_everything(job.seed, verbose=False)
    settings: EmbeddingEntry = job.settings
    data = RunningTextData(job.name, job.database, settings.data, seed=job.seed, workers=job.runtime.loader_workers)
    vocabulary = data.sequences.vocabulary
    model = make_if_it_fits(lambda: make_model(settings, data), job.key)
    checkpoint = checkpoint_path(job)
    spent = 0.0 if checkpoint.exists() else start_from_counts(job, model, data.sequences, settings.data)

    def after_epoch(epoch: int) -> Metrics:
        return epoch_figures(job.name, epoch, data.words, vocabulary, matrices(model))

    watch = EveryEpoch(job, spent, after_epoch)
    figures = fit(job, model, data, watch, checkpoint) | {"words_read": settings.epochs * data.words}
    return learnt_matrices(job, matrices(model), figures, watch.epochs)


def make_model(settings: EmbeddingEntry, data: RunningTextData) -> EmbeddingModel:
    """Return a model with these settings and random vectors."""
    arguments = settings.model_dump(exclude={"kind", "start", "gradient_clip", "epochs", "data"})
    return EmbeddingModel(len(data.expected), **arguments, counts=torch.from_numpy(data.expected))


def matrices(model: EmbeddingModel) -> Matrices:
    """Return the model's input and output vectors."""
    weights = model.state_dict()
    return Matrices(weights["embedding.weight"].cpu().numpy(), weights["output.weight"].cpu().numpy())
