"""The choice of the best model by validation figures; test figures then show how good the chosen model is.

A language model is chosen by validation perplexity, word vectors by accuracy (cosine) on the development half of
Google's questions. The other half tests the choice. The halves have no question in common, but share words.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from pipeline.vectors.questions import Question

Metrics = Mapping[str, Mapping[str, Any]]  # the metrics of a stage by model; empty for a model without any


def in_development_half(question: Question) -> bool:
    """Return whether a question belongs to the development half.

    It does if the lowest bit of BLAKE2b (8 bytes, the last one lowest) of its words in lower case, "a b c d", is 0.
    """
    words = " ".join([*question.given, "|".join(question.answers)])
    return hashlib.blake2b(words.lower().encode(), digest_size=8).digest()[-1] % 2 == 0


def best_language_model(trained: Metrics) -> str | None:
    """Return the model with the lowest validation perplexity; None if no model has one."""
    perplexity = {name: found["valid_perplexity"] for name, found in trained.items() if "valid_perplexity" in found}
    return min(perplexity, key=lambda name: perplexity[name], default=None)


def best_vectors(asked: Metrics) -> str | None:
    """Return the model with the highest accuracy on the development half; None if no model was asked any."""
    accuracy = {name: found["development_total"] for name, found in asked.items() if found.get("asked")}
    return max(accuracy, key=lambda name: accuracy[name], default=None)
