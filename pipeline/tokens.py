"""Stage: prose to sequences of words, and the count of every word.

Each shard of articles becomes `part-NNNNN.parquet` (one article per row: its sequences as indexes of
words) and `words-NNNNN.parquet` (the shard's full vocabulary, sorted, with counts; a word's row number is
its index). No shard needs another, so memory does not grow with the dump.
"""

from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.records.text import TokensStats, WikiRecord
from pipeline.run.command import stage
from pipeline.run.console import Metrics, progress, say
from pipeline.run.errors import UserError
from pipeline.run.outputs import whole_directory, workers_folder
from pipeline.run.workers import map_in_order
from pipeline.settings.checked import checked_params
from pipeline.settings.text_sections import Tokens
from pipeline.words.layout import read_shard, shards, stats_path, words_path
from pipeline.words.sentences import split_text
from pipeline.words.words import offsets_of, only_long, split_words


@stage
def main(articles: Path, tokens: Path) -> Metrics:
    """Split the ARTICLES shards into sequences of words and count every word, into TOKENS."""
    params = checked_params("tokens")
    unit = params.tokens.unit
    wiki = WikiRecord.read(stats_path(articles))
    paths, totals = shards(articles), Counter[str]()
    with whole_directory(tokens) as directory:
        with workers_folder(directory) as folder:
            tokenize = partial(tokenize_shard, directory=folder, params=params.tokens, language=wiki.language)
            for path, counts in progress("tokens", len(paths), "shard", map_in_order(tokenize, paths, params.runtime)):
                for own in (path, words_path(path)):
                    (folder / own.name).replace(directory / own.name)
                totals.update(counts)
        if not totals["tokens"]:
            raise UserError(f"{articles}: no {unit} of {params.tokens.fewest_words or 1} or more words in it")
        dropped = {"no_sequence": totals["in"] - totals["kept"]}
        TokensStats(articles=totals.pop("in"), **totals, dropped=dropped, splits=wiki.splits).write(
            directory / "stats.json"
        )
    if wiki.splits and unit != "line":
        say(f"tokens: each line is split anew, by {unit}s; if the text is already tokenized, set tokens.unit to line")
    say(f"tokens: {totals['tokens']:,} tokens in {totals['sequences']:,} {unit}s of {totals['kept']:,} articles")
    return {"articles": totals["kept"], "sequences": totals["sequences"], "tokens": totals["tokens"]}


def tokenize_shard(path: Path, directory: Path, params: Tokens, language: str) -> dict[str, int]:
    """Tokenize one shard of articles into `directory`; return the articles `in` and `kept`, and the counts."""
    table = read_shard(path, "page_id", "title", "text")
    split = [list(split_text(text.as_py(), params.unit, language)) for text in table["text"]]
    words, lengths = split_words([sequence for sequences in split for sequence in sequences], language, params)
    article_of = np.repeat(np.arange(len(split)), [len(sequences) for sequences in split])
    words, kept = only_long(words, lengths, params.fewest_words)
    per_article = np.bincount(article_of[kept], minlength=len(split))
    return write_shard(directory / path.name, table, per_article, lengths[kept], words)


def write_shard(
    path: Path, articles: pa.Table, per_article: np.ndarray, lengths: np.ndarray, words: pa.DictionaryArray
) -> dict[str, int]:
    """Write the `words` of a shard's articles; each article has so many sequences, with these `lengths`."""
    vocabulary, indexes, counts = index_words(words)
    sequences = pa.ListArray.from_arrays(offsets_of(lengths), pa.array(indexes))
    own = pa.ListArray.from_arrays(offsets_of(per_article), sequences)
    rows = articles.select(["page_id", "title"]).append_column("sequences", own).filter(pa.array(per_article > 0))
    pq.write_table(rows, path, compression="zstd", use_dictionary=False)
    pq.write_table(pa.table({"word": vocabulary, "count": counts}), words_path(path), compression="zstd")
    return {"in": len(articles), "kept": len(rows), "sequences": len(lengths), "tokens": len(indexes)}


def index_words(words: pa.DictionaryArray) -> tuple[pa.StringArray, np.ndarray, np.ndarray]:
    """Return the distinct `words` sorted by code point, each word's index among them (uint32), and their counts."""
    counts = np.bincount(words.indices.to_numpy(), minlength=len(words.dictionary))
    order = pc.array_sort_indices(words.dictionary).to_numpy()
    order = order[counts[order] > 0]  # without the words of dropped sequences
    rank = np.empty(len(counts), np.uint32)
    rank[order] = np.arange(len(order), dtype=np.uint32)
    return words.dictionary.take(pa.array(order)), rank[words.indices.to_numpy()], counts[order]


if __name__ == "__main__":
    main()
