"""A text as a run's articles are cut: its sentences, with their places, and its words."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.records.text import WikiRecord
from pipeline.run.errors import UserError
from wikilm.run_folder import RunFolder, check_text

if TYPE_CHECKING:
    from pipeline.store.vocabulary import Vocabulary

UNBROKEN = re.compile(r"[^\x00-\x20]+")  # of characters without blanks, as `split_blanks` cuts


class SentenceAt(NamedTuple):
    """A sentence, or what `tokens.unit` says: its line, from 1 on, its first character there, from 0 on, its text."""

    line: int
    start: int
    text: str


class SplitText(NamedTuple):
    """A text as the pipeline reads it: its words, their ids, the lengths of its sequences, how many were too short.

    Of a text in pieces `size` has the bytes and the words. `sentences` are the sequences. Each of `fresh_lines` is read
    from the initial state.
    """

    words: list[str]
    ids: np.ndarray
    lengths: np.ndarray
    too_short: int
    size: tuple[int, int] | None
    sentences: list[SentenceAt]
    fresh_lines: bool


def split_as_run(
    run: RunFolder, text: str, called: str, vocabulary: "Vocabulary", *, lines: bool = False, whole: bool = False
) -> SplitText:
    """Split a text, a paragraph on each line, as the stages tokens and index do; errors name it as `called`.

    With `lines` no sentence is too short. `whole` lines are not split into sentences.
    """
    from pipeline.words.sentences import paragraphs_of
    from pipeline.words.shards import clean_text
    from pipeline.words.words import only_long

    check_text(text)
    _ = run.wiki or WikiRecord.read(run.require("articles.json", "extract"))
    settings = run.params.tokens
    text = clean_text(text).removesuffix("\n")
    sentences = [
        SentenceAt(number, start, sentence)
        for number, line in enumerate(text.split("\n"), 1)
        for start, sentence in sentences_of(run, line, whole=whole)
    ]
    rows = [sentence.text for sentence in sentences]
    words, lengths = run.split_rows(rows)
    least = settings.fewest_words if vocabulary.of_tokens and not lines else 0
    words, kept = only_long(words, lengths, least)
    shown, ids, own = vocabulary.encode(rows, lambda: (words, lengths[kept]))
    if not text.strip() or not len(ids):
        least_told = f"has no {settings.unit} of {least or 1} or more words"
        raise UserError(f"{called}: {least_told if vocabulary.of_tokens else 'is empty'}")
    size = len("\n".join(paragraphs_of(text, settings.unit)).encode()), max(1, int(lengths.sum()))
    read = [sentence for sentence, long in zip(sentences, kept.tolist(), strict=True) if long]
    sizes = size if vocabulary.scale.columns else None
    return SplitText(shown, ids, own, int(np.count_nonzero(lengths[~kept])), sizes, read, lines)


def sentences_of(run: RunFolder, line: str, *, whole: bool) -> Iterator[tuple[int, str]]:
    """Yield where each sentence of a line begins, and the sentence, or the `whole` line or what `tokens.unit` says."""
    from pipeline.words.sentences import split_text

    start, unit = 0, run.params.tokens.unit
    for sentence in split_text(line, "paragraph" if whole and unit == "sentence" else unit, run.language):
        yield start, sentence
        start += len(sentence)


def starts_of(run: RunFolder, vocabulary: "Vocabulary", texts: Sequence[str]) -> np.ndarray:
    """Return where each id of rows of text begins in its row, in characters.

    A word that is not spelled as in the text begins where its run of characters without blanks does, or later in it.
    """
    if not vocabulary.of_tokens:
        return vocabulary.starts(texts)
    runs = [match for text in texts for match in UNBROKEN.finditer(text)]
    words, counts = run.split_rows([match[0] for match in runs])
    spelled, starts = iter(words.to_pylist()), []
    for match, count in zip(runs, counts.tolist(), strict=True):
        lowered, at = match[0].lower(), 0
        for _ in range(count):
            word = next(spelled)
            found = max(at, lowered.find(word.lower(), at))
            starts.append(match.start() + found)
            at = found + len(word) if lowered.startswith(word.lower(), found) else found
    return np.array(starts, np.int64)
