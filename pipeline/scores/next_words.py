"""The likeliest next words; of a model of pieces by a beam search over the pieces of a word, up to its end."""

from collections.abc import Callable, Sequence

import numpy as np

from pipeline.records.models import NextWords
from pipeline.run.errors import UserError
from pipeline.store.vocabulary import END, WORDS, Vocabulary

BEAM = 50  # beginnings of words at a time
MOST_PIECES = 20  # of a word
FEWEST_BLANKS = 0.05  # share of the pieces of a text whose script has blanks between words

# Returns the probabilities (rows, V) of the id that follows each of some rows of ids, behind what was read before. It
# is called with one empty row first, then with rows that each continue one of the call before by an id.
ChancesAfter = Callable[[Sequence[Sequence[int]]], np.ndarray]


def next_words(vocabulary: Vocabulary, after: ChancesAfter, number: int) -> NextWords:
    """Return the likeliest next words, without START, END and UNKNOWN; whole ones if the script has blanks."""
    chances = after([[]])[0]
    if not np.isfinite(chances).all():
        raise UserError("the answer has a value that is no finite number; the model is damaged")
    pieces = not vocabulary.of_tokens
    blanks = begins_word(vocabulary) if pieces else None
    found = likeliest(chances, number) if blanks is None else likeliest_words(after, blanks, number)
    words = [(vocabulary.text(ids), chance) for ids, chance in found]
    return NextWords(words=words, unknown=chances[-1], end=chances[END], pieces=pieces and blanks is None)


def likeliest(chances: np.ndarray, number: int) -> list[tuple[list[int], float]]:
    """Return the likeliest ids by their `chances` (V,), each alone, with these; without START, END and UNKNOWN."""
    best = WORDS.start + np.argsort(-chances[WORDS], kind="stable")[:number]
    return [([id], float(chances[id])) for id in best.tolist()]


def begins_word(vocabulary: Vocabulary) -> np.ndarray | None:
    """Return which ids begin with a blank, bool (V,); None if they are so few that the script has no blanks."""
    blanks = np.array([vocabulary.text([id])[:1] == " " for id in range(len(vocabulary))])
    counts = np.array([count for _, count in vocabulary.entries])
    counts[: WORDS.start] = 0
    return blanks if counts[blanks].sum() >= FEWEST_BLANKS * counts.sum() else None


def likeliest_words(after: ChancesAfter, blanks: np.ndarray, number: int) -> list[tuple[list[int], float]]:
    """Return the likeliest next words, as ids of pieces, with their probabilities, the likeliest first.

    A word's probability is the product of those of its pieces and of its end: a piece that begins with a blank
    (`blanks`, bool (V,)), or END. The beam may miss a word whose pieces are unlikely.
    """
    rows: list[list[int]] = [[]]
    reached = np.ones(1)
    found: list[tuple[list[int], float]] = []
    for _ in range(MOST_PIECES):
        chances = after(rows) * reached[:, None]
        going_on = np.zeros_like(chances)
        going_on[:, WORDS] = chances[:, WORDS]
        if rows != [[]]:  # the first piece may begin with a blank
            ends = (chances[:, blanks].sum(1) + chances[:, END]).tolist()
            found = sorted([*found, *zip(rows, ends, strict=True)], key=lambda each: -each[1])[:number]
            going_on[:, blanks] = 0
        places = np.argsort(-going_on, axis=None, kind="stable")[:BEAM]
        reached = going_on.flat[places]
        if len(found) == number and reached[0] <= found[-1][1]:  # no longer word is as likely
            break
        parents, ids = np.divmod(places, chances.shape[1])
        rows = [[*rows[parent], id] for parent, id in zip(parents.tolist(), ids.tolist(), strict=True)]
    return found
