"""Drawing text from a language model, word by word."""

from collections.abc import Sequence
from itertools import takewhile
from typing import NamedTuple

import torch
from torch import Tensor

from models.language_model import RecurrentLanguageModel


class SamplingParams(NamedTuple):
    """How words are drawn from a model's predictions.

    Logits are divided by `temperature`: below 1, likely words become likelier. Only the `top_k` likeliest words are
    kept (0: all), and of these the fewest whose probabilities add up to `top_p` (the nucleus of Holtzman et al. 2020;
    1: all).
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0


def chances(logits: Tensor, sampling: SamplingParams) -> Tensor:
    """Return the probabilities by which words are drawn, (..., words), given logits or log-probabilities."""
    ranked, order = torch.softmax(logits / sampling.temperature, -1).sort(dim=-1, descending=True, stable=True)
    if sampling.top_k:
        ranked[..., sampling.top_k :] = 0
        ranked /= ranked.sum(-1, keepdim=True)
    if sampling.top_p < 1:
        likelier = ranked.cumsum(-1) - ranked  # the sum of the likelier words' probabilities
        ranked[likelier >= sampling.top_p] = 0
        ranked /= ranked.sum(-1, keepdim=True)
    return torch.zeros_like(ranked).scatter(-1, order, ranked)


@torch.no_grad()
def sample(
    model: RecurrentLanguageModel,
    prompt: Tensor,
    steps: int,
    sampling: SamplingParams,
    *,
    end: int,
    banned: Sequence[int] = (),
    generator: torch.Generator,
) -> list[list[int]]:
    """Return the word ids that `model` writes after each row of `prompt` (rows, time): at most `steps`, until `end`.

    `banned` ids are never drawn. The model stays in evaluation mode. The generator must be on the model's device.
    """
    model.eval()
    drawn = torch.empty(len(prompt), 0, dtype=torch.int64, device=prompt.device)
    hidden, state = model(prompt)
    for step in range(steps):
        rows = torch.cat([prompt[:, 1:], drawn], 1).tolist() if model.gate else []
        contexts = torch.stack([model.ngrams.contexts(row)[-1] for row in rows]) if model.gate else None
        logits = model.logits(hidden[:, -1], contexts)
        logits[:, [*banned] if step else [*banned, end]] = -torch.inf
        words = torch.multinomial(chances(logits, sampling), 1, generator=generator)
        drawn = torch.cat([drawn, words], 1)
        if bool((drawn == end).any(1).all()):
            break
        hidden, state = model(words, state)
    return [list(takewhile(lambda word: word != end, row)) for row in drawn.tolist()]
