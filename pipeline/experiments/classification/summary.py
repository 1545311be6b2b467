"""The results of the cross-validations: the report, the table of predictions, the figures."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.experiments.classification.folds import KINDS, Outcome
from pipeline.experiments.classification.lines import Lines
from pipeline.experiments.classification.scores import compare, confusion, draw_small_tests, summarize
from pipeline.experiments.classification.settings import PoetryClassification
from pipeline.run.console import Metrics

BASELINES = ("logistic_regression", "naive_bayes", "hidden_markov")  # on the same tags as the recurrent classifier
CLAIMED = 9 / 10  # the accuracy that the book reports on its ten lines


def make_report(
    lines: Lines, held_out: str, outcomes: Sequence[Outcome], params: PoetryClassification
) -> dict[str, Any]:
    """Return what the page shows; `held_out` names what a fold keeps whole."""
    outcomes_by = {by: [outcome for outcome in outcomes if outcome.fold.by == by] for by in KINDS}
    found = {by: confusions(own, len(lines.poets)) for by, own in outcomes_by.items()}
    counts = zip(lines.poets, np.bincount(lines.labels).tolist(), lines.counts(lines.poems), strict=True)
    return {
        "poets": {poet: {"lines": own, "poems": poems} for poet, own, poems in counts},
        **params.model_dump(include={"folds", "repeats"}),
        **params.recurrent.model_dump(include={"unit", "networks"}),
        "held_out": held_out,
        "classifiers": {name: {by: summarize(found[by][name]) for by in KINDS} for name in found["poem"]},
        "beside": compare_with_baselines(found["poem"]),
        "book": repeat_the_books_test(outcomes_by["line"], params),
    }


def confusions(outcomes: Sequence[Outcome], poets: int) -> dict[str, np.ndarray]:
    """Return each classifier's confusion matrices, (folds, poets, poets)."""
    return {
        name: np.stack([confusion(outcome.labels, outcome.predicted[name], poets) for outcome in outcomes])
        for name in outcomes[0].predicted
    }


def compare_with_baselines(found: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Compare the recurrent classifier with the best baseline; the folds that compare them also choose the best."""
    best = max(BASELINES, key=lambda name: summarize(found[name])["accuracy"])
    return {"baseline": best, **compare(found["recurrent"], found[best])}


def repeat_the_books_test(outcomes: Sequence[Outcome], params: PoetryClassification) -> dict[str, Any]:
    """Return the recurrent classifier's accuracy on a few random lines, the book's test, drawn many times.

    The lines come from all folds by line; each is predicted by networks that were not trained on it.
    """
    right = np.concatenate([outcome.predicted["recurrent"] == outcome.labels for outcome in outcomes])
    counts = draw_small_tests(right, params.book_lines, params.book_draws, params.seed)
    return {
        "lines": params.book_lines,
        "draws": params.book_draws,
        "mean": float(counts.mean() / params.book_lines),
        "deviation": float(counts.std() / params.book_lines),
        "claimed": CLAIMED,
        "reached": float((counts >= CLAIMED * params.book_lines).mean()),
        "shares": (np.bincount(counts, minlength=params.book_lines + 1) / params.book_draws).tolist(),
    }


def predictions(poets: Sequence[str], outcomes: Sequence[Outcome]) -> Iterator[dict[str, str]]:
    """Yield, for each line, its poet and each classifier's prediction in the first cross-validation by poem."""
    for outcome in outcomes:
        if (outcome.fold.by, outcome.fold.repeat) == ("poem", 0):
            columns = {"poet": outcome.labels, **outcome.predicted}
            for labels in zip(*columns.values(), strict=True):
                yield {name: poets[label] for name, label in zip(columns, labels, strict=True)}


def describe(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield the main results, a line each."""
    accuracy = {name: f"{scores['poem']['accuracy']:.1%}" for name, scores in report["classifiers"].items()}
    best, book = report["beside"]["baseline"], report["book"]
    yield (
        f"accuracy on lines of unseen {report['held_out']}: {accuracy['recurrent']} by {report['networks']} x "
        f"{report['unit']}, {accuracy[best]} by the best baseline on tags ({best.replace('_', ' ')}), "
        f"{accuracy['most_frequent']} by always the same poet"
    )
    yield (
        f"accuracy on {book['lines']} random lines, as in the book: {book['mean']:.1%} +- "
        f"{100 * book['deviation']:.1f}; {book['reached']:.1%} of the draws reach {book['claimed']:.0%}"
    )


def figures(report: Mapping[str, Any]) -> dict[str, Metrics]:
    """Return the metrics of each classifier."""
    return {
        name: {
            f"{score}_by_{by}": each[by][score]
            for by in KINDS
            for score in ("accuracy", "accuracy_deviation", "balanced_accuracy")
        }
        for name, each in report["classifiers"].items()
    }
