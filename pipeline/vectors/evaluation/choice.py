"""The choice of the best model by validation figures; test figures then show how good the chosen model is.

A language model is chosen by validation perplexity, word vectors by accuracy (cosine) on the development questions of
Google's set; its test questions test the choice. Word pairs are halved, so that no pair of a test question is in a
development question.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Literal

from pipeline.vectors.questions import Question

MetricsByModel = Mapping[str, Mapping[str, Any]]  # the metrics of a stage by model; empty for a model without any


def half_of(question: Question) -> Literal["development", "test"] | None:
    """Return the half that has both word pairs of a question; None if each half has one of them.

    A pair's half is the lowest bit of BLAKE2b (8 bytes, the last one lowest) of its first word in lower case, 0 for
    development.
    """
    first, second = (hashlib.blake2b(word.lower().encode(), digest_size=8).digest()[-1] % 2 for word in question.firsts)
    return ("development", "test")[first] if first == second else None


def best_language_model(trained: MetricsByModel) -> str | None:
    """Return the model with the lowest validation perplexity; None if no model has one."""
    perplexity = {name: found["valid_perplexity"] for name, found in trained.items() if "valid_perplexity" in found}
    return min(perplexity, key=lambda name: perplexity[name], default=None)


def best_vectors(asked: MetricsByModel) -> str | None:
    """Return the model with the highest accuracy on the development half; None if no model was asked any."""
    accuracy = {name: found["development_total"] for name, found in asked.items() if found.get("asked")}
    return max(accuracy, key=lambda name: accuracy[name], default=None)
