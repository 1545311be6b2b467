"""The Markov models to beat: counted in training rows, measured on the same targets as language models."""

import math
from collections.abc import Mapping

import numpy as np

from models.batch import IGNORED, Batch
from pipeline.batches.rows import SequenceData
from pipeline.ngrams.models import MarkovModel, add_one, kneser_ney
from pipeline.run.console import Metrics, progress
from pipeline.store.sequences import Sequences
from pipeline.store.vocabulary import END, START

ROWS_AT_ONCE = 10_000


def markov_models(sequences: Sequences, text: np.ndarray) -> dict[str, MarkovModel]:
    """Return models of one, two and three words of the `training_text` of `sequences`, by name."""
    size, end_fraction = len(sequences.vocabulary), sequences.end_fraction
    return {
        "unigram": add_one(text, 1, size, end_fraction),
        "bigram_add_one": add_one(text, 2, size, end_fraction),
        "bigram_kneser_ney": kneser_ney(text, 2, size, end_fraction),
        "trigram_kneser_ney": kneser_ney(text, 3, size, end_fraction),
    }


def training_text(sequences: Sequences, most_words: float = math.inf, seed: int = 0) -> np.ndarray:
    """Return the rows of the training split, by id, each as START, words, END; one flat array.

    Where they have more than `most_words` words, rows of that many words are drawn at random.
    """
    ids, lengths = sequences.ids_and_lengths("train")
    if lengths.sum() > most_words:
        order = np.random.default_rng(seed).permutation(len(ids))
        drawn = np.sort(order[: np.searchsorted(np.cumsum(lengths[order]), most_words, "right")])
        ids, lengths = ids[drawn], lengths[drawn]
    text = np.full(int(lengths.sum()) + 2 * len(ids), START, sequences.meta["dtype"])
    end = 0
    with progress("Markov models", len(ids), "row") as bar:
        for start in range(0, len(ids), ROWS_AT_ONCE):
            some = ids[start : start + ROWS_AT_ONCE].tolist()
            for row in sequences.rows(some):
                text[end + 1 : end + 1 + len(row)] = row
                end += len(row) + 2
                text[end - 1] = END
            bar.update(len(some))
    return text


def evaluate(models: Mapping[str, MarkovModel], data: SequenceData, split: str) -> Metrics:
    """Return the number of targets of a split, and each model's perplexity and accuracy on them."""
    surprise, right = dict.fromkeys(models, 0.0), dict.fromkeys(models, 0)
    targets = 0
    loader = data.loader(split)
    with progress(f"Markov models {split}", len(loader), "batch") as bar:
        for contexts, words in map(targets_of, loader):
            targets += len(words)
            for name, model in models.items():
                surprise[name] -= float(np.log(model.probabilities(contexts, words)).sum())
                right[name] += int((model.best(contexts) == words).sum())
            bar.update()
    figures: Metrics = {f"{split}_targets": targets}
    for name in models:
        figures[f"{name}_{split}_perplexity"] = math.exp(surprise[name] / targets)
        figures[f"{name}_{split}_accuracy"] = right[name] / targets
    return figures


def targets_of(batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """Return the two words before each of a batch's n targets, (n, 2), and the targets, (n,)."""
    inputs, targets = batch.inputs.numpy(), batch.targets.numpy()
    before = np.pad(inputs[:, :-1], ((0, 0), (1, 0)), constant_values=START)
    predicted = targets != IGNORED
    return np.stack([before[predicted], inputs[predicted]], axis=1), targets[predicted]
