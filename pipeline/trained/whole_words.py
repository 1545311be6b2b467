"""The likeliest next words of a model of pieces: a beam search over the pieces of a word, up to its end."""

from collections.abc import Sequence

import torch
from torch import Tensor

from models.language_model import RecurrentLanguageModel
from pipeline.store.vocabulary import END, WORDS, Vocabulary

BEAM = 50  # beginnings of words at a time
MOST_PIECES = 20  # of a word
FEWEST_BLANKS = 0.05  # share of the pieces of a text whose script has blanks between words


def begins_word(vocabulary: Vocabulary) -> Tensor | None:
    """Return which ids begin with a blank, bool (V,); None if they are so few that the script has no blanks."""
    blanks = torch.tensor([vocabulary.text([id])[:1] == " " for id in range(len(vocabulary))])
    counts = torch.tensor([count for _, count in vocabulary.entries])
    counts[: WORDS.start] = 0
    return blanks if counts[blanks].sum() >= FEWEST_BLANKS * counts.sum() else None


@torch.no_grad()
def likeliest_words(
    model: RecurrentLanguageModel, before: int, beginning: Sequence[int], blanks: Tensor, number: int
) -> list[tuple[list[int], float]]:
    """Return the likeliest next words, as ids of pieces, with their probabilities, the likeliest first.

    A word's probability is the product of those of its pieces and of its end: a piece that begins with a blank
    (`blanks`, bool (V,)), or END. The beginning is read once. The beam may miss a word whose pieces are unlikely.
    """
    device, blanks = model.device, blanks.to(model.device)
    hidden, state = model(torch.tensor([[before, *beginning]], device=device))
    rows: list[list[int]] = [[]]
    reached = torch.ones(1, dtype=torch.float64, device=device)
    found: list[tuple[list[int], float]] = []
    for _ in range(MOST_PIECES):
        contexts = [model.contexts_in([*beginning, *row]) for row in rows]
        last = torch.cat([each[-1:] for each in contexts if each is not None]) if model.gate else None
        chances = torch.softmax(model.logits(hidden[:, -1], last).double(), -1) * reached[:, None]
        going_on = torch.zeros_like(chances)
        going_on[:, WORDS] = chances[:, WORDS]
        if rows != [[]]:  # the first piece may begin with a blank
            ends = (chances[:, blanks].sum(1) + chances[:, END]).tolist()
            found = sorted([*found, *zip(rows, ends, strict=True)], key=lambda each: -each[1])[:number]
            going_on[:, blanks] = 0
        reached, places = going_on.flatten().topk(min(BEAM, going_on.numel()))
        if len(found) == number and reached[0] <= found[-1][1]:  # no longer word is as likely
            break
        parents, ids = places // chances.shape[1], places % chances.shape[1]
        rows = [[*rows[parent], id] for parent, id in zip(parents.tolist(), ids.tolist(), strict=True)]
        hidden, state = model(ids[:, None], [tuple(part[parents] for part in layer) for layer in state])
    return found
