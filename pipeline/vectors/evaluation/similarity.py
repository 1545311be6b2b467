"""The rank correlation of word vectors' cosines with people's judgements of word pairs."""

import math
from collections.abc import Container, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.stats import spearmanr

from pipeline.records.analogies import Correlation
from pipeline.vectors.evaluation.intervals import fisher
from pipeline.vectors.questions import in_gensim, read_items, spell
from pipeline.vectors.space import VectorSpace

# Finkelstein et al., "Placing Search in Context" (2002); Hill et al., "SimLex-999" (2015).
OF_GENSIM = {"WordSim-353": "wordsim353.tsv", "SimLex-999": "simlex999.txt"}


class Pair(NamedTuple):
    """Two words and their similarity as judged by people."""

    one: str
    other: str
    judged: float


class PairSet(NamedTuple):
    """The judged pairs of a set, and a message for each malformed line."""

    name: str
    pairs: list[Pair]
    malformed: list[str]


def shipped_pairs(known: Container[str] = ()) -> list[PairSet]:
    """Return the sets that gensim ships."""
    return [read_pairs(in_gensim(file), known)._replace(name=name) for name, file in OF_GENSIM.items()]


def read_pairs(path: Path, known: Container[str] = ()) -> PairSet:
    """Read a set of a pair on each line: two words and a number, separated by tabs, or else by blanks.

    Words that are not `known` as written are in lower case. Raises `UserError` if no line is a pair.
    """

    def parse(line: str) -> list[Pair] | None:
        fields = [field.strip() for field in line.split("\t" if "\t" in line else None)]
        try:
            one, other, judged = fields
            pair = Pair(spell(one, known), spell(other, known), float(judged))
        except ValueError:
            return None
        return [pair] if all(fields) and math.isfinite(pair.judged) else None

    return PairSet(path.stem, *read_items(path, parse, "pair of words", "two words and a number"))


def rank_correlation(space: VectorSpace, name: str, pairs: Sequence[Pair]) -> Correlation:
    """Return Spearman's rho between judgements and cosines over the `known` of a set's `pairs`.

    `low` and `high` are the ends of its 95% interval by Fisher's z. If rho is not defined (fewer than three known
    pairs, or equal values), it is 0, and the interval is -1 to 1.
    """
    known = [pair for pair in pairs if pair.one in space.index and pair.other in space.index]
    ones = space.unit[[space.index[pair.one] for pair in known]]
    others = space.unit[[space.index[pair.other] for pair in known]]
    judged, cosines = np.array([pair.judged for pair in known]), (ones * others).sum(axis=1)
    rho, low, high = 0.0, -1.0, 1.0
    if len(known) > 2 and np.ptp(judged) and np.ptp(cosines):
        rho = float(spearmanr(judged, cosines).statistic)
        low, high = fisher(rho, len(known))
    return Correlation(name=name, pairs=len(pairs), known=len(known), spearman=rho, low=low, high=high)
