"""The answers of a trained language model: the next word, the surprisals of a sentence, new sentences."""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from models.language_model import RecurrentLanguageModel
from models.sample import SamplingParams, sample
from pipeline.records.models import ModelRecord
from pipeline.store.vocabulary import END, START, WORDS, Vocabulary
from pipeline.trained.learnt import before_sentence

GUESSED = 3  # of each word of a sentence


@torch.no_grad()
def hidden_values(model: RecurrentLanguageModel, before: int, beginning: Sequence[int]) -> Tensor:
    """Return the last layer's hidden values, (1 + n, hidden size), that predict each of a row's n ids and the next.

    The model starts anew and reads `before` first, the id that precedes each sentence.
    """
    hidden, _ = model(torch.tensor([[before, *beginning]], device=model.device))
    found: Tensor = hidden[0]
    return found


@torch.no_grad()
def next_chances(model: RecurrentLanguageModel, before: int, beginning: Sequence[int]) -> Tensor:
    """Return the probability of each word id, float64 (V,), after the beginning of a row. The model starts anew."""
    hidden, contexts = hidden_values(model, before, beginning), model.contexts_in(beginning)
    last = None if contexts is None else contexts[-1:]
    return torch.softmax(model.logits(hidden[-1:], last)[0].double(), -1)


def likeliest(chances: Tensor, number: int) -> list[tuple[int, float]]:
    """Return the likeliest word ids by their `chances` (V,), with these; without START, END and UNKNOWN."""
    words = chances[WORDS]
    values, ids = words.topk(min(number, len(words)))
    return list(zip((ids + WORDS.start).tolist(), values.tolist(), strict=True))


@torch.no_grad()
def read_sentence(model: RecurrentLanguageModel, *, before: int, sentence: Sequence[int]) -> dict[str, list[Any]]:
    """Return the surprisal in bits of each word id of a sentence, and the likeliest ids in its place."""
    hidden, contexts = hidden_values(model, before, sentence[:-1]), model.contexts_in(sentence[:-1])
    bits = -torch.log_softmax(model.logits(hidden, contexts).double(), -1) / math.log(2)
    own = bits.gather(1, torch.tensor(sentence, device=model.device)[:, None])[:, 0]
    return {"bits": own.tolist(), "guesses": bits.topk(GUESSED, largest=False).indices.tolist()}


def write_sentences(
    model: RecurrentLanguageModel,
    record: ModelRecord,
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
        banned=never_drawn(vocabulary),
        generator=torch.Generator(model.device).manual_seed(seed),
    )


def never_drawn(vocabulary: Vocabulary) -> list[int]:
    """Return the ids that no sentence has: START, UNKNOWN, and bytes that the text never has, such as control codes."""
    return [START, vocabulary.unknown, *(id for id, (_, count) in enumerate(vocabulary.entries) if not count)]
