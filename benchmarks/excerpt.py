"""Write a sequences.db of so many words of a run's tokens: `python -m benchmarks.excerpt TOKENS WORDS DATABASE`.

TOKENS is a folder that the stage tokens wrote. Articles are drawn at random, a tenth each for validation and test; the
vocabulary is the --size most frequent words of the training articles; END is always a target.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from pipeline.store.building import Article, build, split_of
from pipeline.store.vocabulary import Vocabulary
from pipeline.words.layout import shards, words_path

Lines = list[list[str]]


def articles_of(tokens: Path, words: int) -> Iterator[tuple[int, str, Lines]]:
    """Yield (page id, title, sentences) of articles drawn at random until they have so many words."""
    sizes = []
    for shard in shards(tokens):
        lengths = [sum(map(len, rows)) for rows in pq.read_table(shard)["sequences"].to_pylist()]
        sizes += [(shard, row, length) for row, length in enumerate(lengths)]
    order = np.random.default_rng(0).permutation(len(sizes))
    total = np.cumsum([sizes[number][2] for number in order])
    drawn = {sizes[number][:2] for number in order[: np.searchsorted(total, words) + 1]}
    for shard in shards(tokens):
        known = pq.read_table(words_path(shard))["word"].to_pylist()
        table = pq.read_table(shard)
        for row, (id, title, sequences) in enumerate(zip(*(column.to_pylist() for column in table), strict=True)):
            if (shard, row) in drawn:
                yield id, title, [[known[word] for word in line] for line in sequences]


def main() -> None:
    """Write the database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tokens", type=Path)
    parser.add_argument("words", type=int)
    parser.add_argument("database", type=Path)
    parser.add_argument("--size", type=int, default=10_000)
    arguments = parser.parse_args()
    articles = list(articles_of(arguments.tokens, arguments.words))
    train = [lines for id, _, lines in articles if split_of(id, 0.1, 0.1) == "train"]
    counts = Counter(word for lines in train for line in lines for word in line)
    frequent = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[: arguments.size - 3]
    rows = sum(map(len, train))
    vocabulary = Vocabulary.of(frequent, rows=rows, unknown=counts.total() - sum(count for _, count in frequent))

    def indexed() -> Iterator[Article]:
        for id, title, lines in articles:
            ids = vocabulary.remap(word for line in lines for word in line)
            offsets = np.cumsum([0, *map(len, lines)])
            yield Article(id, title, split_of(id, 0.1, 0.1), ids, offsets)

    build(arguments.database, indexed(), vocabulary, end_fraction=1.0)
    print(f"{len(articles):,} articles, {sum(len(line) for *_, lines in articles for line in lines):,} words")


if __name__ == "__main__":
    main()
