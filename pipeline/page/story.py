"""One sentence of the test split, from the dump to what a model expects in it: the story with which the page opens."""

import re
from collections import Counter
from contextlib import suppress
from difflib import SequenceMatcher
from functools import partial
from itertools import chain, islice
from typing import Any, NamedTuple

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.dumps.dump import pages
from pipeline.dumps.manifest import listed_pieces, read_manifest
from pipeline.page.frequencies import read_frequencies
from pipeline.page.perplexities import NGRAM_LABELS
from pipeline.page.results import Results
from pipeline.run.errors import UserError
from pipeline.settings.params import Params
from pipeline.store.example import FEWEST_WORDS, MOST, example
from pipeline.vectors.evaluation.choice import best_language_model
from pipeline.words.layout import shards
from pipeline.words.sentences import split_text
from pipeline.words.words import split_words

SIZES = 60  # of a vocabulary, that one can choose
MOST_PAGES = 20_000  # that are read to find the sentence's markup
SHORT = 3  # characters in which prose and markup agree by chance


class Sentence(NamedTuple):
    """A row of the test split as `extract` wrote it, its words, also those that the vocabulary lacks, and their ids."""

    row: int
    title: str
    prose: str
    words: list[str]
    ids: list[int]
    markup: str | None = None


def section(results: Results, params: Params) -> dict[str, Any] | None:
    """Return what the page tells of its sentence; None without `sequences.db`, or if the text was split otherwise."""
    if not results.sequences.path.is_file() or not (found := find_sentence(results, params)):
        return None
    unknown = results.sequences.vocabulary.unknown
    return {
        **found._asdict(),
        "known": [id != unknown for id in found.ids],
        "fits": bool(FEWEST_WORDS <= results.sequences.ids_and_lengths("test")[1][found.row] <= MOST),
        "vocabulary": slider(results, found),
        "learning": learning(results, found),
    }


def find_sentence(results: Results, params: Params) -> Sentence | None:
    """Return the sentence of `example` with the text that it was made from."""
    sequences = results.sequences
    row, ids = example(sequences)
    article = int(sequences.article_ids("test")[row])
    if given_back := sequences.vocabulary.given_back(ids.tolist()):
        prose, words = given_back
        return Sentence(row, sequences.title(article), prose, words, ids.tolist(), markup(results, article, prose))
    language = results.json("articles.json").get("language", "en")
    table = pq.read_table(results.data / "articles", filters=pc.field("page_id") == article)
    for title, text in zip(table["title"].to_pylist(), table["text"].to_pylist(), strict=True):
        for prose in split_text(text, params.tokens.unit, language):
            words, found, _ = sequences.vocabulary.encode(
                [prose], partial(split_words, [prose], language, params.tokens)
            )
            if np.array_equal(found[:MOST], ids):
                shown = " ".join(prose.split()[: MOST if len(words) > MOST else None])
                return Sentence(row, title, shown, words[:MOST], ids.tolist(), markup(results, article, shown))
    return None


def markup(results: Results, article: int, prose: str) -> str | None:
    """Return the wikitext of a sentence, from the first piece that both share to its last word; None without a dump."""
    text = ""
    with suppress(UserError, FileNotFoundError):  # the dump may have been moved since
        manifest = read_manifest(results.data / "raw")
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


def slider(results: Results, found: Sentence) -> dict[str, Any] | None:
    """Return the rank of each of the words, and for many sizes of a vocabulary how much of the text it loses."""
    frequencies = read_frequencies(results)
    if not frequencies or not results.kind.of_tokens:
        return None
    known, counts = len(results.sequences.vocabulary.words), Counter[str]()
    for path in shards(results.data / "tokens", "words"):
        table = pq.read_table(path, filters=pc.field("word").isin(found.words))
        counts.update(dict(zip(table["word"].to_pylist(), table["count"].to_pylist(), strict=True)))
    # The rank of a word of the vocabulary is in its id; the others' counts only say which words are as rare.
    rarer = np.searchsorted(-frequencies.counts[:-1], [-counts[word] for word in found.words])
    ranks = [
        id - 1 if id <= known + 1 else int(rank) for id, rank in zip(found.ids, frequencies.ranks[rarer], strict=True)
    ]
    sizes = np.unique([*np.geomspace(10, frequencies.ranks[-1], SIZES).astype(int), known])
    lost = (100 * (1 - frequencies.covered(sizes))).round(1)
    return {"ranks": ranks, "sizes": sizes.tolist(), "lost": lost.tolist(), "start": sizes.tolist().index(known)}


def learning(results: Results, found: Sentence) -> dict[str, Any] | None:
    """Return what the best language model expected after each epoch, and how the best n-gram model was surprised."""
    best = best_language_model(results.language_models)
    guesses = results.json(f"models/{best}/guesses.json")
    if not best or not guesses or len(guesses["epochs"][0]["bits"]) != len(found.ids):  # of another text
        return None
    known = results.sequences.vocabulary
    epochs = [
        {
            "bits": np.round(epoch["bits"], 2).tolist(),
            "guesses": [[known.text([id]) or known.by_id[id] for id in ids] for ids in epoch["guesses"]],
        }
        for epoch in guesses["epochs"]
    ]
    learnt = {"model": best, "epochs": epochs, "kept": results.language_models[best]["best_epoch"], "rival": None}
    if rival := best_language_model(results.rows("baselines", NGRAM_LABELS)):
        start = int((results.sequences.ids_and_lengths("test")[1][: found.row] + 1).sum())
        scores = np.load(results.data / "baselines" / rival / "test_scores.npy", mmap_mode="r")
        bits = -scores["log_probability"][start : start + len(found.ids)] / np.log(2)
        learnt |= {"rival": NGRAM_LABELS[rival], "surprise": bits.round(2).tolist()}
    return learnt | {"longest": max(chain(learnt.get("surprise", []), *(epoch["bits"] for epoch in epochs)))}
