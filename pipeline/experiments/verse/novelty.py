"""How much of a written text is copied from a source: a small model learns its training lines by heart."""

from collections.abc import Iterable, Sequence

from pipeline.records.experiments import Novelty

Line = Sequence[str]  # its words
NOVEL_WORDS = 4  # in a row; few runs of so many words occur twice by chance


def novelty(lines: Sequence[Line], source: Sequence[Line]) -> Novelty:
    """Return the novelty of one or more `lines` compared with a source; a 4-gram counts each time it occurs."""
    run = 0
    while not _known(lines, run + 1).isdisjoint(_known(source, run + 1)):
        run += 1
    known, whole = _known(source, NOVEL_WORDS), set(map(tuple, source))
    novel = [ngram not in known for line in lines for ngram in ngrams(line, NOVEL_WORDS)]
    copied = sum(tuple(line) in whole for line in lines) / len(lines)
    share = sum(novel) / len(novel) if novel else None
    return Novelty(longest_run=run, novel_4grams=share, copied_lines=copied)


def _known(lines: Iterable[Line], length: int) -> set[tuple[str, ...]]:
    return {ngram for line in lines for ngram in ngrams(line, length)}


def ngrams(line: Line, length: int) -> list[tuple[str, ...]]:
    """Return all runs of `length` words in a line."""
    return [tuple(line[start : start + length]) for start in range(len(line) - length + 1)]
