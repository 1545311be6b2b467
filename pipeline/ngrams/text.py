"""The training split as a text whose n-grams are counted."""

import math

import numpy as np

from pipeline.ngrams.ngram_counts import text_of
from pipeline.run.console import progress
from pipeline.run.errors import UserError
from pipeline.store.runs import row_ids
from pipeline.store.sequences import Sequences

RUNS_COUNTED = 1_000


def training_text(sequences: Sequences, most_words: float = math.inf, seed: int = 0) -> np.ndarray:
    """Rows of the training split, by id, each as START, words, END; one flat array.

    All rows, or as many runs of them, drawn at random, as have `most_words` words. Raises `UserError` if the first
    drawn has more.
    """
    runs = sequences.runs("train")
    if runs["words"].sum(dtype=np.int64) > most_words:
        order = np.random.default_rng(seed).permutation(len(runs))
        words = np.cumsum(runs["words"][order], dtype=np.int64)
        if words[0] > most_words:
            raise UserError(
                f"params.yaml: baselines.most_words is {most_words:,}; an article has {words[0]:,}; set it to more"
            )
        runs = runs[np.sort(order[: np.searchsorted(words, most_words, "right")])]
    return text_of_runs(sequences, runs)


def text_of_runs(sequences: Sequences, runs: np.ndarray) -> np.ndarray:
    """Return the rows of these runs, each as START, words, END; one flat array."""
    text = np.empty(runs["words"].sum(dtype=np.int64) + 2 * runs["rows"].sum(dtype=np.int64), sequences.meta["dtype"])
    done = 0
    with progress("Markov models", len(text), "word") as bar:
        for start in range(0, len(runs), RUNS_COUNTED):
            rows = sequences.rows(row_ids(runs[start : start + RUNS_COUNTED]).tolist())
            some = text_of(np.concatenate(rows), np.array([len(row) for row in rows]))
            text[done : done + len(some)] = some
            done += len(some)
            bar.update(len(some))
    return text
