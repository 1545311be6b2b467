"""A poet's lines as a sequences.db, split by poem, and the Markov models of them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from pipeline.experiments.verse.poems import SHARED_WORDS, Poem, words_of
from pipeline.ngrams.text import training_text
from pipeline.run.errors import UserError
from pipeline.scores.figures import split_figures
from pipeline.scores.markov_scores import markov_models, score_by_markov
from pipeline.scores.targets import read_targets
from pipeline.store.building import Article, build
from pipeline.store.sequences import HELD_OUT, SPLITS, Sequences
from pipeline.store.vocabularies import Words

SHARES = {"train": 0.75, "valid": 0.1, "test": 0.15}  # of the lines
LEAST_COUNT = 2  # words that occur less often in the training lines are UNKNOWN


class PoetData:
    """The poet's sequences.db at `database`, and by name the figures of the Markov models.

    `best` names the one of the lowest validation perplexity, which has `best_scores` by split. A poem is an article.
    """

    def __init__(self, database: Path, splits: dict[str, list[Poem]]) -> None:
        self.database = database
        index_poems(database, splits)
        self.sequences = Sequences(database)
        self.targets = {split: read_targets(self.sequences, split) for split in HELD_OUT}
        scores = {
            name: {split: score_by_markov(markov, self.sequences, split) for split in HELD_OUT}
            for name, markov in markov_models(self.sequences, training_text(self.sequences))
        }
        self.baselines = {name: split_figures(own, self.targets) for name, own in scores.items()}
        self.best = min(scores, key=lambda name: self.baselines[name]["valid_perplexity"])
        self.best_scores = scores[self.best]


def split_poems(poems: Sequence[Poem], seed: int) -> dict[str, list[Poem]]:
    """Return whole poems by split, each split with about its share of lines; raises `UserError` if one is empty.

    In random order, each group of related poems goes to the split that lacks most lines.
    """
    lines = sum(len(poem.lines) for poem in poems)
    missing = {split: SHARES[split] * lines for split in SPLITS}
    found: dict[str, list[Poem]] = {split: [] for split in SPLITS}
    groups: dict[int, list[Poem]] = defaultdict(list)
    for poem in poems:
        groups[poem.group].append(poem)
    for group in np.random.default_rng(seed).permutation([*groups]).tolist():
        split = max(missing, key=lambda split: missing[split])
        missing[split] -= sum(len(poem.lines) for poem in groups[group])
        found[split] += groups[group]
    if empty := [split for split in SPLITS if not found[split]]:
        raise UserError(
            f"{poems[0].poet}: {len(poems)} poem(s) of {lines} line(s) are too few to hold some out (those that share "
            f"{SHARED_WORDS} words in a row stay together); the {empty[0]} split is empty; give more verse"
        )
    return {split: sorted(own, key=lambda poem: poem.poem) for split, own in found.items()}


def poet_words(lines: Sequence[Sequence[str]]) -> Words:
    """Return the vocabulary of training lines: the words that occur `LEAST_COUNT` times or more."""
    counts = Counter(chain.from_iterable(lines))
    kept = sorted((pair for pair in counts.items() if pair[1] >= LEAST_COUNT), key=lambda pair: (-pair[1], pair[0]))
    return Words.of(kept, rows=len(lines), unknown=counts.total() - sum(count for _, count in kept))


def index_poems(path: Path, splits: dict[str, list[Poem]]) -> None:
    """Write the lines of `splits` as a sequences.db in which each poem is an article and every END is a target.

    Raises `UserError` where no word occurs `LEAST_COUNT` times in the training split.
    """
    vocabulary = poet_words([words_of(line) for poem in splits["train"] for line in poem.lines])
    if not vocabulary.words:
        poet = splits["train"][0].poet
        raise UserError(f"{poet}: no word occurs {LEAST_COUNT} times in the training lines; give more verse")
    build(path, (_article(poem, split, vocabulary) for split, own in splits.items() for poem in own), vocabulary, 1.0)


def _article(poem: Poem, split: str, vocabulary: Words) -> Article:
    lines = [words_of(line) for line in poem.lines]
    ids = vocabulary.remap(chain.from_iterable(lines))
    return Article(poem.poem, poem.title or poem.lines[0], split, ids, np.cumsum([0, *map(len, lines)]))
