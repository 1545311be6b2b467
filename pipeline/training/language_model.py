"""Language models that are trained for their perplexity, on single sentences or on articles as streams."""

import math
from pathlib import Path

import numpy as np
import torch

from models.language_model import IGNORED, LanguageModel
from pipeline.batches.rows import SequenceData, Streams
from pipeline.run.console import Metrics, UserError, say
from pipeline.run.outputs import whole_directory, write_json
from pipeline.run.runtime import Runtime
from pipeline.store.vocabulary import END
from pipeline.training.fit import fit, write_curves
from pipeline.training.pretrained import PretrainedVectors
from pipeline.training.resume import checkpoint_path, remove_checkpoints
from pipeline.training.saved import DRAWN, TARGET_COUNTS, write_language_model
from pipeline.training.settings import LanguageModel as Settings
from pipeline.training.settings import Train


def train_language_model(
    name: str, database: Path, model: Path, *, settings: Settings, train: Train, runtime: Runtime
) -> Metrics:
    """Train the language model NAME on DATABASE; weights, settings and curves go into MODEL."""
    pretrained = None
    if settings.pretrained:
        pretrained = PretrainedVectors(name, settings.pretrained, settings.embedding_size)
    data = SequenceData(
        database,
        batch_tokens=train.batch_tokens,
        end_fraction=train.end_fraction,
        seed=train.seed,
        streams=Streams(train.stream_rows, train.bptt) if train.draw == "stream" else None,
        workers=runtime.loader_workers,
    )
    counts = data.target_counts()
    arguments = {"vocabulary_size": len(counts), **settings.model_dump(exclude={"kind", "gradient_clip", "pretrained"})}
    try:
        language_model = LanguageModel(**arguments, counts=torch.from_numpy(counts))
    except ValueError as error:  # settings that do not go together, or not with this vocabulary
        raise UserError(f"params.yaml: language_models.{name}: {error}") from None
    figures: Metrics = {}
    if pretrained:
        figures |= pretrained.start(language_model.embedding, data.sequences.words())
    model.parent.mkdir(parents=True, exist_ok=True)
    checkpoint = checkpoint_path(
        model,
        database,
        train,
        settings,
        pretrained.checksum if pretrained else None,
        runtime.accelerator,
        runtime.devices,
        runtime.nodes,
    )
    remove_checkpoints(model, keep=checkpoint)
    fitted, epochs = fit(
        language_model,
        data,
        name=name,
        section=f"language_models.{name}",
        params=train,
        gradient_clip=settings.gradient_clip,
        runtime=runtime,
        checkpoint=checkpoint,
    )
    with whole_directory(model) as directory:
        write_curves(epochs, directory / "curves")
        write_language_model(directory, language_model, arguments)
        # How its targets were drawn, and how many of each word: who scores a text later draws and compares alike.
        write_json(directory / DRAWN, train.model_dump())
        np.save(directory / TARGET_COUNTS, counts)
    figures |= fitted | {
        "train_tokens": int(counts[END + 1 :].sum()),
        "vocabulary_size": len(counts),
        "parameters": sum(weights.numel() for weights in language_model.parameters()),
        "unigram_perplexity": unigram_perplexity(data, counts, "test"),
        "unigram_valid_perplexity": unigram_perplexity(data, counts, "valid"),
    }
    say(
        f"{name}: perplexity {figures['valid_perplexity']:.1f} valid (unigram "
        f"{figures['unigram_valid_perplexity']:.1f}), {figures['test_perplexity']:.1f} test (unigram "
        f"{figures['unigram_perplexity']:.1f}); test accuracy {figures['test_accuracy']:.1%}"
    )
    return figures


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
