"""Stage: prose to sequences of words, and the count of every word.

Each shard of articles becomes, on its own, `part-NNNNN.parquet` (an article a row: its sequences as
indexes of words) and `words-NNNNN.parquet` (the shard's full vocabulary, sorted, with counts; a word's
row number is its index). No shard needs another, so memory does not grow with the dump.
"""

from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.run.console import Metrics, UserError, progress, say, stage
from pipeline.run.outputs import read_json, shards, whole_directory, whole_file, workers_folder, write_json
from pipeline.run.workers import map_in_order
from pipeline.settings import load_params
from pipeline.text.settings import Tokens
from pipeline.text.splitting.sentences import split_text
from pipeline.text.splitting.words import offsets_of, only_long, split_words


@stage
def main(articles: Path, tokens: Path) -> Metrics:
    """Split the ARTICLES shards into sequences of words and count every word, into TOKENS."""
    params = load_params(stage="tokens")
    unit = params.tokens.unit
    stats = read_json(articles / "stats.json")
    totals = {"in": 0, "kept": 0, "sequences": 0, "tokens": 0}
    paths = shards(articles)
    with whole_directory(tokens) as directory:
        with workers_folder(directory) as folder, progress("tokens", len(paths), "shard") as bar:
            work = partial(tokenize_shard, directory=folder, params=params.tokens, language=stats["language"])
            for path, counts in map_in_order(work, paths, params.runtime):
                for name in (path.name, words_name(path)):
                    (folder / name).replace(directory / name)
                for key, count in counts.items():
                    totals[key] += count
                bar.update()
        if not totals["tokens"]:
            raise UserError(f"{articles}: no {unit} of {params.tokens.fewest_words or 1} or more words in it")
        dropped = {"no_sequence": totals["in"] - totals["kept"]}
        splits = {"splits": stats["splits"]} if "splits" in stats else {}
        write_json(directory / "stats.json", {**totals, "dropped": dropped, **splits})
    if "splits" in stats and unit != "line":
        say(f"tokens: each line is split anew, by {unit}s; if the text is already tokenized, set tokens.unit to line")
    say(f"tokens: {totals['tokens']:,} tokens in {totals['sequences']:,} {unit}s of {totals['kept']:,} articles")
    return {"articles": totals["kept"], "sequences": totals["sequences"], "tokens": totals["tokens"]}


def tokenize_shard(path: Path, directory: Path, params: Tokens, language: str) -> dict[str, int]:
    """Tokenize one shard of articles into `directory`; returns what came `in`, was `kept`, and the counts."""
    table = pq.read_table(path)
    split = [list(split_text(text.as_py(), params.unit, language)) for text in table["text"]]
    words, lengths = split_words([sequence for sequences in split for sequence in sequences], language, params)
    article_of = np.repeat(np.arange(len(split)), [len(sequences) for sequences in split])
    words, kept = only_long(words, lengths, params.fewest_words)
    lengths, article_of = lengths[kept], article_of[kept]

    vocabulary, indexes, counts = index_words(words)
    sequences = pa.ListArray.from_arrays(offsets_of(lengths), pa.array(indexes))
    per_article = np.bincount(article_of, minlength=len(split))
    rows = pa.table(
        {
            "page_id": table["page_id"],
            "title": table["title"],
            "sequences": pa.ListArray.from_arrays(offsets_of(per_article), sequences),
        }
    ).filter(pa.array(per_article > 0))
    with whole_file(directory / path.name) as file:
        pq.write_table(rows, file, compression="zstd", use_dictionary=False)
    with whole_file(directory / words_name(path)) as file:
        pq.write_table(pa.table({"word": vocabulary, "count": counts}), file, compression="zstd")
    return {"in": len(split), "kept": len(rows), "sequences": len(lengths), "tokens": len(indexes)}


def words_name(shard: Path) -> str:
    """Return the name of the file for a shard's words."""
    return shard.name.replace("part", "words")


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
