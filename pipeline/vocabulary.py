"""Stage: the most frequent words, and the remap from each shard's full vocabulary to them."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from pipeline.run.console import Metrics, progress, say, stage
from pipeline.run.outputs import read_json, shards, whole_directory, workers_folder, write_json
from pipeline.run.tables import write_table
from pipeline.settings import load_params
from pipeline.store.vocabulary import WORDS, Vocabulary
from pipeline.text.counting import merge_counts, most_frequent
from pipeline.vectors.questions import google_questions, listed, question_files, words_asked


@stage
def main(tokens: Path, questions: Path, vocabulary: Path, remaps: Path, counts: Path) -> Metrics:
    """Choose the VOCABULARY from the counts in TOKENS, and write into REMAPS each shard's old-to-new mapping.

    COUNTS says how many words occur how often, rare ones too.

    Says which words of the analogies in QUESTIONS it lacks, and which lines are malformed, before any model is trained
    without them.
    """
    list(question_files(questions))  # raises an error before the work is done
    size = load_params(stage="vocabulary").vocabulary.size
    stats = read_json(tokens / "stats.json")
    with whole_directory(remaps) as directory:
        with workers_folder(directory) as scratch:
            merged = merge_counts(shards(tokens, "words"), scratch)
            frequent, histogram = most_frequent(merged, size - WORDS.start)  # START and END count
        distinct, kept = histogram.total(), len(frequent)
        known = sum(count for _, count in frequent)
        chosen = Vocabulary.of(frequent, rows=stats["sequences"], unknown=stats["tokens"] - known)
        write_remaps(tokens, directory, chosen)
        write_json(directory / "stats.json", {"in": distinct, "kept": kept, "dropped": {"rare": distinct - kept}})
    chosen.write(vocabulary)
    write_table(counts, [{"count": count, "words": words} for count, words in sorted(histogram.items(), reverse=True)])

    coverage = known / stats["tokens"]
    say(f"vocabulary: {kept:,} of {distinct:,} distinct words cover {coverage:.1%} of the text")
    report_questions(set(chosen.words), questions)
    return {
        "distinct_words": distinct,
        "words": kept,
        "vocabulary_size": len(chosen),
        "coverage": coverage,
        "least_count": frequent[-1][1],
    }


def write_remaps(tokens: Path, directory: Path, vocabulary: Vocabulary) -> None:
    """Write `remap-NNNNN.npy` for each `words-NNNNN.parquet` in `tokens`: index of a word to its id."""
    paths = shards(tokens, "words")
    with progress("vocabulary", len(paths), "shard") as bar:
        for path in paths:
            words = pq.read_table(path, columns=["word"])["word"].combine_chunks()
            np.save(directory / f"{path.stem.replace('words', 'remap')}.npy", vocabulary.remap(words))
            bar.update()


def report_questions(words: set[str], questions: Path) -> None:
    """Say which words the analogy questions need, by file, and the vocabulary lacks; and which lines are malformed."""
    google = words_asked(google_questions(words))
    say(f"vocabulary: it has {len(google & words):,} of the {len(google):,} words of Google's analogies")
    for file in question_files(questions, words):
        needed = words_asked(file.questions)
        missing = listed(sorted(needed - words)) or "none"
        say(f"vocabulary: of the {len(needed):,} words of {file.name} it lacks: {missing}")
        if file.malformed:
            say(f"vocabulary: {file.name}: {len(file.malformed):,} malformed line(s) left out; {file.malformed[0]}")


if __name__ == "__main__":
    main()
