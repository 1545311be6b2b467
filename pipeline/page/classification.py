"""The section on classifying lines by poet, from the report of `poetry_classification`."""

from models.recurrent.units import UNITS
from pipeline.page.results import ForTemplate, Results
from pipeline.records.experiments import ClassificationReport

CLASSIFIER_LABELS = {
    "logistic_regression": "logistic regression",
    "naive_bayes": "naive Bayes",
    "hidden_markov": "hidden Markov models",
    "most_frequent": "always the same poet",
}


def section(results: Results) -> ForTemplate | None:
    """Return what `classification.html` shows; None without a report, or with an empty one."""
    if not (report := ClassificationReport.read_if_there(results.data / "reports/poetry_classification.json")):
        return None
    labels = {"recurrent": f"{UNITS[report.unit].label} ({report.networks} networks)", **CLASSIFIER_LABELS}
    confusion = report.classifiers["recurrent"].confusion
    shares = {poet: [count / sum(row) for count in row] for poet, row in zip(report.poets, confusion, strict=True)}
    return {**dict(report), "labels": labels, "confusion": shares}
