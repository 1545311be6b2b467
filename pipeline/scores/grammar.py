"""The accuracy of models on minimal pairs and on suites of SyntaxGym, by group, with intervals and paired leads."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from models.language_model import RecurrentLanguageModel
from pipeline.ngrams.table import NGramTable
from pipeline.records.grammar import Accuracy, GrammarFigures, PairedLead, SetGrammar, ShownPair
from pipeline.scores.minimal_pairs import MinimalPairs
from pipeline.scores.sentences import Logs, Rows, network_logs, table_logs, unigram_logs
from pipeline.scores.suites import Region, Suite, value_of
from pipeline.settings.result_sections import NGRAM_MODELS

Z = 1.959964  # of a 95% interval
PAIRS_SHOWN = 20  # pairs that two models judge most differently
UNIGRAM, FIVEGRAM, NETWORK_ALONE = "unigram", "5-gram", "{}, network alone"

Encode = Callable[[Sequence[str]], list[list[int]]]  # the ids of texts
ScoreRows = Callable[[Rows], dict[str, Logs]]  # the logs of rows by each model


class Judged(NamedTuple):
    """Whether models are right, by name: 1, 0, or 0.5 for a tie; the scores of the good and the bad sentence.

    Suites have no scores. `groups` has the group of each pair, or item, by level.
    """

    kind: str
    right: dict[str, np.ndarray]
    scores: dict[str, tuple[np.ndarray, np.ndarray]]
    groups: dict[str, list[str]]
    unknown_share: float


def scored_by(
    networks: Mapping[str, tuple[RecurrentLanguageModel, int]], counts: np.ndarray, tables: Mapping[str, NGramTable]
) -> ScoreRows:
    """Return what scores rows by networks, each with the id that precedes a sentence, the unigram and n-grams, by name.

    `counts` (V,) are those of the unigram. A network with a gate to n-grams is also scored without it.
    """

    def score(rows: Rows) -> dict[str, Logs]:
        found: dict[str, Logs] = {}
        for name, (network, before) in networks.items():
            found[name], alone = network_logs(network, before, rows)
            if network.gate and name not in NGRAM_MODELS:
                found[NETWORK_ALONE.format(name)] = alone
        return found | {UNIGRAM: unigram_logs(counts, rows)} | {n: table_logs(own, rows) for n, own in tables.items()}

    return score


def judge(
    given: MinimalPairs | list[Suite], encode: Encode, score: ScoreRows, unknown: int, *, mean: bool, end: bool
) -> Judged:
    """Return how models judge a set. A sentence's score is its log-probability with that of END.

    `mean`: divided by the number of logs; without `end`: less that of END. `unknown` is the id of UNKNOWN, or -1.
    """
    if isinstance(given, MinimalPairs):
        return _judge_pairs(given, encode, score, unknown, mean=mean, end=end)
    return _judge_suites(given, encode, score, unknown)


def _judge_pairs(
    pairs: MinimalPairs, encode: Encode, score: ScoreRows, unknown: int, *, mean: bool, end: bool
) -> Judged:
    rows = encode([*pairs.good, *pairs.bad])
    scores, right = {}, {}
    for name, logs in score(rows).items():
        good, bad = np.split(totals(logs, mean=mean, end=end), 2)
        scores[name], right[name] = (good, bad), (good > bad) + 0.5 * (good == bad)
    has = np.array([unknown in row for row in rows]).reshape(2, -1).any(0)
    return Judged("pairs", right, scores, pairs.groups, float(has.mean()))


def totals(logs: Logs, *, mean: bool = False, end: bool = True) -> np.ndarray:
    """Return the score of each sentence: the sum of its logs, or their `mean`, with that of END or without.

    The same logs in another order have exactly the same sum, so that the unigram's ties are ties.
    """
    kept = logs if end else [own[:-1] for own in logs]
    return np.array([math.fsum(own) / max(1, len(own) if mean else 1) for own in kept])


def _judge_suites(suites: Sequence[Suite], encode: Encode, score: ScoreRows, unknown: int) -> Judged:
    items = [(suite, item) for suite in suites for item in suite.items]
    sentences = [regions for _, item in items for regions in item.values()]
    cut = iter(encode([text for regions in sentences for text in _parts(regions)]))
    ids = [[next(cut) for _ in regions] for regions in sentences]
    right: dict[str, np.ndarray] = {}
    for name, logs in score([[id for region in own for id in region] for own in ids]).items():
        bits = iter([region_bits(own, each) for own, each in zip(ids, logs, strict=True)])
        right[name] = np.array([_holds(suite, {condition: next(bits) for condition in item}) for suite, item in items])
    own = iter(ids)
    has = [any(unknown in region for _ in item for region in next(own)) for _, item in items]
    return Judged("suites", right, {}, {"suite": [suite.name for suite, _ in items]}, float(np.mean(has)))


def _parts(regions: Sequence[str]) -> list[str]:
    """Return the regions with a blank before each but the first that is not empty."""
    texts = [region.strip() for region in regions]
    first = next((number for number, text in enumerate(texts) if text), 0)
    return [text and f" {text}" if number > first else text for number, text in enumerate(texts)]


def region_bits(ids: Sequence[Sequence[int]], logs: np.ndarray) -> list[float]:
    """Return the surprisal of each region, given its ids, and the logs of the ids of all."""
    parts = np.split(logs[:-1], np.cumsum([len(region) for region in ids])[:-1])
    return [-math.fsum(own) / math.log(2) for own in parts]


def _holds(suite: Suite, bits: Mapping[str, list[float]]) -> float:
    def sum_of(region: Region) -> float:
        own = bits[region.condition]
        return math.fsum(own) if region.number == "*" else own[int(region.number) - 1]

    return float(all(value_of(formula, sum_of) for formula in suite.formulas))


def figures(judged: Judged, beside: Sequence[str] = ()) -> SetGrammar:
    """Return the figures of a set by model, with the leads of each over the models `beside`."""
    strata = _numbered([*zip(*judged.groups.values(), strict=True)])
    levels = {level: _numbered(own) for level, own in judged.groups.items()}
    names = {level: [*dict.fromkeys(own)] for level, own in judged.groups.items()}
    found = {}
    for name, right in judged.right.items():
        groups = {
            level: {group: accuracy(right[of == n], strata[of == n]) for n, group in enumerate(names[level])}
            for level, of in levels.items()
        }
        leads = {} if name in beside else {each: lead(right - judged.right[each], strata) for each in beside}
        own = dict(accuracy(right, strata))
        found[name] = GrammarFigures(**own, micro_accuracy=float(right.mean()), groups=groups, leads=leads)
    return SetGrammar(kind=judged.kind, unknown_share=judged.unknown_share, models=found)


def _numbered(keys: Sequence[object]) -> np.ndarray:
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return np.array([numbers[key] for key in keys])


def accuracy(right: np.ndarray, strata: np.ndarray) -> Accuracy:
    """Return the mean over strata of the mean of `right` in each, with a 95% interval over items.

    The interval is Wilson's (1927) for the number of independent items that would give the same standard error. In a
    stratum, one more right and one more wrong answer estimate the variance, which is never 0.
    """
    _, own = np.unique(strata, return_inverse=True)
    n, sums = np.bincount(own), np.bincount(own, right)
    p, likely = float((sums / n).mean()), (sums + 1) / (n + 2)
    error = float((likely * (1 - likely) / n).sum()) / len(n) ** 2
    items = float(likely.mean() * (1 - likely.mean())) / error
    middle, share = (p + Z**2 / (2 * items)) / (1 + Z**2 / items), Z / (1 + Z**2 / items)
    margin = share * math.sqrt(p * (1 - p) / items + Z**2 / (4 * items**2))
    ties = int(np.count_nonzero(right == 0.5))
    low, high = max(0.0, middle - margin), min(1.0, middle + margin)
    return Accuracy(accuracy=p, low=low, high=high, pairs=len(right), ties=ties)


def lead(differences: np.ndarray, strata: np.ndarray) -> PairedLead:
    """Return the mean over strata of the mean difference in each, with a 95% interval by the normal distribution."""
    _, own = np.unique(strata, return_inverse=True)
    n = np.bincount(own)
    means = np.bincount(own, differences) / n
    squares = np.bincount(own, (differences - means[own]) ** 2) / np.maximum(1, n - 1)
    mean, margin = float(means.mean()), Z * math.sqrt(float((squares / n).sum())) / len(n)
    return PairedLead(lead=mean, low=mean - margin, high=mean + margin)


def most_different(judged: Judged, pairs: MinimalPairs, one: str, other: str) -> list[ShownPair]:
    """Return the pairs on whose margins two models differ most."""
    margins = {name: np.subtract(*judged.scores[name]) for name in (one, other)}
    apart = np.abs(np.subtract(*margins.values()))
    return [
        ShownPair(
            good=pairs.good[place],
            bad=pairs.bad[place],
            groups=[own[place] for own in pairs.groups.values()],
            margins={name: round(float(own[place]), 2) for name, own in margins.items()},
        )
        for place in np.argsort(-apart, kind="stable")[:PAIRS_SHOWN].tolist()
    ]
