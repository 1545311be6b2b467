"""The section on classifying lines by poet, from the report of `poetry_classification`."""

from collections.abc import Mapping
from typing import Any

from pipeline.page.parity import UNITS
from pipeline.page.results import Results


def section(results: Results) -> dict[str, Any] | None:
    """Return what `classification.html` shows; None without a report, or with an empty one."""
    if not (report := results.json("reports/poetry_classification.json")):
        return None
    labels = labels_of(report)
    shown = [name for name in labels if name not in ("recurrent_alone", "most_frequent")]
    return {**report, "labels": labels, "confusions": {labels[name]: confusion(report, name) for name in shown}}


def labels_of(report: Mapping[str, Any]) -> dict[str, str]:
    """Return each classifier's name in words."""
    unit, networks = UNITS[report["unit"]], report["networks"]
    return {
        "recurrent": f"{unit} ({networks} networks)" if networks > 1 else unit,
        **({"recurrent_alone": f"{unit} (one network)"} if networks > 1 else {}),
        "logistic_regression": "logistic regression",
        "naive_bayes": "naive Bayes",
        "hidden_markov": "hidden Markov models",
        "most_frequent": "always the same poet",
        "words_logistic_regression": "words: logistic regression",
        "words_naive_bayes": "words: naive Bayes",
    }


def confusion(report: Mapping[str, Any], name: str) -> dict[str, list[float]]:
    """Return a classifier's confusion matrix in the folds by poem: by poet, the shares of the lines by prediction."""
    counts = report["classifiers"][name]["poem"]["confusion"]
    return {poet: [count / sum(row) for count in row] for poet, row in zip(report["poets"], counts, strict=True)}
