"""Sentence splitters compared with treebanks: a paragraph a line, each a list of its sentences."""

import json
from collections.abc import Callable
from statistics import mean, median
from time import process_time

from icu4py.breakers import SentenceBreaker
from sentencex import segment

from benchmarks.measure import SHARED, seconds
from pipeline.words.sentences import split_sentences

TREEBANKS = SHARED / "data/sentences"  # XX-dev.jsonl, by language
Splitter = Callable[[str, str], list[str]]

SPLITTERS: dict[str, Splitter] = {
    "ours": split_sentences,
    "sentencex": lambda paragraph, language: segment(language, paragraph),
    "ICU": lambda paragraph, language: list(SentenceBreaker(paragraph, language)),
}
MEASURED_BYTES = 1_000_000  # a treebank is split repeatedly until this many are reached


def treebanks() -> dict[str, list[list[str]]]:
    """Return the paragraphs of each treebank as lists of sentences, by language."""
    return {
        path.name.partition("-")[0]: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for path in sorted(TREEBANKS.glob("*-dev.jsonl"))
    }


def boundaries(sentences: list[str]) -> set[int]:
    """Return where sentences end in their paragraph, in characters that are not blank, without the paragraph's end."""
    found, position = {0}, 0
    for sentence in sentences:
        position += len("".join(sentence.split()))
        found.add(position)
    return found - {0, position}


def score(
    paragraphs: list[list[str]], language: str, split: Splitter = split_sentences, gap: str = " "
) -> tuple[float, int, int]:
    """Return the F1 of a splitter's boundaries inside paragraphs, in per cent, and how many it misses and makes up.

    `gap` stands between the sentences of a paragraph.
    """
    right = missed = made_up = 0
    for sentences in paragraphs:
        gold, found = boundaries(sentences), boundaries(split(gap.join(sentences), language))
        right, missed, made_up = right + len(gold & found), missed + len(gold - found), made_up + len(found - gold)
    return 200 * right / (2 * right + missed + made_up), missed, made_up


def speeds(texts: list[str], language: str, runs: int) -> list[float]:
    """Return each splitter's megabytes of UTF-8 a second of CPU time: medians of runs in turn."""
    size = sum(len(text.encode()) for text in texts)
    times = max(1, MEASURED_BYTES // size)
    taken: dict[str, list[float]] = {name: [] for name in SPLITTERS}
    for _ in range(runs):
        for name, split in SPLITTERS.items():
            work = lambda split=split: [split(text, language) for _ in range(times) for text in texts]  # noqa: E731
            taken[name].append(seconds(work, process_time))
    return [size * times / 1e6 / median(found) for found in taken.values()]


def print_table(runs: int) -> dict[str, float]:
    """Print a line for each treebank, and the means; return the mean F1 of each splitter."""
    names = "".join(f"{name:>10}" for name in SPLITTERS)
    print(f"{'':<5}{'F1 of boundaries':>30}{'ours':>17}{'MB/s':>30}\n{'':<5}{names}{'missed':>8}{'made up':>9}{names}")
    figures: list[list[float]] = []
    for language, paragraphs in treebanks().items():
        scores = [score(paragraphs, language, split) for split in SPLITTERS.values()]
        rates = speeds([" ".join(sentences) for sentences in paragraphs], language, runs)
        figures.append([*(f1 for f1, _, _ in scores), *scores[0][1:], *rates])
        print_line(language, figures[-1])
    means = [mean(column) for column in zip(*figures, strict=True)]
    print_line("mean", means)
    return {f"sentences.{splitter}": f1 for splitter, f1 in zip(SPLITTERS, means, strict=False)}


def print_line(name: str, figures: list[float]) -> None:
    """Print a language's figures: three F1, two counts, three speeds."""
    print(f"{name:<5}{''.join(f'{figure:>10.1f}' for figure in figures[:3])}", end="")
    print(f"{figures[3]:>8.0f}{figures[4]:>9.0f}{''.join(f'{figure:>10.0f}' for figure in figures[5:])}")
