"""The answers of a trained language model: the next word, the surprisals of a sentence, new sentences."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.language_model import RecurrentLanguageModel
from models.sample import SamplingParams, sample
from pipeline.records.models import ModelRecord
from pipeline.scores.next_words import ChancesAfter
from pipeline.store.vocabulary import END, START, Vocabulary
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


def chances_after(model: RecurrentLanguageModel, before: int, beginning: Sequence[int]) -> ChancesAfter:
    """Return the function that gives a model's probabilities behind the beginning of a row, float64 (rows, V).

    The model starts anew and reads `before` first; it reads the beginning once.
    """
    with torch.no_grad():
        hidden, state = model(torch.tensor([[before, *beginning]], device=model.device))
    known: Sequence[Sequence[int]] = [[]]

    @torch.no_grad()
    def after(rows: Sequence[Sequence[int]]) -> np.ndarray:
        nonlocal hidden, state, known
        if rows != known:
            parents = [known.index(row[:-1]) for row in rows]
            ids = torch.tensor([row[-1:] for row in rows], device=model.device)
            hidden, state = model(ids, [tuple(part[parents] for part in layer) for layer in state])
            known = rows
        contexts = [model.contexts_in([*beginning, *row]) for row in rows]
        last = torch.cat([each[-1:] for each in contexts if each is not None]) if model.gate else None
        found: np.ndarray = torch.softmax(model.logits(hidden[:, -1], last).double(), -1).cpu().numpy()
        return found

    return after


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
