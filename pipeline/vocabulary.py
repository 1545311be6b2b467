"""Stage: the most frequent words, and the remap from each shard's full vocabulary to them."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.checks import checked_params
from pipeline.run.console import Metrics, progress, say, stage
from pipeline.run.errors import UserError
from pipeline.run.outputs import read_json, whole_directory, workers_folder, write_json
from pipeline.run.tsv import write_table
from pipeline.store.vocabulary import UNKNOWN_MARK, WORDS, Vocabulary
from pipeline.words.counting import merge_counts, most_frequent
from pipeline.words.layout import read_shard, shards

SHARDS_AT_ONCE = 8  # whose words are looked up together: the vocabulary is hashed each time


@stage
def main(tokens: Path, vocabulary: Path, remaps: Path, counts: Path) -> Metrics:
    """Choose the VOCABULARY from the counts in TOKENS, and write into REMAPS each shard's old-to-new mapping.

    COUNTS has the number of words by how often they occur, also for rare words. If the text has its own splits, only
    the training split gives words.
    """
    size = checked_params("vocabulary").vocabulary.size
    stats = read_json(tokens / "stats.json")
    with whole_directory(remaps) as directory:
        with workers_folder(directory) as scratch:
            merged = merge_counts(training_shards(tokens, stats.get("splits")), scratch)
            without_unknown = (table.filter(pc.not_equal(table["word"], UNKNOWN_MARK)) for table in merged)
            frequent, histogram = most_frequent(without_unknown, size - WORDS.start)  # START and END count
        distinct, kept = histogram.total(), len(frequent)
        if not kept:
            raise UserError(f"{tokens}: its training split has no words")
        *known, unknown = write_remaps(tokens, directory, Vocabulary.of(frequent, rows=0, unknown=0)).tolist()[2:]
        words = [word for word, _ in frequent]
        chosen = Vocabulary.of(list(zip(words, known, strict=True)), rows=stats["sequences"], unknown=unknown)
        write_json(directory / "stats.json", {"in": distinct, "kept": kept, "dropped": {"rare": distinct - kept}})
    chosen.write(vocabulary)
    write_table(counts, [{"count": count, "words": words} for count, words in sorted(histogram.items(), reverse=True)])

    coverage = sum(known) / stats["tokens"]
    say(f"vocabulary: {kept:,} of {distinct:,} distinct words cover {coverage:.1%} of the text")
    return {
        "distinct_words": distinct,
        "words": kept,
        "vocabulary_size": len(chosen),
        "coverage": coverage,
        "least_count": frequent[-1][1],
    }


def training_shards(tokens: Path, splits: list[str] | None) -> list[Path]:
    """Return the shards of words that give the vocabulary; `splits` has the split of each shard, or is None."""
    paths = shards(tokens, "words")
    return [path for path, split in zip(paths, splits or ["train"] * len(paths), strict=True) if split == "train"]


def write_remaps(tokens: Path, directory: Path, vocabulary: Vocabulary) -> np.ndarray:
    """Write `remap-NNNNN.npy` for each `words-NNNNN.parquet` in `tokens`: index of a word to its id.

    Return how often each id occurs in all of them (V,).
    """
    totals = np.zeros(len(vocabulary), np.int64)
    paths = shards(tokens, "words")
    with progress("vocabulary", len(paths), "shard") as bar:
        for start in range(0, len(paths), SHARDS_AT_ONCE):
            some = paths[start : start + SHARDS_AT_ONCE]
            shards_read = [read_shard(path) for path in some]
            words = pa.concat_tables(shards_read)
            remap = vocabulary.remap(words["word"].combine_chunks())
            np.add.at(totals, remap, words["count"].to_numpy())
            for path, own in zip(some, np.split(remap, np.cumsum([*map(len, shards_read)])[:-1]), strict=True):
                np.save(directory / f"{path.stem.replace('words', 'remap')}.npy", own)
            bar.update(len(some))
    return totals


if __name__ == "__main__":
    main()
