"""Dynamic evaluation: the scores of a model whose weights are updated with the text that it reads."""

import math
from collections.abc import Mapping
from functools import cache
from itertools import islice
from typing import NamedTuple

import numpy as np
from torch import Tensor

from models.adaptive import DynamicEvaluation, gradient_rms
from models.language_model import LanguageModel
from pipeline.batches.rows import SequenceData
from pipeline.scores.figures import perplexity
from pipeline.scores.model_scores import first_draws, no_scores, read_batches, score_batch
from pipeline.scores.targets import read_targets
from pipeline.settings.model_sections import Stream

STEPS = 20  # words in a segment, after which the weights are updated
TRAINING, BATCHES = Stream(kind="stream", rows=16, steps=STEPS), 500  # for the RMS of the gradients


class Dynamic(NamedTuple):
    """The hyperparameters of dynamic evaluation."""

    learning_rate: float
    decay: float


START, OTHER_DECAYS = Dynamic(4e-4, 0.001), (0.0, 0.005)
MOST = 6  # doublings of the first learning rate, and halvings


def training_gradients(name: str, model: LanguageModel, data: SequenceData) -> dict[str, Tensor]:
    """Return the `gradient_rms` of a part of the training split."""
    draws = list(islice(data.order("train", TRAINING, shuffle=True), BATCHES))
    reads = read_batches(f"{name}: gradients", model, data, draws)
    return gradient_rms(model, ((read.hidden, read.batch.targets) for read in reads))


def dynamic_scores(
    label: str,
    model: LanguageModel,
    data: SequenceData,
    split: str,
    rms: Mapping[str, Tensor],
    chosen: Dynamic,
    *,
    places: int | None = None,
) -> np.ndarray:
    """Return the scores of a split, (places,) of dtype `SCORE`, or of its first `places` and nan elsewhere.

    Each segment is scored before the weights are updated with it. At the end the first weights are restored.
    """
    scores = no_scores(data, split)
    draws = first_draws(data, split, STEPS, places)
    with DynamicEvaluation(model, rms, **chosen._asdict()) as weights:
        for read in read_batches(label, model, data, draws):
            scores[read.places] = score_batch(model, read)
            weights.update(read.hidden, read.batch.targets)
    return scores


def choose_dynamic(
    name: str, model: LanguageModel, data: SequenceData, rms: Mapping[str, Tensor], places: int
) -> Dynamic:
    """Return the hyperparameters with the lowest perplexity on the first `places` of the validation split.

    The learning rate is halved and doubled as long as that helps; then other decays are tried.
    """
    first = read_targets(data.sequences, "valid").first(places)

    @cache
    def reached(tried: Dynamic) -> float:
        label = f"{name}: valid with learning rate {tried.learning_rate:g}, decay {tried.decay:g}"
        found = perplexity(dynamic_scores(label, model, data, "valid", rms, tried, places=places), first)
        return math.inf if math.isnan(found) else found  # the weights grew without bound

    best = START
    for factor in (0.5, 2):
        for _ in range(MOST):
            next_one = best._replace(learning_rate=best.learning_rate * factor)
            if reached(next_one) >= reached(best) < math.inf:
                break
            best = next_one
    return min((best._replace(decay=decay) for decay in (best.decay, *OTHER_DECAYS)), key=reached)
