"""Words as given: a table that is already cut into words, such as corpora of reading times are."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipeline.run.errors import UserError
from wikilm.cutting import SentenceAt, SplitText, sentences_of, starts_of
from wikilm.run_folder import RunFolder, check_text
from wikilm.surprisal import END_OF_SENTENCE, GATE_PARTS, Cut, Row, Surprisals

if TYPE_CHECKING:
    from pipeline.store.vocabulary import Vocabulary

WORD, BLANK_BEFORE, LINE, SENTENCE, RECUT = "word", "blank", "line", "sentence", "recut"
ADDED = ("surprisal", "entropy", *GATE_PARTS, RECUT)  # columns that no table may have before

WordRows = Sequence[Mapping[str, Any]]


class GivenSentence(NamedTuple):
    """A sentence of a table: its rows, where the words of each begin and end in their line, and what is read of it."""

    spans: dict[int, tuple[int, int]]
    sentence: SentenceAt


class Chunk(NamedTuple):
    """A part of a sentence that is cut alone: a word with the blank before it, or the blank before END.

    `owner` is the number of its row, `start` and `stop` are characters of all sentences' texts, one after another.
    """

    owner: int
    sentence: int
    start: int
    stop: int


class WordTable(NamedTuple):
    """A table of words with their surprisals; the text's surprisal in bits, and that of its ENDs, which have no row."""

    rows: list[dict[str, Any]]
    total_bits: float
    end_bits: float


def check_words(table: WordRows, called: str, first_line: int) -> None:
    """Raise `UserError` if the rows are no words, or have columns that wikilm adds; the first is on `first_line`."""
    if not table:
        raise UserError(f"{called}: has no words")
    for number, row in enumerate(table, first_line):
        place = f"{called}, line {number}"
        if WORD not in row:
            raise UserError(f"{place}: has no column {WORD}; it has {', '.join(map(str, row))}")
        if not isinstance(row[WORD], str):
            raise UserError(f"{place}: {WORD} is {row[WORD]!r}, a {type(row[WORD]).__name__}; it must be text")
        check_text(row[WORD])
        if row.get(BLANK_BEFORE, 1) not in (0, 1, "0", "1"):
            raise UserError(f"{place}: {BLANK_BEFORE} is {row[BLANK_BEFORE]!r}; it must be 0 or 1")
    if clash := [name for name in ADDED if name in table[0]]:
        raise UserError(f"{called}, line 1: has a column {clash[0]}, which wikilm adds; rename it")
    if not any(letter.isalpha() for row in table for letter in row[WORD]):
        raise UserError(f"{called}, line {first_line}: {WORD} is {table[0][WORD]!r}; no row has a letter; give text")


def sentences_given(run: RunFolder, table: WordRows, words: Sequence[str], *, whole: bool) -> list[GivenSentence]:
    """Return the sentences of a table, whose `words` are as they are read, empty where nothing is.

    Rows with one value of `line` are a line, of which those with one value of `sentence` are a sentence. Without such a
    column all are one line, and its sentences are found in its text, or it is `whole`.
    """
    found: list[GivenSentence] = []
    for number, (_, rows) in enumerate(groupby(range(len(table)), lambda row: table[row].get(LINE)), 1):
        text, spans = "", {}
        for row in rows:
            text += " " if text and words[row] and table[row].get(BLANK_BEFORE, 1) in (1, "1") else ""
            spans[row] = len(text), len(text) + len(words[row])
            text += words[row]
        bounds = [start for start, _ in sentences_of(run, text, whole=whole)]
        keys = {row: table[row].get(SENTENCE, bisect_right(bounds, start)) for row, (start, _) in spans.items()}
        own = [{row: spans[row] for row in group} for _, group in groupby(spans, keys.__getitem__)]
        edges = [len(text)]  # from the last sentence on: it begins at its first word that is read
        for each in reversed(own):
            edges.append(next((start for start, stop in each.values() if start < stop), edges[-1]))
        found += [
            GivenSentence(each, SentenceAt(number, start, text[start:stop]))
            for each, start, stop in zip(own, edges[:0:-1], edges[-2::-1], strict=True)
        ]
    return found


def cut_words(
    run: RunFolder, vocabulary: "Vocabulary", table: WordRows, called: str, *, lines: bool, whole: bool
) -> tuple[Cut, list[bool]]:
    """Return the words of a table, each cut alone, with rows for ENDs behind theirs, and which words are cut anew.

    These have other pieces than in the text as a whole.
    """
    from pipeline.words.shards import clean_text

    words = [clean_text(row[WORD]).replace("\n", " ").strip() for row in table]
    given = sentences_given(run, table, words, whole=whole)
    read = [each for each in given if each.sentence.text]
    texts = [each.sentence.text for each in read]
    chunks, text = chunks_of(read, len(table)), "".join(texts)
    cut = [text[chunk.start : chunk.stop] for chunk in chunks]
    ids, lengths = encoded(run, vocabulary, cut)
    if not len(ids):
        raise UserError(f"{called}: the model reads nothing of its words")
    of_rows = np.bincount([chunk.sentence for chunk in chunks], lengths, len(read)).astype(int)
    starts = np.cumsum(lengths) - lengths
    parted = np.zeros(len(ids) + 1, bool)
    parted[starts[[own.startswith(" ") for own in cut]]] = not vocabulary.of_tokens
    lone = np.isin(np.arange(len(read)) + len(table), [chunk.owner for chunk in chunks])  # a blank before END
    ends = np.cumsum(of_rows)
    owners = np.insert(np.repeat([chunk.owner for chunk in chunks], lengths), ends, len(table) + np.arange(len(read)))
    before_end = ~lone & (of_rows > 0) & (not vocabulary.of_tokens)
    size = (len("\n".join(texts).encode()), len(table)) if vocabulary.scale.columns else None
    split = SplitText([], ids, of_rows, 0, size, [each.sentence for each in read], lines)
    found = Cut(split, given_rows(given, words), owners, np.insert(parted[:-1], ends, before_end))
    return found, recut(run, vocabulary, texts, chunks, np.split(ids, starts[1:]), len(table))


def given_rows(given: Sequence[GivenSentence], words: Sequence[str]) -> list[Row]:
    """Return a row for each of the `words` in the sentences, and then for the END of each sentence that is read."""
    rows, ends = [], []
    for number, (spans, (line, first, text)) in enumerate(given, 1):
        for place, (row, (start, stop)) in enumerate(spans.items(), 1):
            rows.append(Row(line, number, place, words[row], start, stop - start))
        if text:
            ends.append(Row(line, number, len(spans) + 1, END_OF_SENTENCE, first + len(text.rstrip()), 0))
    return rows + ends


def chunks_of(sentences: Sequence[GivenSentence], words: int) -> list[Chunk]:
    """Return the words of sentences that are read, each with the blank before it, and the blank before END.

    END's row has the number of `words` and that of its sentence.
    """
    chunks, base = [], 0
    for number, (spans, (_, first, text)) in enumerate(sentences):
        at, shift = first, base - first
        for row, (start, stop) in spans.items():
            if start < stop:
                chunks.append(Chunk(row, number, at + shift, stop + shift))
                at = stop
        base += len(text)
        if at + shift < base:
            chunks.append(Chunk(words + number, number, at + shift, base))
    return chunks


def recut(
    run: RunFolder, vocabulary: "Vocabulary", texts: list[str], chunks: list[Chunk], ids: list[np.ndarray], words: int
) -> list[bool]:
    """Return for each of the `words` whether the `ids` of its chunk differ from those of the sentences' `texts`."""
    whole, counts = encoded(run, vocabulary, texts)
    sizes = np.array([len(text) for text in texts])
    starts = starts_of(run, vocabulary, texts) + np.repeat(np.cumsum(sizes) - sizes, counts)
    found = [False] * words
    for chunk, own in zip(chunks, ids, strict=True):
        if chunk.owner < words:
            first, stop = np.searchsorted(starts, (chunk.start, chunk.stop))
            found[chunk.owner] = not np.array_equal(whole[first:stop], own)
    return found


def encoded(run: RunFolder, vocabulary: "Vocabulary", texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the ids of texts, one after another, and the number of ids of each."""
    _, ids, lengths = vocabulary.encode(texts, lambda: run.split_rows(texts))
    return ids, lengths


def with_surprisals(table: WordRows, scored: Surprisals, cut_anew: list[bool]) -> WordTable:
    """Return the table with columns for the surprisals of its words; columns that it has stay as they are."""
    rows = []
    for given, own, anew in zip(table, scored.table(), cut_anew, strict=False):
        added = {**own, RECUT: anew}
        rows.append({**given, **{name: value for name, value in added.items() if name not in given}})
    return WordTable(rows, scored.total_bits, scored.end_bits)
