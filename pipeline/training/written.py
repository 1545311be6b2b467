"""Sentences that a language model writes."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from models.language_model import LanguageModel
from models.sample import Sampling, sample
from pipeline.store.vocabulary import END, START, Vocabulary
from pipeline.training.learnt import before_sentence


def write_sentences(
    model: LanguageModel,
    record: Mapping[str, Any],
    vocabulary: Vocabulary,
    number: int,
    most: int,
    sampling: Sampling,
    prompt: Sequence[str] = (),
    *,
    seed: int,
) -> list[list[str]]:
    """Return `number` continuations of a prompt by a model with this `record`, as lists of words without UNKNOWN.

    A sentence ends when the model draws END, or after `most` words.
    """
    ids = [before_sentence(record), *vocabulary.remap(prompt).tolist()]
    drawn = sample(
        model,
        torch.tensor([ids] * number, device=model.device),
        most,
        sampling,
        end=END,
        banned=[START, vocabulary.unknown],
        generator=torch.Generator(model.device).manual_seed(seed),
    )
    return [[vocabulary.by_id[id] for id in ids] for ids in drawn]
