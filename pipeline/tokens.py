"""Stage: prose to sequences of words, and the count of every word.

Each shard of articles becomes, on its own, `part-NNNNN.parquet` (an article a row: its sequences as
indexes of words) and `words-NNNNN.parquet` (the shard's full vocabulary, sorted, with counts; a word's
row number is its index). No shard needs another, so memory does not grow with the dump.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from icu4py.breakers import WordBreaker
from sentencex import segment

from pipeline.corpus.articles import shards
from pipeline.run.console import Metrics, UserError, progress, say, stage
from pipeline.run.files import read_json, whole_directory, write_json
from pipeline.run.params import Tokens, load_params

# A dash or a slash parts two words ("1939–1945", "and/or"); a hyphen or an apostrophe joins one, as in the book.
# Two marks part words too: the zero-width space of Khmer and Thai, and Tibetan's between syllables.
PARTING = r"[–—―/\\|…་༌\x{200B}]+|--+"
# Punctuation and symbols of any script, and invisible marks: of direction, of variants, soft hyphens.
REMOVED = (
    r"[\p{P}\p{S}\x{0080}-\x{0084}\x{0086}-\x{009F}\x{00AD}\x{061C}\x{200E}\x{200F}"
    r"\x{202A}-\x{202E}\x{2060}-\x{2069}\x{FE00}-\x{FE0F}\x{FEFF}]+"
)

# Thai, Lao, Burmese, Khmer, kana, Han: written without spaces, so ICU's dictionaries look for the words.
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U000323af]+"
)


@stage
def main(articles: Path, tokens: Path) -> Metrics:
    """Split the ARTICLES shards into sequences of lower-cased words and count every word, into TOKENS."""
    params = load_params().tokens
    language = read_json(articles / "stats.json")["language"]
    totals = {"in": 0, "kept": 0, "sequences": 0, "tokens": 0}
    paths = shards(articles)
    with whole_directory(tokens) as directory, progress("tokens", len(paths), "shard") as bar:
        for path in paths:
            for key, count in tokenize_shard(path, directory, params, language).items():
                totals[key] += count
            bar.update()
        if not totals["sequences"]:
            raise UserError(f"{articles}: no {params.unit} of {params.min_words} or more words in it")
        dropped = {"no_sequence": totals["in"] - totals["kept"]}
        write_json(directory / "stats.json", {**totals, "dropped": dropped})
    say(f"tokens: {totals['tokens']:,} tokens in {totals['sequences']:,} {params.unit}s of {totals['kept']:,} articles")
    return {"articles": totals["kept"], "sequences": totals["sequences"], "tokens": totals["tokens"]}


def tokenize_shard(path: Path, directory: Path, params: Tokens, language: str) -> dict[str, int]:
    """Tokenize one shard of articles into `directory`; returns what came `in`, was `kept`, and the counts."""
    table = pq.read_table(path)
    split = [list(split_text(text.as_py(), params.unit, language)) for text in table["text"]]
    words = split_words(pa.array([sequence for sequences in split for sequence in sequences], pa.string()))
    article_of = np.repeat(np.arange(len(split)), [len(sequences) for sequences in split])
    kept = pc.list_value_length(words).to_numpy() >= params.min_words
    words, article_of = words.filter(pa.array(kept)), article_of[kept]

    vocabulary, indexes, counts = index_words(words.flatten())
    sequences = pa.ListArray.from_arrays(_offsets(pc.list_value_length(words).to_numpy()), pa.array(indexes))
    per_article = np.bincount(article_of, minlength=len(split))
    rows = pa.table(
        {
            "page_id": table["page_id"],
            "title": table["title"],
            "sequences": pa.ListArray.from_arrays(_offsets(per_article), sequences),
        }
    ).filter(pa.array(per_article > 0))
    pq.write_table(rows, directory / path.name, compression="zstd", use_dictionary=False)
    pq.write_table(
        pa.table({"word": vocabulary, "count": counts}),
        directory / path.name.replace("part", "words"),
        compression="zstd",
    )
    return {"in": len(split), "kept": len(rows), "sequences": len(words), "tokens": len(indexes)}


def split_text(text: str, unit: Literal["sentence", "paragraph"], language: str) -> Iterator[str]:
    """The paragraphs of an article, or their sentences by the rules of `language` (a Wikipedia's code)."""
    for paragraph in text.split("\n"):
        if unit == "paragraph":
            yield paragraph
        else:
            yield from segment(language, paragraph)


def split_words(sequences: pa.StringArray) -> pa.ListArray:
    """The words of each sequence: lower-cased, punctuation of any script removed, split on white space."""
    text = pc.utf8_lower(space_words(sequences))
    text = pc.replace_substring_regex(text, pattern=PARTING, replacement=" ")
    text = pc.replace_substring_regex(text, pattern=REMOVED, replacement="")
    text = pc.utf8_trim_whitespace(text)
    # Splitting "" would give one empty word, not none.
    return pc.utf8_split_whitespace(pc.if_else(pc.equal(text, ""), None, text)).fill_null([])


def space_words(sequences: pa.StringArray) -> pa.StringArray:
    """Spaces between the words of scripts that are written without; other sequences stay as they are."""
    found = pc.match_substring_regex(sequences, UNSPACED.pattern).to_numpy(zero_copy_only=False)
    if not found.any():
        return sequences
    texts = sequences.to_pylist()
    for row in np.flatnonzero(found):
        texts[row] = UNSPACED.sub(lambda run: f" {' '.join(WordBreaker(run[0], 'und'))} ", texts[row])
    return pa.array(texts, pa.string())


def index_words(words: pa.StringArray) -> tuple[pa.StringArray, np.ndarray, np.ndarray]:
    """The distinct `words` sorted by code point, each word's index among them (uint32), and their counts."""
    encoded = words.dictionary_encode()
    order = pc.array_sort_indices(encoded.dictionary).to_numpy()
    rank = np.empty(len(order), np.uint32)
    rank[order] = np.arange(len(order), dtype=np.uint32)
    indexes = rank[encoded.indices.to_numpy()]
    return encoded.dictionary.take(pa.array(order)), indexes, np.bincount(indexes, minlength=len(order))


def _offsets(lengths: np.ndarray) -> pa.Int32Array:
    return pa.array(np.concatenate(([0], np.cumsum(lengths))), pa.int32())


if __name__ == "__main__":
    main()
