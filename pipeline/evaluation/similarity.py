"""How the similarity of word vectors ranks pairs of words beside people's judgements."""

from collections.abc import Container, Iterator
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import spearmanr

from pipeline.vectors.questions import shipped, spell
from pipeline.vectors.space import VectorSpace

# Finkelstein et al., "Placing Search in Context" (2002); Hill et al., "SimLex-999" (2015).
SETS = {"wordsim353": "wordsim353.tsv", "simlex999": "simlex999.txt"}


class Pair(NamedTuple):
    """Two words and how alike people found them, of 10."""

    one: str
    other: str
    judged: float


def judged_pairs(name: str, known: Container[str] = ()) -> Iterator[Pair]:
    """The pairs of one of the `SETS`, as gensim ships it; words that are not `known` as written are in lower case."""
    for line in shipped(SETS[name]).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            one, other, judged = line.split("\t")
            yield Pair(spell(one, known), spell(other, known), float(judged))


def rank_correlation(space: VectorSpace, pairs: list[Pair]) -> dict[str, Any]:
    """Spearman's rho between judgements and cosines over the `known` of the `pairs`, with its two-sided p.

    Where it is not defined, with fewer than three known pairs or values all alike, it is 0 and p 1.
    """
    known = [pair for pair in pairs if pair.one in space.index and pair.other in space.index]
    found = {"pairs": len(pairs), "known": len(known), "spearman": 0.0, "p": 1.0}
    ones = space.unit[[space.index[pair.one] for pair in known]]
    others = space.unit[[space.index[pair.other] for pair in known]]
    judged, cosines = np.array([pair.judged for pair in known]), (ones * others).sum(axis=1)
    if len(known) > 2 and np.ptp(judged) and np.ptp(cosines):
        result = spearmanr(judged, cosines)
        found |= {"spearman": float(result.statistic), "p": float(result.pvalue)}
    return found
