"""Stage: choose what the page follows through a run: a sentence of the test split, and beginnings of sentences."""

import re
from collections import Counter
from contextlib import suppress
from difflib import SequenceMatcher
from functools import partial
from itertools import chain, islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.dumps.dump import pages
from pipeline.dumps.manifest import listed_pieces, read_manifest
from pipeline.records.example import Beginning, Example, Sentence, Slider, Traced
from pipeline.records.text import WikiRecord
from pipeline.run.command import stage
from pipeline.run.console import Metrics
from pipeline.run.errors import UserError
from pipeline.settings.checked import checked_params
from pipeline.settings.text_sections import Index, Tokens
from pipeline.store.sequences import Sequences
from pipeline.words.counting import count_training
from pipeline.words.frequencies import read_frequencies
from pipeline.words.layout import shards, stats_path
from pipeline.words.sentences import split_text
from pipeline.words.splits import Splits
from pipeline.words.words import split_words

FEWEST_WORDS, MOST = 8, 16  # words of a sentence that fits on a screen
BEGINNINGS, BEGIN, ROWS_SEEN = 4, 3, 10_000  # how many, of how many words, among how many rows
SIZES = 60  # of a vocabulary, that one can choose
MOST_PAGES = 20_000  # that are read to find the sentence's markup
SHORT = 3  # characters in which prose and markup agree by chance


@stage
def main(database: Path, articles: Path, raw: Path, tokens: Path, counts: Path, example: Path, traced: Path) -> Metrics:
    """Choose a sentence of DATABASE and beginnings, and write EXAMPLE, which models read.

    TRACED has the sentence in ARTICLES and in the dump that RAW lists; TOKENS and COUNTS count its words.
    """
    params, sequences = checked_params("example"), Sequences(database)
    found = choose(sequences)
    sentence = find_sentence(sequences, found, articles, raw, params.tokens)
    ranked = slider(sequences, found.ids, sentence.words, tokens, counts, params.index) if sentence else None
    Traced(sentence=sentence, vocabulary=ranked).write(traced)
    found.write(example)
    return {}


def choose(sequences: Sequences) -> Example:
    """Return the first row of the test split with 8 to 16 words, or the first row, of which 16 words are kept.

    With it come the commonest beginnings of some training rows, without UNKNOWN, the commonest first.
    """
    ids, lengths = sequences.ids_and_lengths("test")
    row = int(np.argmax((lengths >= FEWEST_WORDS) & (lengths <= MOST)))
    some = (own[:BEGIN].tolist() for own in next(sequences.batches(ROWS_SEEN, seed=0)) if len(own) > BEGIN)
    known = Counter(tuple(own) for own in some if sequences.vocabulary.unknown not in own)
    begun = [
        Beginning(ids=list(own), text=sequences.vocabulary.text(own).strip())
        for own, _ in known.most_common(BEGINNINGS)
    ]
    place, words = int((lengths[:row] + 1).sum()), sequences.rows([int(ids[row])])[0][:MOST].tolist()
    return Example(row=row, place=place, ids=words, beginnings=begun)


def find_sentence(
    sequences: Sequences, example: Example, articles: Path, raw: Path, settings: Tokens
) -> Sentence | None:
    """Return the text that the row was made from; None if no sentence of its article has these words."""
    vocabulary, ids = sequences.vocabulary, example.ids
    article = int(sequences.article_ids("test")[example.row])
    fits = bool(FEWEST_WORDS <= sequences.ids_and_lengths("test")[1][example.row] <= MOST)

    def shown(title: str, prose: str, words: list[str]) -> Sentence:
        return Sentence(title=title, prose=prose, words=words, fits=fits, markup=markup(raw, article, prose))

    if given_back := vocabulary.given_back(ids):
        return shown(sequences.title(article), *given_back)
    language = WikiRecord.read(stats_path(articles)).language
    table = pq.read_table(articles, filters=pc.field("page_id") == article)
    for title, text in zip(table["title"].to_pylist(), table["text"].to_pylist(), strict=True):
        for sentence in split_text(text, settings.unit, language):
            words, found, _ = vocabulary.encode([sentence], partial(split_words, [sentence], language, settings))
            if np.array_equal(found[:MOST], ids):
                return shown(title, " ".join(sentence.split()[: MOST if len(words) > MOST else None]), words[:MOST])
    return None


def markup(raw: Path, article: int, prose: str) -> str | None:
    """Return the wikitext of a sentence, from the first piece that both share to its last word; None without a dump."""
    text = ""
    with suppress(UserError, FileNotFoundError):  # the dump may have been moved since
        manifest = read_manifest(raw)
        read = chain.from_iterable(map(pages, listed_pieces(manifest) if manifest.kind == "dump" else []))
        text = next((page.text for page in islice(read, MOST_PAGES) if page.id == article), "")
    words = re.findall(r"\w+", prose)
    line = max(text.splitlines(), key=lambda line: sum(word in line for word in words), default="")
    shared = SequenceMatcher(None, line, prose, autojunk=False).get_matching_blocks()
    start = end = next((block.a for block in shared if block.size >= SHORT), len(line))
    for word in words:
        end = at + len(word) if (at := line.find(word, end)) >= 0 else end
    found = line[line.rfind(" ", 0, start) + 1 : end] + line[end:].split(" ", 1)[0]
    return found if found not in ("", prose) else None


def slider(
    sequences: Sequences, ids: list[int], words: list[str], tokens: Path, counts: Path, fractions: Index
) -> Slider | None:
    """Return the rank of each of the words, and for many sizes of a vocabulary how much of the training split it loses.

    Words that do not occur in training have the rank after the last one.
    """
    frequencies = read_frequencies(counts)
    if not frequencies or not sequences.vocabulary.of_tokens:
        return None
    known, found, splits = len(sequences.vocabulary.words), Counter[str](), Splits.read(tokens, fractions)
    for path in shards(tokens):
        table, _, _ = count_training(path, splits)
        table = table.filter(pc.is_in(table["word"], pa.array(words, pa.string())))
        found.update(dict(zip(table["word"].to_pylist(), table["count"].to_pylist(), strict=True)))
    # The rank of a word of the vocabulary is in its id; the others' counts only say which words are as rare.
    rarer = np.searchsorted(-frequencies.counts, [-found[word] for word in words])
    ranked = zip(ids, np.append(frequencies.ranks, frequencies.ranks[-1] + 1)[rarer].tolist(), strict=True)
    ranks = [id - 1 if id <= known + 1 else rank for id, rank in ranked]
    sizes = np.unique([*np.geomspace(10, frequencies.ranks[-1], SIZES).astype(int), known])
    lost = (100 * (1 - frequencies.covered(sizes))).round(1)
    return Slider(ranks=ranks, sizes=sizes.tolist(), lost=lost.tolist(), start=sizes.tolist().index(known))


if __name__ == "__main__":
    main()
