"""The Markov models to beat, counted in training rows, and their scores at every place of a split."""

from collections.abc import Iterator, Sequence

import numpy as np

from pipeline.ngrams.markov import MarkovModel, add_one, kneser_ney
from pipeline.ngrams.ngram_counts import SortedText, text_of
from pipeline.ngrams.text import training_text
from pipeline.scores.figures import SCORE
from pipeline.scores.next_words import ChancesAfter
from pipeline.settings.result_sections import NGRAM_MODELS
from pipeline.store.sequences import Sequences
from pipeline.store.vocabulary import END, START

ORDERS = dict(zip(NGRAM_MODELS, (1, 2, 2, 3, 5), strict=True))  # words in the longest n-gram
ADD_ONE = "unigram", "bigram_add_one"


def markov_models(sequences: Sequences, text: np.ndarray) -> Iterator[tuple[str, MarkovModel]]:
    """Yield models of the `training_text` of `sequences` with their names, one at a time for the sake of memory."""
    sorted_text = SortedText(text, max(ORDERS.values()), len(sequences.vocabulary))
    for name, order in ORDERS.items():
        smoothed = add_one if name in ADD_ONE else kneser_ney
        yield name, smoothed(sorted_text, order, sequences.end_fraction)


def markov_model(sequences: Sequences, name: str, most_words: float, seed: int) -> MarkovModel:
    """Return one of `markov_models`, of the text that the stage baselines counts by these settings."""
    text = SortedText(training_text(sequences, most_words, seed), ORDERS[name], len(sequences.vocabulary))
    return (add_one if name in ADD_ONE else kneser_ney)(text, ORDERS[name], sequences.end_fraction)


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


def markov_chances_after(model: MarkovModel, beginning: Sequence[int]) -> ChancesAfter:
    """Return the function that gives a model's probabilities behind the beginning of a row, float64 (rows, V)."""

    def after(rows: Sequence[Sequence[int]]) -> np.ndarray:
        contexts = [model.read(np.array([START, *beginning, *row, END]))[1][-1] for row in rows]
        return model.distributions(np.array(contexts)).astype(np.float64)

    return after
