"""The methods of `at_test`: dynamic evaluation and the neural cache, chosen on validation and measured on test."""

import math
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from torch import Tensor

from models.language_model import LanguageModel
from pipeline.batches.rows import SequenceData
from pipeline.run.console import say
from pipeline.scores.cache import Cache, cache_scores, choose_cache
from pipeline.scores.dynamic import Dynamic, choose_dynamic, dynamic_scores, training_gradients
from pipeline.scores.figures import perplexity_figures, perplexity_ratio
from pipeline.scores.targets import read_targets
from pipeline.settings.model_sections import AT_TEST
from pipeline.training.job import Job
from pipeline.training.learnt import Learnt

PLACES = 20_000  # at the start of the validation split; each hyperparameter that is tried is measured on all of them


def add_at_test(job: Job, learnt: Learnt, model: LanguageModel, data: SequenceData) -> Learnt:
    """Return a trained model with the figures, scores and hyperparameters of each method that `at_test` lists.

    Hyperparameters are chosen on the validation split alone. The model's weights do not change. A method whose test
    perplexity or its interval is not finite is left out.
    """
    for method in dict.fromkeys(job.settings.at_test):
        start, gradients = time.process_time(), learnt.gradients
        if method == "dynamic":
            gradients = training_gradients(job.name, model, data)
            chosen = choose_dynamic(job.name, model, data, gradients, PLACES)._asdict()
        else:
            chosen = choose_cache(job.name, model, data, learnt.scores["valid"], PLACES)._asdict()
        own = learnt.scores["test"]
        scores = adapted_scores(method, chosen, job.name, model, data, own, gradients)
        targets = read_targets(data.sequences, "test")
        found = perplexity_figures(scores, targets)
        reached, low, high = (found[f"perplexity{end}"] for end in ("", "_low", "_high"))
        settings = ", ".join(f"{name} {value:g}" for name, value in chosen.items())
        if not (math.isfinite(reached) and math.isfinite(high)):
            say(f"{job.name}: {AT_TEST[method]} diverged on the test split with {settings}; it is left out")
            continue
        times = perplexity_ratio(scores, own, targets)
        say(
            f"{job.name}: {reached:.1f} test with {AT_TEST[method]} ({low:.1f} to {high:.1f}), "
            f"{times['ratio']:.3f} of the model's own ({times['ratio_low']:.3f} to {times['ratio_high']:.3f}); "
            f"{settings}, chosen on the first {min(PLACES, len(learnt.scores['valid'])):,} places of the validation "
            f"split; {time.process_time() - start:,.0f} CPU seconds"
        )
        name = f"test_{method}"
        figures = {f"{name}_perplexity": reached, f"{name}_perplexity_low": low, f"{name}_perplexity_high": high}
        record = learnt.record | {"at_test": {**learnt.record.get("at_test", {}), method: chosen}}
        learnt = learnt._replace(
            record=record,
            figures=learnt.figures | figures,
            scores={**learnt.scores, name: scores},
            gradients=gradients,
        )
    return learnt


def adapted_scores(
    method: str,
    chosen: Mapping[str, Any],
    name: str,
    model: LanguageModel,
    data: SequenceData,
    scores: np.ndarray,
    gradients: Mapping[str, Tensor],
) -> np.ndarray:
    """Return the test split's scores by a method with its `chosen` hyperparameters; `scores` are the model's own."""
    label = f"{name}: test with {AT_TEST[method]}"
    if method == "dynamic":
        return dynamic_scores(label, model, data, "test", gradients, Dynamic(**chosen))
    return cache_scores(label, model, data, "test", scores, Cache(**chosen))
