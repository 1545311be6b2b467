"""The Markov models to beat, counted in training rows, and their scores at every place of a split."""

from collections.abc import Iterator, Sequence

import numpy as np

from pipeline.ngrams.markov import MarkovModel, add_one, kneser_ney
from pipeline.ngrams.ngram_counts import SortedText, text_of
from pipeline.ngrams.text import training_text
from pipeline.scores.figures import SCORE
from pipeline.store.sequences import Sequences
from pipeline.store.vocabulary import START, WORDS

LONGEST_NGRAM = 5  # words in an n-gram


def markov_models(sequences: Sequences, text: np.ndarray) -> Iterator[tuple[str, MarkovModel]]:
    """Yield models of the `training_text` of `sequences` with their names, one at a time for the sake of memory."""
    sorted_text = SortedText(text, LONGEST_NGRAM, len(sequences.vocabulary))
    end_fraction = sequences.end_fraction
    yield "unigram", add_one(sorted_text, 1, end_fraction)
    yield "bigram_add_one", add_one(sorted_text, 2, end_fraction)
    for name, order in (("bigram", 2), ("trigram", 3), ("fivegram", 5)):
        yield f"{name}_kneser_ney", kneser_ney(sorted_text, order, end_fraction)


def fivegram(sequences: Sequences, most_words: float, seed: int) -> MarkovModel:
    """Return the last of `markov_models` alone, of the text that the stage baselines counts by these settings."""
    text = SortedText(training_text(sequences, most_words, seed), LONGEST_NGRAM, len(sequences.vocabulary))
    return kneser_ney(text, LONGEST_NGRAM, sequences.end_fraction)


def score_by_markov(model: MarkovModel, sequences: Sequences, split: str) -> np.ndarray:
    """Return a model's score at each place of a split, (places,) of dtype `SCORE`; the split is read block by block.

    A place whose END is never a target, at an `end_fraction` of 0, has -inf.
    """
    scores = []
    for tokens, lengths in sequences.blocks(split):
        text = text_of(tokens, lengths)
        probabilities, best = model.predict(text)
        places = np.flatnonzero(text != START)
        block = np.empty(len(places), SCORE)
        with np.errstate(divide="ignore"):
            block["log_probability"] = np.log(probabilities[places])
        block["right"] = best[places] == text[places]
        scores.append(block)
    return np.concatenate(scores)


def next_words(model: MarkovModel, beginning: Sequence[int], number: int) -> list[tuple[int, float]]:
    """Return the likeliest ids after a row's beginning with their probabilities; without START, END and UNKNOWN."""
    size = len(model.uniform)
    text = np.tile([START, *beginning, 0], (size, 1))
    text[:, -1] = np.arange(size)
    chances = model.predict(text.ravel())[0].reshape(size, -1)[:, -1]
    best = WORDS.start + np.argsort(-chances[WORDS], kind="stable")[:number]
    return [(int(id), float(chances[id])) for id in best]
