"""A trained language model, measured on the held-out splits."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from torch import Tensor

from models.language_model import RecurrentLanguageModel
from pipeline.batches.rows import SequenceData
from pipeline.run.console import Metrics
from pipeline.scores.dynamic_evaluation import choose_rate, dynamic_scores, gradient_rms
from pipeline.scores.figures import split_figures, unigram_perplexity
from pipeline.scores.model_scores import score_split
from pipeline.scores.targets import read_targets
from pipeline.store.scale import SCALES
from pipeline.store.sequences import HELD_OUT
from pipeline.store.vocabulary import WORDS

DYNAMIC = tuple(f"test_dynamic_{scale.key}" for scale in SCALES)


class Dynamic(NamedTuple):
    """What dynamic evaluation needs, its learning `rate` and `gradients`, and reaches: scores and figures."""

    rate: float
    gradients: Mapping[str, Tensor]
    scores: np.ndarray
    figures: Metrics


def measure(
    name: str, model: RecurrentLanguageModel, data: SequenceData, target_counts: np.ndarray
) -> tuple[dict[str, np.ndarray], Metrics]:
    """Return a model's scores by held-out split, each (places,) of dtype `SCORE`, and its figures and the unigram's.

    `target_counts` (V,) says how often each word id is a target in training.
    """
    figures: Metrics = {
        "parameters": sum(weights.numel() for weights in model.parameters()),  # a tied matrix counts once
        "train_tokens": int(target_counts[WORDS.start :].sum()),
        "vocabulary_size": len(target_counts),
    }
    targets = {split: read_targets(data.sequences, split) for split in HELD_OUT}
    scores = {split: score_split(name, model, data, split) for split in HELD_OUT}
    figures |= split_figures(scores, targets)
    for split, unigram in zip(HELD_OUT, ("unigram_valid_perplexity", "unigram_perplexity"), strict=True):
        figures[unigram] = unigram_perplexity(target_counts, targets[split])
    return scores, figures


def measure_dynamically(name: str, model: RecurrentLanguageModel, data: SequenceData) -> Dynamic:
    """Measure the test split with dynamic evaluation, whose learning rate the validation split chooses."""
    gradients = gradient_rms(name, model, data)
    rate = choose_rate(name, model, data, gradients)
    scores = dynamic_scores(f"{name}: test", model, data, "test", gradients, rate)
    found = split_figures({"test_dynamic": scores}, {"test_dynamic": read_targets(data.sequences, "test")})
    return Dynamic(rate, gradients, scores, {key: value for key, value in found.items() if key.startswith(DYNAMIC)})
