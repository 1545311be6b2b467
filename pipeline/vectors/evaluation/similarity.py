"""The rank correlation of word vectors' cosines with people's judgements of word pairs."""

import math
from collections.abc import Container, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import spearmanr

from pipeline.vectors.evaluation.intervals import fisher
from pipeline.vectors.evaluation.set_files import nothing_in, table_rows
from pipeline.vectors.questions import line_found, shipped, spell
from pipeline.vectors.space import VectorSpace

# Finkelstein et al., "Placing Search in Context" (2002); Hill et al., "SimLex-999" (2015).
SHIPPED = {"WordSim-353": "wordsim353.tsv", "SimLex-999": "simlex999.txt"}
COLUMNS = ("word1", "word2", "similarity")
FORMAT = "expected two words and a number"


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

    @property
    def words(self) -> frozenset[frozenset[str]]:
        """The two words of each pair, in lower case and unordered."""
        return frozenset(frozenset((pair.one.lower(), pair.other.lower())) for pair in self.pairs)


def shipped_pairs(known: Container[str] = ()) -> list[PairSet]:
    """Return the sets that gensim ships."""
    return [read_pairs(shipped(file), known)._replace(name=name) for name, file in SHIPPED.items()]


def read_pairs(path: Path, known: Container[str] = ()) -> PairSet:
    """Read a set, with two words and a number in each row; a .csv file has the columns word1, word2 and similarity.

    Words that are not `known` as written are in lower case. Raises `UserError` if no row is a pair.
    """
    pairs, malformed = [], []
    for number, fields in table_rows(path, COLUMNS):
        if len(fields) == 3 and all(fields[:2]) and _is_number(fields[2]):
            pairs.append(Pair(spell(fields[0], known), spell(fields[1], known), float(fields[2])))
        else:
            malformed.append(f"{line_found(path, number, ' '.join(fields))}; {FORMAT}")
    if not pairs:
        raise nothing_in(path, "pair of words", malformed)
    return PairSet(path.stem, pairs, malformed)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def rank_correlation(space: VectorSpace, pairs: Sequence[Pair]) -> dict[str, Any]:
    """Return Spearman's rho between judgements and cosines over the `known` of the `pairs`.

    `p` is its two-sided p; `low` and `high` are the ends of its 95% interval by Fisher's z. If rho is not
    defined (fewer than three known pairs, or equal values), it is 0, p is 1, and the interval is -1 to 1.
    """
    known = [pair for pair in pairs if pair.one in space.index and pair.other in space.index]
    ones = space.unit[[space.index[pair.one] for pair in known]]
    others = space.unit[[space.index[pair.other] for pair in known]]
    judged, cosines = np.array([pair.judged for pair in known]), (ones * others).sum(axis=1)
    rho, p, low, high = 0.0, 1.0, -1.0, 1.0
    if len(known) > 2 and np.ptp(judged) and np.ptp(cosines):
        rho, p = map(float, spearmanr(judged, cosines))
        low, high = fisher(rho, len(known))
    return {"pairs": len(pairs), "known": len(known), "spearman": rho, "p": p, "low": low, "high": high}


def rate_pairs(space: VectorSpace, sets: Sequence[PairSet]) -> Iterator[dict[str, Any]]:
    """Yield the name of each set and its rank correlation.

    `part_of` names a set that contains all pairs of this one, as WordSim-353 contains its two parts; or None.
    """
    words = [each.words for each in sets]
    for place, each in enumerate(sets):
        own = words[place]
        larger = (s.name for i, s in enumerate(sets) if own < words[i] or (own == words[i] and i < place))
        yield {"name": each.name, "part_of": next(larger, None), **rank_correlation(space, each.pairs)}
