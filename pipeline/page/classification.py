"""The section on classifying lines by poet, from the report of `poetry_classification`."""

from collections.abc import Mapping
from typing import Any

from pipeline.page.charts import columns, strip
from pipeline.page.parity import UNITS
from pipeline.page.results import Results


def section(results: Results) -> dict[str, Any] | None:
    """Return what `classification.html` shows; None without a report, or with an empty one."""
    if not (report := results.json("reports/poetry_classification.json")):
        return None
    labels, book = labels_of(report), report["book"]
    shown = [name for name in labels if name not in ("recurrent_alone", "most_frequent")]
    reached = [correct >= book["claimed"] * book["lines"] for correct in range(book["lines"] + 1)]
    return {
        **report,
        "labels": labels,
        "strips": strips(report, labels),
        "draws": columns(
            "How often a test of a few random lines gives each score",
            [round(100 * share, 2) for share in book["shares"]],
            reached,
            f"correct lines of {book['lines']}",
            "tests (%)",
        ),
        "confusions": {labels[name]: confusion(report, name) for name in shown},
    }


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


def strips(report: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, Any]:
    """Return for each classifier its accuracy by poem as a dot and its deviation over the folds as a line."""
    scores = {name: report["classifiers"][name]["poem"] for name in labels}
    spans = {
        name: (score["accuracy"] - score["accuracy_deviation"], score["accuracy"] + score["accuracy_deviation"])
        for name, score in scores.items()
    }
    ends = (min(low for low, _ in spans.values()), max(high for _, high in spans.values()))
    return {name: strip(scores[name]["accuracy"], *spans[name], ends) for name in labels}


def confusion(report: Mapping[str, Any], name: str) -> dict[str, list[float]]:
    """Return a classifier's confusion matrix in the folds by poem: by poet, the shares of the lines by prediction."""
    counts = report["classifiers"][name]["poem"]["confusion"]
    return {poet: [count / sum(row) for count in row] for poet, row in zip(report["poets"], counts, strict=True)}
