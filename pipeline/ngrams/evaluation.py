"""The Markov models to beat, counted in training rows, and their probabilities of every place of a split."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from pipeline.batches.rows import SequenceData
from pipeline.ngrams.counting import SortedText, text_of
from pipeline.ngrams.models import MarkovModel, add_one, kneser_ney
from pipeline.run.console import Metrics, progress
from pipeline.store.sequences import Sequences
from pipeline.store.vocabulary import START

LONGEST = 5  # words in an n-gram
ROWS_AT_ONCE = 10_000


class Places(NamedTuple):
    """What a model says of each place of a split: rows by ascending id, each its words and then END."""

    log_probabilities: np.ndarray  # natural logarithms, float32
    right: np.ndarray  # bool: the model ranks the place's word first


def markov_models(sequences: Sequences, text: np.ndarray) -> dict[str, Callable[[], MarkovModel]]:
    """Return by name what builds each model of the `training_text` of `sequences`: memory need hold one at a time."""
    sorted_text = SortedText(text, LONGEST, len(sequences.vocabulary))
    end_fraction = sequences.end_fraction
    return {
        "unigram": lambda: add_one(sorted_text, 1, end_fraction),
        "bigram_add_one": lambda: add_one(sorted_text, 2, end_fraction),
        "bigram_kneser_ney": lambda: kneser_ney(sorted_text, 2, end_fraction),
        "trigram_kneser_ney": lambda: kneser_ney(sorted_text, 3, end_fraction),
        "fivegram_kneser_ney": lambda: kneser_ney(sorted_text, 5, end_fraction),
    }


def training_text(sequences: Sequences, most_words: float = math.inf, seed: int = 0) -> np.ndarray:
    """Rows of the training split, by id, each as START, words, END; one flat array.

    All rows, or as many of them, drawn at random, as have `most_words` words.
    """
    ids, lengths = sequences.ids_and_lengths("train")
    if lengths.sum() > most_words:
        order = np.random.default_rng(seed).permutation(len(ids))
        drawn = np.sort(order[: np.searchsorted(np.cumsum(lengths[order]), most_words, "right")])
        ids, lengths = ids[drawn], lengths[drawn]
    bounds = np.concatenate([[0], np.cumsum(lengths + 2, dtype=np.int64)])
    text = np.full(bounds[-1], START, sequences.meta["dtype"])
    with progress("Markov models", len(ids), "row") as bar:
        for start in range(0, len(ids), ROWS_AT_ONCE):
            some = slice(start, start + ROWS_AT_ONCE)
            rows = sequences.rows(ids[some].tolist())
            text[bounds[start] : bounds[start + len(rows)]] = text_of(np.concatenate(rows), lengths[some])
            bar.update(len(rows))
    return text


def log_probabilities(model: MarkovModel, sequences: Sequences, split: str) -> Places:
    """Return what a model says of every place of a split, which is read block by block.

    A place whose END is never a target, at an `end_fraction` of 0, has -inf.
    """
    _, lengths = sequences.ids_and_lengths(split)
    number = int((lengths + 1).sum(dtype=np.int64))
    places = Places(np.empty(number, np.float32), np.empty(number, bool))
    done = 0
    for tokens, block_lengths in sequences.blocks(split):
        text = text_of(tokens, block_lengths)
        probabilities, best = model.predict(text)
        targets = np.flatnonzero(text != START)
        block = slice(done, done + len(targets))
        with np.errstate(divide="ignore"):
            places.log_probabilities[block] = np.log(probabilities[targets])
        places.right[block] = best[targets] == text[targets]
        done = block.stop
    return places


def evaluate(model: MarkovModel, data: SequenceData) -> Metrics:
    """Return a model's perplexity and accuracy on the targets of both held-out splits, and the numbers of targets."""
    figures: Metrics = {}
    for split in ("valid", "test"):
        places = log_probabilities(model, data.sequences, split)
        targets = targets_of(data, split)
        number = int(np.count_nonzero(targets))
        surprise = -float(places.log_probabilities[targets].sum(dtype=np.float64))
        figures |= {
            f"{split}_targets": number,
            f"{split}_perplexity": math.exp(surprise / number),
            f"{split}_accuracy": float(places.right[targets].mean()),
        }
    return figures


def targets_of(data: SequenceData, split: str) -> np.ndarray:
    """Return which places of a split are targets of `data.loader`: all words, and END where it is drawn."""
    _, lengths = data.sequences.ids_and_lengths(split)
    targets = np.ones(int((lengths + 1).sum(dtype=np.int64)), bool)
    drawn = np.random.default_rng((data.seed, 0)).random(len(lengths)) < data.sequences.end_fraction
    targets[np.cumsum(lengths + 1, dtype=np.int64) - 1] = drawn
    return targets
