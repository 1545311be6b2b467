"""Stage: the most frequent words, or pieces of words, and the remap from each shard's own numbers to their ids."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import compress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.records.text import RemapStats, TokensStats, VocabularyRecord, WikiRecord
from pipeline.run.command import stage
from pipeline.run.console import Metrics, progress, say
from pipeline.run.errors import UserError
from pipeline.run.outputs import whole_directory, whole_file, workers_folder
from pipeline.run.tsv import write_table
from pipeline.run.workers import map_in_order
from pipeline.settings.checked import checked_params
from pipeline.settings.params import Params
from pipeline.store.vocabularies import Words
from pipeline.store.vocabulary import UNKNOWN_MARK, WORDS, Vocabulary, WordCount
from pipeline.words.counting import merge_counts, most_frequent
from pipeline.words.frequencies import Frequencies
from pipeline.words.layout import read_shard, remap_path, shards, stats_path
from pipeline.words.pieces import write_pieces
from pipeline.words.sentences import split_text

SHARDS_AT_ONCE = 8  # whose words are looked up together: the vocabulary is hashed each time
MOST_SHARDS = 100  # of 4 MB, from which pieces are learnt: memory grows with the number of distinct words


@stage
def main(
    tokens: Path, articles: Path, vocabulary: Path, remaps: Path, counts: Path, tokenizer: Path, shown: Path
) -> Metrics:
    """Choose the VOCABULARY from the counts in TOKENS, and write into REMAPS each shard's old-to-new mapping.

    COUNTS has the number of words by how often they occur, also for rare words. If the text has its own splits, only
    the training split gives words. Pieces of words are learnt from the text of ARTICLES, and REMAPS then also has that
    text as rows of pieces. TOKENIZER is a file of Hugging Face's tokenizers for either kind. SHOWN has what
    the page shows of the vocabulary.
    """
    params = checked_params("vocabulary")
    stats = TokensStats.read(tokens / "stats.json")
    training = [split == "train" for split in stats.splits or ["train"] * len(shards(tokens))]
    with whole_directory(remaps) as directory:
        with workers_folder(directory) as scratch:
            merged = merge_counts(list(compress(shards(tokens, "words"), training)), scratch)
            without_unknown = (table.filter(pc.not_equal(table["word"], UNKNOWN_MARK)) for table in merged)
            # START and END count
            frequent, histogram = most_frequent(without_unknown, params.vocabulary.size - WORDS.start)
        if not (distinct := histogram.total()):
            raise UserError(f"{tokens}: its training split has no words")
        if params.vocabulary.chosen.of_tokens:
            chosen, figures = choose_words(tokens, directory, frequent, distinct)
        else:
            chosen, figures = learn_vocabulary(articles, directory, params, training)
        kept = int(figures.get("words", distinct))
        dropped = {"rare": distinct - kept}
        RemapStats(distinct=distinct, kept=kept, dropped=dropped, vocabulary=chosen.fingerprint).write(
            directory / "stats.json"
        )
    chosen.write(vocabulary)
    with whole_file(tokenizer) as path:
        path.write_text(chosen.tokenizer_file(), encoding="utf-8")
    rows = sorted(histogram.items(), reverse=True)
    write_table(counts, [{"count": count, "words": words} for count, words in rows])
    texts = [chosen.text([id]) or chosen.by_id[id] for id in range(len(chosen))]
    frequencies = Frequencies(*map(np.array, zip(*rows, strict=True))).to_draw()
    VocabularyRecord(kind=params.vocabulary.kind, texts=texts, frequencies=frequencies).write(shown)
    return {"distinct_words": distinct, "vocabulary_size": len(chosen)} | figures


Chosen = tuple[Vocabulary, Metrics]


def choose_words(tokens: Path, directory: Path, frequent: list[WordCount], distinct: int) -> Chosen:
    """Return the vocabulary of the `frequent` words; write the remaps of all words into `directory`."""
    stats = TokensStats.read(tokens / "stats.json")
    totals = write_remaps(tokens, directory, Words.of(frequent, rows=0, unknown=0))
    *known, unknown = totals[WORDS.start :].tolist()
    counted = [(word, count) for (word, _), count in zip(frequent, known, strict=True)]
    chosen = Words.of(counted, rows=stats.sequences, unknown=unknown)
    kept, coverage = len(known), sum(known) / stats.tokens
    say(f"vocabulary: {kept:,} of {distinct:,} distinct words cover {coverage:.1%} of the text")
    return chosen, {"words": kept, "coverage": coverage, "least_count": frequent[-1][1]}


def learn_vocabulary(articles: Path, directory: Path, params: Params, training: Sequence[bool]) -> Chosen:
    """Return a vocabulary learnt from the training shards; write all articles as rows of it into `directory`."""
    kind = params.vocabulary.chosen
    language, paths = WikiRecord.read(stats_path(articles)).language, shards(articles)
    some = list(compress(paths, training))
    texts = texts_of(some[:: -(-len(some) // MOST_SHARDS)], params, language)
    learnt = kind.learn(texts, params.vocabulary.size - WORDS.start)
    totals, rows, size = np.zeros(learnt.get_vocab_size(), np.int64), 0, 0
    with workers_folder(directory) as folder, progress("vocabulary", len(paths), "shard") as bar:
        write = partial(
            write_pieces, directory=folder, tokenizer=learnt.to_str(), settings=params.tokens, language=language
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


def texts_of(paths: Sequence[Path], params: Params, language: str) -> Iterator[str]:
    """Yield the texts of rows of some shards of articles."""
    for path in progress(f"vocabulary: {params.vocabulary.chosen.many}", len(paths), "shard", paths):
        for text in read_shard(path)["text"]:
            yield from split_text(text.as_py(), params.tokens.unit, language)


def write_remaps(tokens: Path, directory: Path, vocabulary: Words) -> np.ndarray:
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
                np.save(remap_path(directory, path), own)
            bar.update(len(some))
    return totals


if __name__ == "__main__":
    main()
