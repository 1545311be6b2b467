"""The agreement of clusters of word vectors with categories of nouns."""

from collections.abc import Container, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

import numpy as np

from pipeline.vectors.evaluation.intervals import wilson
from pipeline.vectors.evaluation.set_files import nothing_in, table_rows
from pipeline.vectors.questions import line_found, spell
from pipeline.vectors.space import VectorSpace

COLUMNS = ("category", "word")
RUNS = 10  # of k-means; for one set of vectors, the purity of a single run has a standard deviation of 2 points
STARTS = 10  # of a run, which keeps the one with the lowest inertia


class Member(NamedTuple):
    """A word and its category."""

    category: str
    word: str


class CategorySet(NamedTuple):
    """The words of a set with their categories, and a message for each malformed line."""

    name: str
    members: list[Member]
    malformed: list[str]


def read_categories(path: Path, known: Container[str] = ()) -> CategorySet:
    """Read a .csv file with the columns category and word, such as AP (Almuhareb and Poesio 2005).

    Words that are not `known` as written are in lower case. Raises `UserError` if no row has both.
    """
    members, malformed = [], []
    for number, (category, word) in table_rows(path, COLUMNS):
        if category and word:
            members.append(Member(category, spell(word, known)))
        else:
            malformed.append(f"{line_found(path, number, f'{category} {word}')}; expected a category and a word")
    if not members:
        raise nothing_in(path, "word with a category", malformed)
    return CategorySet(path.stem, members, malformed)


def cluster(space: VectorSpace, members: Sequence[Member]) -> dict[str, Any]:
    """Return the purity of clusters of the `known` words with its interval, and what it is with `shuffled` categories.

    k-means clusters the vectors at unit length; k is the number of categories that have a known word. Both shares are
    means of `RUNS` runs, and 0 if no word is known. The interval is Wilson's, as if words were independent.
    """
    known = [member for member in members if member.word in space.index]
    categories = [member.category for member in known]
    k = len(set(categories))
    found = {"words": len(members), "known": len(known), "categories": k, "purity": 0.0, "shuffled": 0.0}
    if known:
        from sklearn.cluster import KMeans  # loads slowly, and only a folder of sets needs it

        vectors = space.unit[[space.index[member.word] for member in known]].astype(float)
        runs = [KMeans(k, n_init=STARTS, random_state=seed).fit_predict(vectors) for seed in range(RUNS)]
        found["purity"] = fmean(purity(categories, clusters) for clusters in runs)
        shuffle = np.random.default_rng(0).permutation
        found["shuffled"] = fmean(purity(shuffle(categories).tolist(), clusters) for clusters in runs)
    found["low"], found["high"] = wilson(round(found["purity"] * len(known)), len(known))
    return found


def purity(categories: Sequence[str], clusters: Sequence[int]) -> float:
    """Return the share of words whose category is the most frequent one of their cluster."""
    from sklearn.metrics.cluster import contingency_matrix

    return float(contingency_matrix(categories, clusters).max(axis=0).sum() / len(categories))
