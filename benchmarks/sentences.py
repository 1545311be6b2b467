"""Sentence splitters compared with treebanks, and the time of splitting in the stage `tokens`.

`python -m benchmarks.sentences DIR [--dumps FOLDER] [--runs N]` prints the tables. DIR holds `XX-dev.jsonl` files: a
line is a paragraph, a list of its sentences. FOLDER holds dumps called `XX-wiki.xml.bz2`; the second table shows how
many of their sentences begin in lower case, and the CPU time of `tokens` with this project's splitter and sentencex.
"""

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import mean, median
from time import process_time
from typing import NamedTuple
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq
from icu4py.breakers import SentenceBreaker
from sentencex import segment

from benchmarks.measure import RUNS
from pipeline.dumps.dump import pages, whole
from pipeline.extract import reason_to_drop
from pipeline.settings.text_sections import Tokens
from pipeline.tokens import tokenize_shard
from pipeline.wikitext import strip_markup
from pipeline.words.sentences import split_sentences

Splitter = Callable[[str, str], list[str]]

SPLITTERS: dict[str, Splitter] = {
    "ours": split_sentences,
    "sentencex": lambda paragraph, language: segment(language, paragraph),
    "ICU": lambda paragraph, language: list(SentenceBreaker(paragraph, language)),
}
MEASURED_BYTES = 1_000_000  # a treebank is split repeatedly until this many are reached


class Score(NamedTuple):
    """Boundaries inside paragraphs, counted."""

    right: int
    missed: int
    made_up: int

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall, in per cent."""
        return 200 * self.right / (2 * self.right + self.missed + self.made_up)


def read_paragraphs(path: Path) -> list[list[str]]:
    """Return the paragraphs of a treebank's file as lists of sentences."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def boundaries(sentences: list[str]) -> set[int]:
    """Return where sentences end in their paragraph, in characters that are not blank, without the paragraph's end."""
    found, position = {0}, 0
    for sentence in sentences:
        position += len("".join(sentence.split()))
        found.add(position)
    return found - {0, position}


def score(paragraphs: list[list[str]], split: Splitter, language: str) -> Score:
    """Compare the boundaries that a splitter finds with the treebank's."""
    right = missed = made_up = 0
    for sentences in paragraphs:
        gold, found = boundaries(sentences), boundaries(split(" ".join(sentences), language))
        right, missed, made_up = right + len(gold & found), missed + len(gold - found), made_up + len(found - gold)
    return Score(right, missed, made_up)


def marks_missed(paragraphs: list[list[str]], language: str) -> Counter[str]:
    """Return how many boundaries this project misses, by the last sign before them that closes no quote or bracket."""
    missed: Counter[str] = Counter()
    for sentences in paragraphs:
        text = "".join("".join(sentences).split())
        for end in boundaries(sentences) - boundaries(split_sentences(" ".join(sentences), language)):
            sign = text[:end].rstrip("\"'”’»)]")[-1:]
            missed[sign if sign in ".:;" else "another mark" if sign in "!?…" else "no mark"] += 1
    return missed


def speeds(texts: list[str], language: str, runs: int) -> dict[str, float]:
    """Return each splitter's megabytes of UTF-8 a second of CPU time: medians of runs in turn."""
    size = sum(len(text.encode()) for text in texts)
    times = max(1, MEASURED_BYTES // size)
    taken: dict[str, list[float]] = {name: [] for name in SPLITTERS}
    for _ in range(runs):
        for name, split in SPLITTERS.items():
            begin = process_time()
            for _ in range(times):
                for text in texts:
                    split(text, language)
            taken[name].append(process_time() - begin)
    return {name: size * times / 1e6 / median(seconds) for name, seconds in taken.items()}


def print_treebanks(folder: Path, runs: int) -> None:
    """Print a line for each treebank, and the means."""
    print(f"{'':<5}{'F1 of boundaries':>30}{'ours':>17}{'MB/s':>30}")
    print(f"{'':<5}{''.join(f'{name:>10}' for name in SPLITTERS)}{'missed':>8}{'made up':>9}", end="")
    print("".join(f"{name:>10}" for name in SPLITTERS))
    figures: list[list[float]] = []
    missed: Counter[str] = Counter()
    for path in sorted(folder.glob("*-dev.jsonl")):
        language = path.name.partition("-")[0]
        paragraphs = read_paragraphs(path)
        scores = {name: score(paragraphs, split, language) for name, split in SPLITTERS.items()}
        rates = speeds([" ".join(sentences) for sentences in paragraphs], language, runs)
        ours = scores["ours"]
        figures.append([*(found.f1 for found in scores.values()), ours.missed, ours.made_up, *rates.values()])
        missed += marks_missed(paragraphs, language)
        print_line(language, figures[-1])
    print_line("mean", [mean(column) for column in zip(*figures, strict=True)])
    print(f"missed, by the sign before: {', '.join(f'{sign} {count}' for sign, count in missed.most_common())}")


def print_line(name: str, figures: list[float]) -> None:
    """Print a language's figures: three F1, two counts, three speeds."""
    print(f"{name:<5}{''.join(f'{figure:>10.1f}' for figure in figures[:3])}", end="")
    print(f"{figures[3]:>8.0f}{figures[4]:>9.0f}{''.join(f'{figure:>10.0f}' for figure in figures[5:])}")


def articles(path: Path) -> list[str]:
    """Return the prose of a dump's articles."""
    dump = whole(path)
    return [strip_markup(page.text, dump.site) for page in pages(dump) if not reason_to_drop(page)]


def lower_case(texts: list[str], split: Splitter, language: str) -> tuple[int, float]:
    """Return the number of sentences in articles, and the share of them that begins in lower case, in per cent."""
    sentences = [
        sentence
        for text in texts
        for line in text.split("\n")
        for sentence in split(line, language)
        if sentence.strip()
    ]
    return len(sentences), 100 * mean(sentence.strip()[0].islower() for sentence in sentences)


def tokens_seconds(texts: list[str], language: str, runs: int) -> tuple[float, float]:
    """Return the median CPU seconds of `tokens` for articles, with this project's splitter and with sentencex."""

    def peer(text: str, unit: str, language: str) -> Iterator[str]:
        for paragraph in text.split("\n"):
            yield from segment(language, paragraph)

    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as folder:
        shard = Path(folder) / "part-00000.parquet"
        column = pa.array([str(number) for number in range(len(texts))])
        pq.write_table(pa.table({"page_id": column, "title": column, "text": texts}), shard)
        (Path(folder) / "out").mkdir()
        work = partial(tokenize_shard, shard, Path(folder) / "out", Tokens(), language)
        times = max(1, MEASURED_BYTES // sum(len(text.encode()) for text in texts))
        for _ in range(runs + 1):
            ours.append(cpu_seconds(work, times))
            with patch("pipeline.tokens.split_text", peer):
                theirs.append(cpu_seconds(work, times))
    return median(ours[1:]), median(theirs[1:])  # the first runs load modules and tables


def cpu_seconds(work: Callable[[], object], times: int) -> float:
    """Return the CPU time of one of so many calls."""
    begin = process_time()
    for _ in range(times):
        work()
    return (process_time() - begin) / times


def print_dumps(folder: Path, runs: int) -> None:
    """Print a line for each dump."""
    print(f"\n{'':<5}{'ours':<18}{'sentencex':<18}{'CPU of tokens':<20}")
    print(f"{'':<5}{'sentences':>9}{'lower':>8} {'sentences':>9}{'lower':>8}{'MB/s':>9}{'ratio':>7}")
    for path in sorted(folder.glob("*-wiki.xml.bz2")):
        language = path.name.partition("-")[0]
        texts = articles(path)
        many, share = lower_case(texts, SPLITTERS["ours"], language)
        peers, peer_share = lower_case(texts, SPLITTERS["sentencex"], language)
        ours, theirs = tokens_seconds(texts, language, runs)
        speed = sum(len(text.encode()) for text in texts) / 1e6 / ours
        print(f"{language:<5}{many:>9}{share:>7.1f}% {peers:>9}{peer_share:>7.1f}%{speed:>9.1f}{ours / theirs:>7.2f}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("treebanks", type=Path, metavar="DIR", help="folder of XX-dev.jsonl files")
    parser.add_argument("--dumps", type=Path, metavar="FOLDER", help="folder of XX-wiki.xml.bz2 dumps")
    parser.add_argument("--runs", type=int, default=RUNS, help="timed runs of each splitter (default %(default)s)")
    arguments = parser.parse_args()
    print_treebanks(arguments.treebanks, arguments.runs)
    if arguments.dumps:
        print_dumps(arguments.dumps, arguments.runs)


if __name__ == "__main__":
    main()
