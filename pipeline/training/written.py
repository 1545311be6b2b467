"""Sentences that a language model writes."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from models.language_model import RecurrentLanguageModel
from models.sample import SamplingParams, sample
from pipeline.store.vocabulary import END, START, Vocabulary
from pipeline.training.learnt import before_sentence


def write_sentences(
    model: RecurrentLanguageModel,
    record: Mapping[str, Any],
    vocabulary: Vocabulary,
    number: int,
    most: int,
    sampling: SamplingParams,
    prompt: Sequence[int] = (),
    *,
    seed: int,
) -> list[list[int]]:
    """Return `number` continuations of a prompt of ids by a model with this `record`, as ids without UNKNOWN.

    A sentence ends when the model draws END, or after `most` words.
    """
    ids = [before_sentence(record), *prompt]
    return sample(
        model,
        torch.tensor([ids] * number, device=model.device),
        most,
        sampling,
        end=END,
        # Bytes that the text never has, such as most control codes, could still be drawn.
        banned=[START, vocabulary.unknown, *(id for id, (_, count) in enumerate(vocabulary.entries) if not count)],
        generator=torch.Generator(model.device).manual_seed(seed),
    )
