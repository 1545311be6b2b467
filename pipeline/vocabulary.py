"""Stage: the most frequent words, or pieces of words, and the remap from each shard's own numbers to their ids."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.records.text import RemapStats, VocabularyRecord, WikiRecord
from pipeline.run.command import stage
from pipeline.run.console import Metrics, progress, say
from pipeline.run.errors import UserError
from pipeline.run.outputs import whole_directory, whole_file, workers_folder
from pipeline.run.tsv import write_table
from pipeline.run.workers import map_in_order
from pipeline.settings.checked import checked_params
from pipeline.settings.params import Params
from pipeline.store.vocabularies import Words
from pipeline.store.vocabulary import WORDS, Vocabulary, WordCount
from pipeline.words.counting import count_training, merge_counts, most_frequent
from pipeline.words.frequencies import Frequencies
from pipeline.words.layout import read_shard, remap_path, shards, stats_path, words_path
from pipeline.words.pieces import write_pieces
from pipeline.words.sentences import split_text
from pipeline.words.splits import Splits

SHARDS_AT_ONCE = 8  # whose words are looked up together: the vocabulary is hashed each time
MOST_SHARDS = 100  # of 4 MB, from which pieces are learnt: memory grows with the number of distinct words


@stage
def main(
    tokens: Path, articles: Path, vocabulary: Path, remaps: Path, counts: Path, tokenizer: Path, shown: Path
) -> Metrics:
    """Choose the VOCABULARY from the training articles in TOKENS; write each shard's old-to-new mapping into REMAPS.

    COUNTS has the number of their words by how often they occur, also for rare words. Pieces of words are learnt from
    the text of the training articles in ARTICLES, and REMAPS then also has the text of all articles as rows of pieces.
    TOKENIZER is a file of Hugging Face's tokenizers for either kind. SHOWN has what the page shows of the vocabulary.
    """
    params = checked_params("vocabulary")
    splits = Splits.read(tokens, params.index)
    with whole_directory(remaps) as directory:
        counted = count_words(tokens, directory, splits, params.vocabulary.size - WORDS.start)  # START and END count
        if not (distinct := counted.histogram.total()):
            raise UserError(f"{tokens}: its training split has no words; give more articles, or index other fractions")
        if params.vocabulary.chosen.of_tokens:
            chosen, figures = choose_words(tokens, directory, counted)
        else:
            chosen, figures = learn_vocabulary(articles, directory, params, splits)
        kept = int(figures.get("words", distinct))
        dropped = {"rare": distinct - kept}
        RemapStats(distinct=distinct, kept=kept, dropped=dropped, vocabulary=chosen.fingerprint).write(
            directory / "stats.json"
        )
    chosen.write(vocabulary)
    with whole_file(tokenizer) as path:
        path.write_text(chosen.tokenizer_file(), encoding="utf-8")
    rows = sorted(counted.histogram.items(), reverse=True)
    write_table(counts, [{"count": count, "words": words} for count, words in rows])
    texts = [chosen.text([id]) or chosen.by_id[id] for id in range(len(chosen))]
    frequencies = Frequencies(*map(np.array, zip(*rows, strict=True))).to_draw()
    VocabularyRecord(kind=params.vocabulary.kind, texts=texts, frequencies=frequencies).write(shown)
    return {"distinct_words": distinct, "vocabulary_size": len(chosen)} | figures


Chosen = tuple[Vocabulary, Metrics]


class TrainingCounts(NamedTuple):
    """The most frequent words of the training articles, the number of words by count, of rows and of all words."""

    frequent: list[WordCount]
    histogram: Counter[int]
    rows: int
    in_all: int


def count_words(tokens: Path, directory: Path, splits: Splits, number: int) -> TrainingCounts:
    """Count the words of the training articles of all shards, of which the `number` most frequent are wanted.

    The counts of each shard wait in a folder in `directory`, so that memory does not grow with the text.
    """
    rows = in_all = 0
    with workers_folder(directory) as folder:
        for path in progress("vocabulary: counts", len(paths := shards(tokens)), "shard", paths):
            table, own_rows, own_words = count_training(path, splits)
            pq.write_table(table, words_path(folder / path.name), compression="none", use_dictionary=False)
            rows, in_all = rows + own_rows, in_all + own_words
        return TrainingCounts(*most_frequent(merge_counts(folder), number), rows, in_all)


def choose_words(tokens: Path, directory: Path, counted: TrainingCounts) -> Chosen:
    """Return the vocabulary of the most frequent words; write the remaps of all words into `directory`."""
    known = sum(count for _, count in counted.frequent)
    chosen = Words.of(counted.frequent, rows=counted.rows, unknown=counted.in_all - known)
    write_remaps(tokens, directory, chosen)
    kept, distinct, coverage = len(counted.frequent), counted.histogram.total(), known / counted.in_all
    say(f"vocabulary: {kept:,} of {distinct:,} distinct words cover {coverage:.1%} of the training split")
    return chosen, {"words": kept, "coverage": coverage, "least_count": counted.frequent[-1][1]}


def learn_vocabulary(articles: Path, directory: Path, params: Params, splits: Splits) -> Chosen:
    """Return a vocabulary learnt from the training articles; write all articles as rows of it into `directory`."""
    kind = params.vocabulary.chosen
    language, paths = WikiRecord.read(stats_path(articles)).language, shards(articles)
    texts = texts_of(paths[:: -(-len(paths) // MOST_SHARDS)], params, language, splits)
    learnt = kind.learn(texts, params.vocabulary.size - WORDS.start)
    totals, rows, size = np.zeros(learnt.get_vocab_size(), np.int64), 0, 0
    with workers_folder(directory) as folder, progress("vocabulary", len(paths), "shard") as bar:
        write = partial(
            write_pieces,
            directory=folder,
            tokenizer=learnt.to_str(),
            settings=params.tokens,
            language=language,
            splits=splits,
        )
        for path, (counts, own, in_bytes) in map_in_order(write, paths, params.runtime):
            (folder / path.name).replace(directory / path.name)
            totals, rows, size = totals + counts, rows + own, size + in_bytes
            bar.update()
    chosen, new = kind.by_frequency(learnt, totals, rows)
    for path in paths:
        np.save(remap_path(directory, path), new)
    number, each = len(chosen.words), size / int(totals.sum())
    say(f"vocabulary: {number:,} {kind.called}, of {each:.2f} bytes on average")
    return chosen, {kind.many: number, f"bytes_per_{kind.one}": each}


def texts_of(paths: Sequence[Path], params: Params, language: str, splits: Splits) -> Iterator[str]:
    """Yield the texts of rows of the training articles of some shards."""
    for path in progress(f"vocabulary: {params.vocabulary.chosen.many}", len(paths), "shard", paths):
        table = read_shard(path, "page_id", "text")
        for text in table["text"].filter(pa.array(splits.training(path, table))):
            yield from split_text(text.as_py(), params.tokens.unit, language)


def write_remaps(tokens: Path, directory: Path, vocabulary: Words) -> None:
    """Write `remap-NNNNN.npy` for each `words-NNNNN.parquet` in `tokens`: index of a word to its id."""
    paths = shards(tokens, "words")
    with progress("vocabulary", len(paths), "shard") as bar:
        for start in range(0, len(paths), SHARDS_AT_ONCE):
            some = paths[start : start + SHARDS_AT_ONCE]
            shards_read = [read_shard(path, "word") for path in some]
            remap = vocabulary.remap(pa.concat_tables(shards_read)["word"].combine_chunks())
            for path, own in zip(some, np.split(remap, np.cumsum([*map(len, shards_read)])[:-1]), strict=True):
                np.save(remap_path(directory, path), own)
            bar.update(len(some))


if __name__ == "__main__":
    main()
