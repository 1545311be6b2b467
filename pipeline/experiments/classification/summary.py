"""The results of the cross-validations: the report, the table of predictions, the figures."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.stats import hypergeom
from scipy.stats import t as student
from sklearn.metrics import confusion_matrix, recall_score

from pipeline.experiments.classification.folds import KINDS, Outcome
from pipeline.experiments.classification.lines import Lines
from pipeline.run.console import Metrics
from pipeline.settings.experiment_sections import PoetryClassification

BASELINES = ("logistic_regression", "naive_bayes", "hidden_markov")  # on the same tags as the recurrent classifier
CLAIMED = 9 / 10  # the accuracy that the book reports on its ten lines


def make_report(
    lines: Lines, held_out: str, outcomes: Sequence[Outcome], params: PoetryClassification
) -> dict[str, Any]:
    """Return what the page shows; `held_out` names what a fold keeps whole."""
    by_kind = {by: [outcome for outcome in outcomes if outcome.by == by] for by in KINDS}
    counts = zip(lines.poets, np.bincount(lines.labels).tolist(), lines.counts(lines.poems), strict=True)
    return {
        "poets": {poet: {"lines": own, "poems": poems} for poet, own, poems in counts},
        **params.model_dump(include={"folds", "repeats"}),
        **params.recurrent.model_dump(include={"unit", "networks"}),
        "held_out": held_out,
        "classifiers": {
            name: {by: summarize(own, name, len(lines.poets)) for by, own in by_kind.items()}
            for name in outcomes[0].predicted
        },
        "comparison": compare_with_baselines(by_kind["poem"], params.folds),
        "book": repeat_the_books_test(by_kind["line"], params),
    }


def summarize(outcomes: Sequence[Outcome], name: str, poets: int) -> dict[str, Any]:
    """Return a classifier's scores: mean and standard deviation over the folds, and the summed confusion matrix.

    Balanced accuracy is averaged over the poets who have lines in a fold; guessing reaches 1 / poets. A row of the
    confusion matrix (poets, poets) counts the lines of one poet by the predicted poet.
    """
    folds = [(outcome.labels, outcome.predicted[name]) for outcome in outcomes]
    balanced = [recall_score(*fold, labels=np.unique(fold[0]), average="macro") for fold in folds]
    scores = {"accuracy": accuracies(outcomes, name), "balanced_accuracy": np.array(balanced)}
    return {
        **{score: float(values.mean()) for score, values in scores.items()},
        **{f"{score}_deviation": float(values.std()) for score, values in scores.items()},
        "chosen": dict(Counter(outcome.chosen[name] for outcome in outcomes).most_common()),
        "confusion": np.sum([confusion_matrix(*fold, labels=range(poets)) for fold in folds], axis=0).tolist(),
    }


def accuracies(outcomes: Sequence[Outcome], name: str) -> np.ndarray:
    """Return a classifier's accuracy in each fold."""
    return np.array([np.mean(outcome.predicted[name] == outcome.labels) for outcome in outcomes])


def compare_with_baselines(outcomes: Sequence[Outcome], folds: int) -> dict[str, Any]:
    """Return by how much the recurrent classifier's accuracy exceeds the best baseline's, over the folds.

    The folds that compare them also choose the best.
    """
    best = max(BASELINES, key=lambda name: accuracies(outcomes, name).mean())
    more = accuracies(outcomes, "recurrent") - accuracies(outcomes, best)
    return {"baseline": best, "mean": float(more.mean()), **paired_test(more, folds)}


def paired_test(differences: np.ndarray, folds: int) -> dict[str, float | None]:
    """Return the p-value of no difference over repeated `folds`, and the ends of the mean's 95% interval.

    A paired t-test with the correction of Nadeau and Bengio (2003): folds share training lines, so the variance of the
    mean is (1 / n + 1 / (folds - 1)) times that of a difference, not 1 / n times. None if all differences are equal.
    """
    differences = differences.round(12)  # differences of equal counts may differ by rounding
    if not np.ptp(differences):
        return {"p_value": None, "low": None, "high": None}
    number, mean = len(differences), float(differences.mean())
    error = float(np.sqrt(differences.var(ddof=1) * (1 / number + 1 / (folds - 1))))
    half = float(student.ppf(0.975, number - 1)) * error
    return {
        "p_value": float(2 * student.sf(abs(mean) / error, number - 1)),
        "low": mean - half,
        "high": mean + half,
    }


def repeat_the_books_test(outcomes: Sequence[Outcome], params: PoetryClassification) -> dict[str, Any]:
    """Return the recurrent classifier's accuracy on a few random lines, the book's test.

    The lines come from all folds by line; each is predicted by networks that were not trained on it. `shares` is the
    probability of each number of right lines (a hypergeometric distribution).
    """
    right = np.concatenate([outcome.predicted["recurrent"] == outcome.labels for outcome in outcomes])
    lines = params.book_lines
    scores = np.arange(lines + 1) / lines
    shares = hypergeom.pmf(np.arange(lines + 1), len(right), right.sum(), lines)
    mean = scores @ shares
    return {
        "lines": lines,
        "mean": float(mean),
        "deviation": float(((scores - mean) ** 2 @ shares) ** 0.5),
        "claimed": CLAIMED,
        "reached": float(shares[scores >= CLAIMED].sum()),
        "shares": shares.tolist(),
    }


def predictions(poets: Sequence[str], outcomes: Sequence[Outcome]) -> Iterator[dict[str, str]]:
    """Yield, for each line, its poet and each classifier's prediction in the first cross-validation by poem."""
    for outcome in outcomes:
        if (outcome.by, outcome.repeat) == ("poem", 0):
            columns = {"poet": outcome.labels, **outcome.predicted}
            for labels in zip(*columns.values(), strict=True):
                yield {name: poets[label] for name, label in zip(columns, labels, strict=True)}


def describe(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield the main results, a line each."""
    accuracy = {name: f"{scores['poem']['accuracy']:.1%}" for name, scores in report["classifiers"].items()}
    compared, book = report["comparison"], report["book"]
    best = compared["baseline"]
    yield (
        f"accuracy on lines of unseen {report['held_out']}: {accuracy['recurrent']} by {report['networks']} x "
        f"{report['unit']}, {accuracy[best]} by the best baseline on tags ({best.replace('_', ' ')}), "
        f"{accuracy['most_frequent']} by always the same poet"
    )
    if compared["p_value"] is not None:
        yield (
            f"the recurrent classifier is {100 * compared['mean']:+.1f} points ({100 * compared['low']:+.1f} to "
            f"{100 * compared['high']:+.1f}) from that baseline; p = {compared['p_value']:.2g} by a corrected "
            "paired t-test"
        )
    yield (
        f"accuracy on {book['lines']} random lines, as in the book: {book['mean']:.1%} +- "
        f"{100 * book['deviation']:.1f}; {book['reached']:.1%} of such tests reach {book['claimed']:.0%}"
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
