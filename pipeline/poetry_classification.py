"""Stage: poets told apart by the part-of-speech tags of single lines, tested on poems that were not learned."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from pipeline.experiments.classification.classifiers import (
    hidden_markov,
    logistic_regression,
    most_frequent,
    naive_bayes,
)
from pipeline.experiments.classification.folds import BOTH, Fold, plan, split
from pipeline.experiments.classification.lines import Lines, check_lines, read_lines
from pipeline.experiments.classification.networks import Networks
from pipeline.experiments.classification.scores import confusion, difference, small_tests, summary
from pipeline.experiments.classification.settings import PoetryClassification
from pipeline.run.console import Metrics, progress, say, stage
from pipeline.run.outputs import read_json, write_json
from pipeline.run.tables import write_table
from pipeline.run.workers import map_in_order
from pipeline.settings import load_params

BASELINES = ("logistic_regression", "naive_bayes", "hidden_markov")  # which are given the same tags
CLAIMED = 9 / 10  # the share of right answers that the book reports of its ten lines


class Outcome(NamedTuple):
    """Of a fold: the places of its lines, and what each classifier took them for, labels (lines,)."""

    fold: Fold
    lines: np.ndarray
    predicted: dict[str, np.ndarray]


@stage
def main(poems: Path, report: Path, table: Path) -> Metrics:
    """Cross-validate every classifier on the lines in POEMS and write REPORT, the JSON of all that the page shows.

    Into TABLE goes whose each line is, and whose each classifier took it for when its poem was unseen.
    """
    everything = load_params()
    params = everything.poetry_classification
    lines = read_lines(poems)
    if len(lines.poets) < 2:
        say(f"poetry_classification: all verse is by {lines.poets[0]}: nobody to be told apart from")
        write_json(report, {})
        return {}
    check_lines(lines, params.folds, params.book_lines)
    folds = plan(params.folds, params.repeats)
    outcomes = []
    with progress("poetry_classification", len(folds), "fold") as bar:
        for _, outcome in map_in_order(partial(examine, lines, params), folds, everything.runtime):
            outcomes.append(outcome)
            bar.update()
    found = {by: confusions(lines, [o for o in outcomes if o.fold.by == by]) for by in BOTH}
    content = {
        **describe(lines, params),
        "held_out": held_out(poems),
        "classifiers": {name: {by: summary(found[by][name]) for by in BOTH} for name in found["poem"]},
        "beside": beside_best(found["poem"]),
        "book": book(lines, [o for o in outcomes if o.fold.by == "line"], params),
    }
    write_json(report, content)
    write_table(table, list(told(lines, outcomes)))
    return figures(content)


def held_out(poems: Path) -> str:
    """What a fold keeps whole: poems, or stanzas where nothing marks the ends of a poet's poems."""
    poets = read_json(poems / "stats.json")["poets"].values()
    return "stanzas" if any(poet["told_apart_by"] == "stanza" for poet in poets) else "poems"


def examine(lines: Lines, params: PoetryClassification, fold: Fold) -> Outcome:
    """Train every classifier on the lines outside a fold and ask it of those inside."""
    torch.set_num_threads(1)  # of this worker's process; the other workers have the other cores
    train, test = split(lines, fold, folds=params.folds, seed=params.seed)
    labels, seed, longest = lines.labels[train], params.seed + fold.repeat, params.longest_ngram
    tags, asked = _take(lines.tags, train), _take(lines.tags, test)
    words, asked_words = _take(lines.words, train), _take(lines.words, test)
    networks = Networks(tags, labels, len(lines.poets), params.recurrent, seed).probabilities(asked)
    predicted = {
        "recurrent": networks.mean(axis=0).argmax(axis=1),
        "recurrent_alone": networks[0].argmax(axis=1),
        "logistic_regression": logistic_regression(tags, labels, longest)(asked),
        "naive_bayes": naive_bayes(tags, labels, longest)(asked),
        "hidden_markov": hidden_markov(tags, labels, params.hidden_states, seed)(asked),
        "most_frequent": most_frequent(labels)(asked),
        "words_logistic_regression": logistic_regression(words, labels, longest)(asked_words),
        "words_naive_bayes": naive_bayes(words, labels, longest)(asked_words),
    }
    return Outcome(fold, test, predicted)


def confusions(lines: Lines, outcomes: Sequence[Outcome]) -> dict[str, np.ndarray]:
    """Each classifier's confusions, (folds, poets, poets)."""
    return {
        name: np.stack([confusion(lines.labels[o.lines], o.predicted[name], len(lines.poets)) for o in outcomes])
        for name in outcomes[0].predicted
    }


def told(lines: Lines, outcomes: Sequence[Outcome]) -> Iterator[dict[str, str]]:
    """For each line, whose it is and, when its poem was first held out, whose each classifier said."""
    for outcome in (outcome for outcome in outcomes if outcome.fold.by == "poem" and outcome.fold.repeat == 0):
        columns = {"poet": lines.labels[outcome.lines], **outcome.predicted}
        for labels in zip(*columns.values(), strict=True):
            yield {name: lines.poets[label] for name, label in zip(columns, labels, strict=True)}


def beside_best(found: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """The recurrent classifier beside the best one that is given the same tags, chosen on these very folds."""
    best = max(BASELINES, key=lambda name: summary(found[name])["accuracy"])
    return {"baseline": best, **difference(found["recurrent"], found[best])}


def book(lines: Lines, outcomes: Sequence[Outcome], params: PoetryClassification) -> dict[str, Any]:
    """What the book's own test says of the recurrent classifier: a few random lines that were not learned.

    They are drawn over and over from all folds by line, each line judged by the networks that did not see it.
    """
    right = np.concatenate([o.predicted["recurrent"] == lines.labels[o.lines] for o in outcomes])
    told = small_tests(right, params.book_lines, params.book_draws, params.seed)
    return {
        "lines": params.book_lines,
        "draws": params.book_draws,
        "mean": float(told.mean() / params.book_lines),
        "deviation": float(told.std() / params.book_lines),
        "claimed": CLAIMED,
        "reached": float((told >= CLAIMED * params.book_lines).mean()),
        "shares": (np.bincount(told, minlength=params.book_lines + 1) / params.book_draws).tolist(),
    }


def describe(lines: Lines, params: PoetryClassification) -> dict[str, Any]:
    """Whose lines they are, and how the classifiers were tested."""
    counts = zip(lines.poets, lines.counts(np.arange(len(lines.labels))), lines.counts(lines.poems), strict=True)
    return {
        "poets": {poet: {"lines": own, "poems": poems} for poet, own, poems in counts},
        "folds": params.folds,
        "repeats": params.repeats,
        "unit": params.recurrent.unit,
        "networks": params.recurrent.networks,
    }


def figures(content: Mapping[str, Any]) -> Metrics:
    """The report's numbers, flat; says those that tell most."""
    scores, beside, ten = content["classifiers"], content["beside"], content["book"]
    best = beside["baseline"]
    told = {name: f"{scores[name]['poem']['accuracy']:.1%}" for name in scores}
    say(
        f"poetry_classification: of lines of unseen {content['held_out']} {told['recurrent']} told by "
        f"{content['networks']} x {content['unit']}, {told[best]} by the best other on tags "
        f"({best.replace('_', ' ')}), {told['most_frequent']} by always naming the same poet"
    )
    say(
        f"poetry_classification: {ten['lines']} random lines, as in the book, say {ten['mean']:.1%} +- "
        f"{100 * ten['deviation']:.1f}; {ten['reached']:.1%} of the draws reach {ten['claimed']:.0%}"
    )
    found: Metrics = {
        f"{name}_{score}_by_{by}": each[by][score]
        for name, each in scores.items()
        for by in BOTH
        for score in ("accuracy", "accuracy_deviation", "balanced_accuracy", "balanced_accuracy_deviation")
    }
    found |= {f"beside_best_{name}": value for name, value in beside.items() if name != "baseline"}
    return found | {f"book_{name}": ten[name] for name in ("mean", "deviation", "reached")}


def _take(texts: Sequence[Any], places: np.ndarray) -> list[Any]:
    return [texts[place] for place in places]


if __name__ == "__main__":
    main()
