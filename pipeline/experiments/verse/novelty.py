"""How much of a written text is copied from a source: a small model learns its training lines by heart."""

from collections.abc import Sequence
from typing import NamedTuple

Line = Sequence[str]  # its words
NOVEL_WORDS = 4  # in a row; few runs of so many words occur twice by chance


class Novelty(NamedTuple):
    """How lines differ from those of a source.

    The length of the longest run of words, within a line, that a line of the source has, too; the share of 4-grams
    that the source lacks, None if no line has four words; the share of lines that the source has as a whole.
    """

    longest_run: int
    novel_4grams: float | None
    copied_lines: float


class Source:
    """Lines that others are compared with, and their n-grams."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = {tuple(line) for line in lines}
        self._ngrams: dict[int, set[Line]] = {}

    def compare(self, lines: Sequence[Line]) -> Novelty:
        """Return the novelty of one or more `lines`; a 4-gram counts each time it occurs."""
        run = 0
        while any(ngram in self._of(run + 1) for line in lines for ngram in ngrams(line, run + 1)):
            run += 1
        fours = [ngram for line in lines for ngram in ngrams(line, NOVEL_WORDS)]
        novel = sum(ngram not in self._of(NOVEL_WORDS) for ngram in fours) / len(fours) if fours else None
        return Novelty(run, novel, sum(tuple(line) in self.lines for line in lines) / len(lines))

    def _of(self, length: int) -> set[Line]:
        if length not in self._ngrams:
            self._ngrams[length] = {ngram for line in self.lines for ngram in ngrams(line, length)}
        return self._ngrams[length]


def ngrams(line: Line, length: int) -> list[tuple[str, ...]]:
    """Return all runs of `length` words in a line."""
    return [tuple(line[start : start + length]) for start in range(len(line) - length + 1)]
