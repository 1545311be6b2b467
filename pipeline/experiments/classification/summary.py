"""The results of the cross-validations: the report, the table of predictions, the figures."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from scipy.stats import hypergeom
from scipy.stats import t as student
from sklearn.metrics import confusion_matrix

from pipeline.experiments.classification.folds import NETWORKS, Outcome
from pipeline.experiments.classification.lines import Lines
from pipeline.records.experiments import (
    BookTest,
    ClassificationReport,
    ClassifierScores,
    FoldComparison,
    KeptWhole,
    LineCounts,
)
from pipeline.run.console import Metrics
from pipeline.settings.experiment_sections import PoetryClassification

BASELINES = ("logistic_regression", "naive_bayes", "hidden_markov")
BOOK_LINES, CLAIMED = 10, 9  # the lines of the book's test, and how many of them it has right


def make_report(
    lines: Lines, held_out: KeptWhole, outcomes: list[Outcome], params: PoetryClassification
) -> ClassificationReport:
    """Return what the page shows; `held_out` names what a fold keeps whole."""
    return ClassificationReport(
        poets={
            poet: LineCounts(lines=int((own := lines.labels == label).sum()), poems=len(np.unique(lines.poems[own])))
            for label, poet in enumerate(lines.poets)
        },
        **params.model_dump(),
        networks=NETWORKS,
        held_out=held_out,
        classifiers={name: summarize(outcomes, name, len(lines.poets)) for name in outcomes[0].predicted},
        comparison=compare_with_baselines(outcomes, params.folds),
        book=BookTest(lines=BOOK_LINES, claimed=CLAIMED, reached=reach_the_books_score(outcomes)),
    )


def summarize(outcomes: Sequence[Outcome], name: str, poets: int) -> ClassifierScores:
    """Return a classifier's accuracy, mean and standard deviation over the folds, and the summed confusion matrix.

    A row of the confusion matrix (poets, poets) counts the lines of one poet by the predicted poet.
    """
    shares = by_fold(outcomes, name)
    confusions = [confusion_matrix(own.labels, own.predicted[name], labels=range(poets)) for own in outcomes]
    return ClassifierScores(
        accuracy=float(shares.mean()),
        accuracy_deviation=float(shares.std()),
        chosen=dict(Counter(outcome.chosen[name] for outcome in outcomes).most_common()),
        confusion=np.sum(confusions, axis=0).tolist(),
    )


def by_fold(outcomes: Sequence[Outcome], name: str) -> np.ndarray:
    """Return a classifier's accuracy in each fold."""
    return np.array([np.mean(outcome.predicted[name] == outcome.labels) for outcome in outcomes])


def compare_with_baselines(outcomes: Sequence[Outcome], folds: int) -> FoldComparison:
    """Return by how much the recurrent classifier's accuracy exceeds the best baseline's, over the folds.

    The folds that compare them also choose the best.
    """
    best = max(BASELINES, key=lambda name: by_fold(outcomes, name).mean())
    more = by_fold(outcomes, "recurrent") - by_fold(outcomes, best)
    return FoldComparison(baseline=best, mean=float(more.mean()), **paired_test(more, folds))


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
    return {"p_value": float(2 * student.sf(abs(mean) / error, number - 1)), "low": mean - half, "high": mean + half}


def reach_the_books_score(outcomes: Sequence[Outcome]) -> float:
    """Return how likely the recurrent classifier is right on 9 or more of 10 random held-out lines, the book's test."""
    right = np.concatenate([outcome.predicted["recurrent"] == outcome.labels for outcome in outcomes])
    return float(hypergeom.sf(CLAIMED - 1, len(right), right.sum(), min(BOOK_LINES, len(right))))


def predictions(poets: Sequence[str], outcomes: Sequence[Outcome]) -> Iterator[dict[str, str]]:
    """Yield, for each line, its poet and each classifier's prediction in the first cross-validation."""
    for outcome in outcomes:
        if outcome.repeat == 0:
            columns = {"poet": outcome.labels, **outcome.predicted}
            for labels in zip(*columns.values(), strict=True):
                yield {name: poets[label] for name, label in zip(columns, labels, strict=True)}


def main_result(report: ClassificationReport) -> str:
    """Return the main results in one line."""
    accuracy = {name: f"{scores.accuracy:.1%}" for name, scores in report.classifiers.items()}
    best, low, high = report.comparison.baseline, report.comparison.low, report.comparison.high
    apart = "" if low is None or high is None else f", a difference of {100 * low:+.1f} to {100 * high:+.1f} points"
    return (
        f"accuracy on lines of unseen {report.held_out}: {accuracy['recurrent']} by {report.networks} x "
        f"{report.unit}, {accuracy[best]} by the best baseline ({best.replace('_', ' ')}){apart}"
        f"; {accuracy['most_frequent']} by always the same poet"
    )


def classifier_figures(report: ClassificationReport) -> dict[str, Metrics]:
    """Return the metrics of each classifier."""
    shown = {"accuracy", "accuracy_deviation"}
    return {name: own.model_dump(include=shown) for name, own in report.classifiers.items()}
