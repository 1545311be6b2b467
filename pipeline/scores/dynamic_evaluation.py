"""Dynamic evaluation: the scores of a model whose weights are updated with the text that it reads.

The RMS rule of Krause, Kahembwe, Murray and Renals (2018), for a weight w with the gradient g:

    w <- w - learning_rate * g / (rms + mean(rms)) + decay * rms / mean(rms) * (w0 - w)

`rms` is the root mean square of g on the training text, its mean is over all weights, and w0 is the weight before the
text; the step back to w0 never overshoots. The paper adds less than the mean to `rms`, which lets weights whose
gradients are mostly zero take huge steps.
"""

from collections.abc import Sequence
from copy import deepcopy
from itertools import islice

import numpy as np
import torch
from torch import Tensor

from models.language_model import RecurrentLanguageModel
from pipeline.batches.rows import SequenceData
from pipeline.scores.figures import perplexity
from pipeline.scores.model_scores import Read, no_scores, read_batches, score_batch
from pipeline.scores.targets import read_targets
from pipeline.settings.model_sections import Stream

SEGMENT = 20  # words in a segment, after which the weights are updated
SEGMENTS = 1000  # at the start of the validation split, on which learning rates are tried
TRAINING, BATCHES = Stream(kind="stream", rows=16, steps=SEGMENT), 500  # for the RMS of the gradients
FIRST_RATE, DECAY = 1e-4, 0.001


def gradient_rms(name: str, model: RecurrentLanguageModel, data: SequenceData) -> dict[str, Tensor]:
    """Return the root mean square of the gradient of each trained weight over a part of the training split, by name."""
    named = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    squares = {name: torch.zeros_like(weight) for name, weight in named.items()}
    draws = list(islice(data.order("train", TRAINING, shuffle=True), BATCHES))
    for read in read_batches(f"{name}: gradients", model, data, draws):
        for square, found in zip(squares.values(), gradients(model, read, list(named.values())), strict=True):
            square.addcmul_(found, found)
    return {name: (square / len(draws)).sqrt_() for name, square in squares.items()}


def dynamic_scores(
    label: str,
    model: RecurrentLanguageModel,
    data: SequenceData,
    split: str,
    rms: dict[str, Tensor],
    learning_rate: float,
    segments: int | None = None,
) -> np.ndarray:
    """Return the scores of a split, (places,) of dtype `SCORE`, or of its first `segments` and nan elsewhere.

    Each segment is scored before a copy of the model is updated with it. Weights without `rms` do not change.
    """
    scores, adapted = no_scores(data, split), deepcopy(model)
    before, weights = ([each.get_parameter(name) for name in rms] for each in (model, adapted))
    mean = sum(float(value.sum()) for value in rms.values()) / sum(value.numel() for value in rms.values())
    rates = [learning_rate / (value + mean) for value in rms.values()]
    returns = [(value * (DECAY / mean)).clamp_(max=1) for value in rms.values()]
    draws = list(islice(data.order(split, Stream(kind="stream", rows=1, steps=SEGMENT)), segments))
    for read in read_batches(label, adapted, data, draws):
        scores[read.places] = score_batch(adapted, read)
        found = gradients(adapted, read, weights)
        with torch.no_grad():
            for weight, first, back, rate, gradient in zip(weights, before, returns, rates, found, strict=True):
                weight.lerp_(first, back).addcmul_(gradient, rate, value=-1)
    return scores


def choose_rate(name: str, model: RecurrentLanguageModel, data: SequenceData, rms: dict[str, Tensor]) -> float:
    """Return the learning rate with the lowest perplexity on the first segments of the validation split.

    It is doubled as long as that helps.
    """
    first = read_targets(data.sequences, "valid").first(SEGMENTS * SEGMENT)

    def reached(rate: float) -> float:
        scores = dynamic_scores(f"{name}: valid, learning rate {rate:g}", model, data, "valid", rms, rate, SEGMENTS)
        return perplexity(scores, first)  # nan if the weights grew without bound

    rate, best = FIRST_RATE, reached(FIRST_RATE)
    while (found := reached(2 * rate)) < best:
        rate, best = 2 * rate, found
    return rate


def gradients(model: RecurrentLanguageModel, read: Read, weights: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Return the gradients of the mean cross-entropy, in nats, of a batch."""
    _, loss = model.cross_entropy(read.hidden, read.batch)
    return torch.autograd.grad(loss, weights, allow_unused=True, materialize_grads=True)
