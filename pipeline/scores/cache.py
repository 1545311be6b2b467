"""The neural cache: a model's scores, mixed with a cache of the text that it has just read."""

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
import torch

from models.adaptive import NeuralCache
from models.batch import IGNORED
from models.language_model import LanguageModel
from pipeline.batches.rows import EVALUATION_STEPS, SequenceData
from pipeline.scores.figures import perplexity
from pipeline.scores.model_scores import first_draws, read_batches
from pipeline.scores.targets import read_targets

SIZES = (500, 2000)
THETAS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.8)
SHARES = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4)


class Cache(NamedTuple):
    """The hyperparameters of a cache: see `NeuralCache`; `share` is its weight in the mixture (the paper's lambda)."""

    size: int
    theta: float
    share: float


def cache_scores(
    label: str, model: LanguageModel, data: SequenceData, split: str, scores: np.ndarray, chosen: Cache
) -> np.ndarray:
    """Return the model's own `scores` of a split, mixed with a cache; `right` does not change."""
    chances = cache_chances(label, model, data, split, [chosen.size], [chosen.theta])
    return mixed(scores, chances[0, 0], chosen.share)


@torch.no_grad()
def cache_chances(
    label: str,
    model: LanguageModel,
    data: SequenceData,
    split: str,
    sizes: Sequence[int],
    thetas: Sequence[float],
    *,
    places: int | None = None,
) -> np.ndarray:
    """Return the probabilities by the cache of a split's targets, float32 (sizes, thetas, places).

    nan if there is no target or nothing is cached, and after the first `places`.
    """
    cache = NeuralCache(sizes, thetas)
    _, lengths = data.sequences.ids_and_lengths(split)
    chances = np.full((len(sizes), len(thetas), int((lengths + 1).sum())), np.nan, np.float32)
    for read in read_batches(label, model, data, first_draws(data, split, EVALUATION_STEPS, places)):
        counted = read.batch.targets != IGNORED
        chances[..., read.places] = cache.read(read.hidden[counted], read.batch.targets[counted]).cpu()
    return chances


def mixed(scores: np.ndarray, chances: np.ndarray, share: float) -> np.ndarray:
    """Return log((1 - share) p + share * chances) for the model's probabilities p; log p where chances are nan."""
    found = scores.copy()
    cached = ~np.isnan(chances)
    with np.errstate(divide="ignore"):
        own = scores["log_probability"][cached] + np.log1p(-share)
        found["log_probability"][cached] = np.logaddexp(own, np.log(share * chances[cached]))
    return found


def choose_cache(name: str, model: LanguageModel, data: SequenceData, scores: np.ndarray, places: int) -> Cache:
    """Return the hyperparameters with the lowest perplexity on the first `places` of the validation split.

    `scores` are the model's own. One pass of the hidden values serves the whole grid.
    """
    chances = cache_chances(f"{name}: cache", model, data, "valid", SIZES, THETAS, places=places)
    first = read_targets(data.sequences, "valid").first(places)

    def reached(tried: Cache) -> float:
        own = chances[SIZES.index(tried.size), THETAS.index(tried.theta)]
        return perplexity(mixed(scores, own, tried.share), first)

    return min((Cache(*tried) for tried in product(SIZES, THETAS, SHARES)), key=reached)
