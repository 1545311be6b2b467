"""Language models, trained for their perplexity on single sentences or on articles as streams."""

import math

import numpy as np
import torch

from models.language_model import IGNORED, LanguageModel
from pipeline.batches.rows import SequenceData
from pipeline.run.console import Metrics, UserError, say
from pipeline.store.vocabulary import WORDS
from pipeline.training.fit import BestEpoch, fit
from pipeline.training.job import Job
from pipeline.training.learnt import Learnt, make_language_model, record_of
from pipeline.training.pretrained import PretrainedVectors
from pipeline.training.resume import checkpoint_path


def train_language_model(job: Job) -> Learnt:
    """Train the language model of a job until its validation loss no longer falls."""
    given = job.settings.pretrained
    pretrained = PretrainedVectors(job.key, given, job.settings.embedding_size) if given else None
    data = data_of(job)
    learnt, _ = learn(job, data, pretrained)
    counts = data.target_counts()
    figures = learnt.figures | {
        "train_tokens": int(counts[WORDS.start :].sum()),
        "vocabulary_size": len(counts),
        "unigram_perplexity": unigram_perplexity(data, counts, "test"),
        "unigram_valid_perplexity": unigram_perplexity(data, counts, "valid"),
    }
    say(
        f"{job.name}: perplexity {figures['valid_perplexity']:.1f} valid (unigram "
        f"{figures['unigram_valid_perplexity']:.1f}), {figures['test_perplexity']:.1f} test (unigram "
        f"{figures['unigram_perplexity']:.1f}); test accuracy {figures['test_accuracy']:.1%}"
    )
    return learnt._replace(figures=figures, target_counts=counts)


def learn(
    job: Job, data: SequenceData, pretrained: PretrainedVectors | None = None, *, quiet: bool = False
) -> tuple[Learnt, LanguageModel]:
    """Train a language model on `data`: what it learnt, and the model with its best weights.

    If `quiet`, it says nothing of its epochs. Raises `UserError` where settings do not fit the vocabulary.
    """
    counts = torch.from_numpy(data.target_counts())
    try:
        model = make_language_model(job.settings, len(counts), counts)
    except ValueError as error:
        raise UserError(f"params.yaml: {job.key}: {error}") from None
    figures: Metrics = pretrained.start(model.embedding, data.sequences.vocabulary) if pretrained else {}
    checkpoint = checkpoint_path(job, pretrained and pretrained.checksum)
    watch = BestEpoch(job.name, job.settings.patience, quiet)
    figures |= fit(job, model, data, watch, checkpoint)
    figures["parameters"] = sum(weights.numel() for weights in model.parameters())  # a tied matrix counts once
    record = record_of(job.settings, job.seed, len(counts))
    return Learnt(record, model.cpu().state_dict(), figures, watch.epochs), model


def data_of(job: Job) -> SequenceData:
    """The batches that the settings of a job ask for."""
    workers = job.runtime.loader_workers
    return SequenceData(job.database, seed=job.seed, batches=job.settings.batches, workers=workers)


def unigram_perplexity(data: SequenceData, target_counts: np.ndarray, split: str) -> float:
    """The perplexity of the training targets' frequencies on the very targets that models are tested on.

    `target_counts` counts each word id; every id counts once more, so that none is impossible.
    """
    counts = target_counts + 1
    surprise = -np.log(counts / counts.sum())
    total = words = 0.0
    for batch in data.loader(split):
        targets = batch.targets[batch.targets != IGNORED].numpy()
        total += surprise[targets].sum()
        words += len(targets)
    return math.exp(total / words)
