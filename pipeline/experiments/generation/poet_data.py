"""A poet's lines as sequences of words or of characters, and the Markov models of them."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from pipeline.experiments.generation.poet import Reads, index_poems
from pipeline.experiments.verse.poems import Poem
from pipeline.ngrams.markov_scores import markov_models, score_split, training_text
from pipeline.run.console import Metrics
from pipeline.scores.figures import perplexity_ratio, split_figures
from pipeline.scores.targets import read_targets
from pipeline.settings.experiment_sections import PoetryGeneration
from pipeline.store.sequences import HELD_OUT, Sequences

FIGURES = ("valid_perplexity", "test_perplexity", "test_perplexity_low", "test_perplexity_high", "test_accuracy")
Scores = Mapping[str, np.ndarray]  # by held-out split


class PoetData:
    """The poet's sequences.db at `database`, and by name the figures of the Markov models.

    `best` names the one of the lowest validation perplexity.
    """

    def __init__(self, database: Path, splits: dict[str, list[Poem]], reads: Reads, settings: PoetryGeneration) -> None:
        self.database = database
        index_poems(database, splits, reads, settings.least_count, settings.end_fraction)
        self.sequences = Sequences(database)
        self.targets = {split: read_targets(self.sequences, split) for split in HELD_OUT}
        prefix = "" if reads == "words" else f"{reads}_"
        scores = {
            prefix + name: {split: score_split(markov, self.sequences, split) for split in HELD_OUT}
            for name, markov in markov_models(self.sequences, training_text(self.sequences))
        }
        self.baselines = {name: self.figures(own) for name, own in scores.items()}
        self.best = min(scores, key=lambda name: self.baselines[name]["valid_perplexity"])
        self._best_scores = scores[self.best]

    def figures(self, scores: Scores) -> Metrics:
        """Return perplexities, the interval over the test poems and accuracy."""
        found = split_figures(scores, self.targets)
        return {name: found[name] for name in FIGURES}

    def compare(self, scores: Scores) -> Metrics:
        """Return the ratio of the test perplexity to the best Markov model's, and its interval over the test poems."""
        return perplexity_ratio(scores["test"], self._best_scores["test"], self.targets["test"])
