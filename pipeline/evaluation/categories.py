"""The agreement of clusters of word vectors with categories of nouns."""

from collections import Counter
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.evaluation.tables import nothing_in, table_rows
from pipeline.vectors.questions import line_found, spell
from pipeline.vectors.space import VectorSpace

COLUMNS = ("category", "word")
STARTS = 10  # of k-means
SEED = 0


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
    """Return the purity of clusters of the `known` words, and the share of the `largest` category among them.

    k-means clusters the vectors at unit length; k is the number of categories that have a known word. Of `STARTS`
    starts the one with the lowest inertia is used. Both shares are 0 if no word is known.
    """
    known = [member for member in members if member.word in space.index]
    sizes = Counter(member.category for member in known)
    found = {"words": len(members), "known": len(known), "categories": len(sizes), "purity": 0.0, "largest": 0.0}
    if known:
        from sklearn.cluster import KMeans  # loads slowly, and only a folder of sets needs it

        vectors = space.unit[[space.index[member.word] for member in known]].astype(float)
        clusters = KMeans(len(sizes), n_init=STARTS, random_state=SEED).fit_predict(vectors)
        found["purity"] = purity([member.category for member in known], clusters)
        found["largest"] = max(sizes.values()) / len(known)
    return found


def purity(categories: Sequence[str], clusters: Sequence[int]) -> float:
    """Return the share of words whose category is the most frequent one of their cluster."""
    from sklearn.metrics.cluster import contingency_matrix

    return float(contingency_matrix(categories, clusters).max(axis=0).sum() / len(categories))
