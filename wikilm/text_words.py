"""The words of a text, or its pieces, with their places."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from wikilm.cutting import SplitText
from wikilm.surprisal import END_OF_SENTENCE, Cut, Row

if TYPE_CHECKING:
    from pipeline.store.vocabulary import Vocabulary


def cut_text(vocabulary: "Vocabulary", split: SplitText, starts: np.ndarray, *, pieces: bool) -> Cut:
    """Return a text by words or by `pieces`, and its ENDs, given where its ids begin in their sentences (ids,)."""
    rows: list[Row] = []
    owners: list[int] = []
    parted: list[bool] = []
    at = 0
    for number, (sentence, length) in enumerate(zip(split.sentences, split.lengths.tolist(), strict=True), 1):
        text, own = sentence.text, [*starts[at : at + length].tolist(), len(sentence.text)]
        each = pieces or vocabulary.of_tokens
        firsts = [*range(length), length] if each else word_starts(text, own)
        for word, (first, stop) in enumerate(pairwise(firsts), 1):
            spelled, start = text[own[first] : own[stop]], own[first]
            if each:
                shown = split.words[at + first] if vocabulary.of_tokens else vocabulary.spelled(split.ids[at + first])
                size = len(shown) if vocabulary.of_tokens else len(spelled)
            else:
                shown = spelled.strip()
                size, start = len(shown), start + len(spelled) - len(spelled.lstrip())
            rows.append(Row(sentence.line, number, word, shown, sentence.start + start, size))
            owners += [len(rows) - 1] * (stop - first)
        rows.append(Row(sentence.line, number, len(firsts), END_OF_SENTENCE, sentence.start + len(text.rstrip()), 0))
        owners += [len(rows) - 1] * (length + 1 - firsts[-1])
        begin_words = set() if each else {*firsts} - {0}
        parted += [place in begin_words for place in range(length + 1)]
        at += length
    return Cut(split, rows, np.array(owners), np.array(parted))


def word_starts(text: str, starts: Sequence[int]) -> list[int]:
    """Return which pieces of a sentence begin its words, and which begins what is left for END.

    `starts` are the first characters of the pieces, and the end of the text. Blanks alone are no word.
    """
    found, filled = [], True
    for piece, (start, stop) in enumerate(pairwise(starts)):
        if filled and (piece == 0 or text[start] == " "):
            found.append(piece)
            filled = False
        filled = filled or bool(text[start : max(stop, start + 1)].strip())
    return found if found and not filled else [*found, len(starts) - 1]
