"""How much of what a model wrote it has read: a small one learns its training lines by heart."""

from collections.abc import Sequence
from typing import NamedTuple

Line = Sequence[str]  # its words
GRAM = 4  # words of which few runs occur twice by chance


class Novelty(NamedTuple):
    """Of lines beside a source: the most words in a row, within a line, that stand so in a line of the source; the
    share of their 4-grams that do not, None where no line has four words; the share of lines that are there whole."""

    longest_run: int
    novel_4grams: float | None
    copied_lines: float


class Source:
    """The lines that others are compared with; remembers their n-grams."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = {tuple(line) for line in lines}
        self._grams: dict[int, set[Line]] = {}

    def compare(self, lines: Sequence[Line]) -> Novelty:
        """How new `lines` are, one or more; a 4-gram that occurs in several counts each time."""
        run = 0
        while any(gram in self._of(run + 1) for line in lines for gram in grams(line, run + 1)):
            run += 1
        fours = [gram for line in lines for gram in grams(line, GRAM)]
        novel = sum(gram not in self._of(GRAM) for gram in fours) / len(fours) if fours else None
        return Novelty(run, novel, sum(tuple(line) in self.lines for line in lines) / len(lines))

    def _of(self, length: int) -> set[Line]:
        if length not in self._grams:
            self._grams[length] = {gram for line in self.lines for gram in grams(line, length)}
        return self._grams[length]


def grams(line: Line, length: int) -> list[Line]:
    """The runs of `length` words in a line."""
    return [tuple(line[start : start + length]) for start in range(len(line) - length + 1)]
