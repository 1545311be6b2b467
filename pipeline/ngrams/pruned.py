"""A Kneser-Ney model of few n-grams: those without which the model would lose most.

What an n-gram is worth is the relative entropy between the model with it and without it (Stolcke 1998, "Entropy-based
Pruning of Backoff Language Models"), by discounted counts of how often n-grams occur at every length: the counts of
Kneser and Ney describe what follows the longer n-grams that are kept, and most are not (Chelba et al. 2010, "Study on
Interaction between Entropy Pruning and Kneser-Ney Smoothing"). The kept n-grams get the counts of Siivola et al. (2007,
"On Growing and Pruning Kneser-Ney Smoothed N-Gram Models"): an n-gram that is dropped passes all its count to the
shorter one, a kept one passes 1.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from pipeline.ngrams.leave_out import shared_by_articles
from pipeline.ngrams.markov import MarkovModel, Smoothed, discounts
from pipeline.ngrams.ngram_counts import NGrams, SortedText
from pipeline.store.vocabulary import START

DROPPED = np.uint32(2**32 - 1)


class Weighed(NamedTuple):
    """The n-grams of one length and how often they occur, with what each is worth to the model, in nats of the text."""

    ngrams: NGrams
    counts: np.ndarray
    worth: np.ndarray


def counted_by_worth(text: SortedText, articles: np.ndarray, order: int) -> list[Weighed]:
    """Return the n-grams of a text, the shortest first, with what each is worth; no word alone can be dropped.

    `articles` (places,), uint32, ascends; it has the article of each place. Another article has no use for an n-gram
    that only one has: it is worth nothing.
    """
    shorter = np.full(text.vocabulary_size, 1 / (text.vocabulary_size - 1))
    found: list[Weighed] = []
    owners = articles[text.places]
    for length, (ngrams, _) in enumerate(text.counted(order), 1):
        counts = text.occurrences(length)
        taken = discounts(counts)[np.minimum(counts, 3).astype(np.intp)]
        size = len(found[-1].counts) if found else 1
        totals = np.bincount(ngrams.contexts, counts, size)
        passed = np.bincount(ngrams.contexts, taken, size)
        total, weight = totals[ngrams.contexts], passed[ngrams.contexts]
        own, weight = (counts - taken) / total, weight / total
        before = shorter[ngrams.suffixes]
        chances = own + weight * before
        with np.errstate(divide="ignore", invalid="ignore"):
            worth = chances * np.log(chances / ((weight + own) * before)) - weight * np.log1p(own / weight)
        if length == 1:
            worth = np.full(len(counts), np.inf, np.float32)
        else:
            several = shared_by_articles(text, owners, length)[text.firsts(length)]
            worth = (worth * total * several).astype(np.float32)
        found.append(Weighed(ngrams, counts, worth))
        shorter = chances.astype(np.float32)
    return found


def with_what_it_needs(counted: list[Weighed], least: float) -> list[np.ndarray]:
    """Return masks of the n-grams of each length that are worth at least this, or begin or end such n-grams."""
    kept = [each.worth >= np.float32(least) for each in counted]
    for (ngrams, _, _), longer, shorter in reversed([*zip(counted[1:], kept[1:], kept, strict=False)]):
        shorter[ngrams.contexts[longer]] = True
        shorter[ngrams.suffixes[longer]] = True
    return kept


def least_worth(counted: list[Weighed], most: int) -> float:
    """Return what an n-gram must be worth so that at most so many are kept."""
    low, high = -20.0, 30.0  # logs
    for _ in range(30):
        middle = (low + high) / 2
        number = sum(int(mask.sum()) for mask in with_what_it_needs(counted, np.exp(middle))[1:])
        low, high = (middle, high) if number > most else (low, middle)
    return float(np.exp(high))


def pruned(text: SortedText, counted: list[Weighed], most: int, end_fraction: float = 1.0) -> MarkovModel:
    """Return a model of `counted` n-grams that keeps at most so many of two words and more."""
    kept = with_what_it_needs(counted, least_worth(counted, most))
    uniform = np.full(text.vocabulary_size, 1 / (text.vocabulary_size - 1))
    uniform[START] = 0.0
    return MarkovModel(smoothed(text, counted, kept), uniform, text.bits, end_fraction)


def smoothed(text: SortedText, counted: list[Weighed], kept: list[np.ndarray]) -> Iterator[Smoothed]:
    """Yield the kept n-grams of each length, with the counts that dropped ones leave to them."""
    counts = [counted[-1].counts]
    for length in reversed(range(1, len(counted))):
        every = counted[length - 1].counts
        passed = np.where(kept[length], 1, counts[0])
        left = np.bincount(counted[length].ngrams.suffixes, passed, len(every)).astype(np.int64)
        if length > 1:  # nothing precedes START
            from_start = np.count_nonzero(text.firsts(length)[: text.rows])
            left[:from_start] = every[:from_start]
        counts.insert(0, left)
    numbers = np.zeros(1, np.uint32)  # of the kept n-grams one word shorter
    for (ngrams, _, _), own, mask in zip(counted, counts, kept, strict=True):
        contexts, suffixes = ngrams.contexts[mask], ngrams.suffixes[mask]
        if len(numbers) > 1:
            suffixes = numbers[suffixes]
        dropped = np.bincount(ngrams.contexts[~mask], own[~mask], len(numbers))[numbers != DROPPED]
        yield Smoothed(NGrams(numbers[contexts], ngrams.words[mask], suffixes), own[mask], discounts(own), dropped)
        numbers = np.where(mask, np.cumsum(mask, dtype=np.uint32) - np.uint32(1), DROPPED)
