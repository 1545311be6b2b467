"""Recurrent models that are trained for their word vectors."""

from pathlib import Path

import torch

from models.embedding_model import EmbeddingModel
from pipeline.batches.running_text import RunningTextData
from pipeline.run.console import Metrics, say
from pipeline.run.runtime import Runtime
from pipeline.training.fit import fit_whole
from pipeline.training.matrices import Learnt, Matrices, analogies_right
from pipeline.training.resume import checkpoint_path, remove_checkpoints
from pipeline.training.svd import train_svd
from pipeline.training.vector_settings import Embedding, Svd, Text


def train_embedding(
    name: str, database: Path, model: Path, *, settings: Embedding, seed: int, runtime: Runtime
) -> Learnt:
    """Train on the running text of DATABASE's training rows; a killed run leaves its checkpoint beside MODEL."""
    data = RunningTextData(name, database, settings.data, seed=seed, workers=runtime.loader_workers)
    words = data.sequences.words()
    embedding_model = make_model(settings, data)
    model.parent.mkdir(parents=True, exist_ok=True)
    checkpoint = checkpoint_path(model, database, seed, settings, runtime.accelerator, runtime.devices, runtime.nodes)
    remove_checkpoints(model, keep=checkpoint)
    spent = 0.0 if checkpoint.exists() else start_from_counts(name, embedding_model, settings, data)

    def after_epoch(epoch: int) -> Metrics:
        right = analogies_right(words, matrices(embedding_model))
        say(f"{name}: epoch {epoch}: {right:.1%} of the analogies right")
        return {"cosine_total": right}

    figures, epochs = fit_whole(
        embedding_model,
        data,
        name=name,
        epochs=settings.epochs,
        seed=seed,
        gradient_clip=settings.gradient_clip,
        runtime=runtime,
        checkpoint=checkpoint,
        start_cpu_seconds=spent,
        after_epoch=after_epoch,
    )
    return Learnt(matrices(embedding_model), figures | {"words_read": settings.epochs * data.words}, epochs)


def make_model(settings: Embedding, data: RunningTextData) -> EmbeddingModel:
    """The model of these settings, with random vectors."""
    arguments = settings.model_dump(exclude={"kind", "start", "gradient_clip", "epochs", "data"})
    return EmbeddingModel(len(data.expected), **arguments, counts=torch.from_numpy(data.expected))


def start_from_counts(name: str, model: EmbeddingModel, settings: Embedding, data: RunningTextData) -> float:
    """Give the model the vectors to start from, if any; returns the CPU seconds that it took to find them."""
    if settings.start.kind == "random":
        return 0.0
    counted = Svd(
        kind="svd",
        embedding_size=max(settings.embedding_size, settings.directions * settings.hidden_size),
        window=settings.start.window,
        data=Text(unknown=settings.data.unknown, subsample=settings.data.subsample),
    )
    found, figures, _ = train_svd(name, data.sequences, settings=counted, seed=data.seed)
    model.start_from(*map(torch.from_numpy, found))
    return figures["cpu_seconds"]


def matrices(model: EmbeddingModel) -> Matrices:
    """The model's input and output vectors."""
    weights = model.state_dict()
    return Matrices(weights["embedding.weight"].cpu().numpy(), weights["output.weight"].cpu().numpy())
