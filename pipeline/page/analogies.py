"""The section on analogies: what each model's vectors answer, and where the models disagree."""

from collections.abc import Iterator, Mapping
from itertools import permutations
from typing import Any

from pipeline.evaluation.choice import best_vectors
from pipeline.page.charts import accuracy_by_section, accuracy_curves, to_html
from pipeline.page.plots import by_section
from pipeline.page.results import Results
from pipeline.vectors.questions import BOOK

PAIRS = 6  # of models whose disagreement has examples
EXAMPLES = 3  # of each

Reports = Mapping[str, Any]  # by model, what `pipeline.evaluation.evaluate.evaluate` found


def section(results: Results) -> dict[str, Any] | None:
    """Return what `analogies.html` shows; None if no model was evaluated."""
    reports = results.analogies
    if not reports:
        return None
    return {
        "results": reports,
        "suite": suite(reports),
        "best": best_vectors(results.rows("analogies", reports)),
        "trained": results.rows("train", reports),
        "book": {name: file for name, report in reports.items() for file in report["files"] if file["name"] == BOOK},
        "own": _own_files(reports),
        "disagreement": disagreement(reports) if len(reports) > 1 else None,
        "charts": dict(_charts(results)),
    }


def suite(reports: Reports) -> list[dict[str, Any]]:
    """Return a row for each evaluation set and figure, as the first report that has it tells of it.

    `models` holds each model's own row: a report without this set has none.
    """
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for name, report in reports.items():
        for row in report["suite"]:
            rows.setdefault((row["set"], row["figure"]), {**row, "models": {}})["models"][name] = row
    return list(rows.values())


def _own_files(reports: Reports) -> dict[str, dict[str, Any]]:
    """Return, for each of the user's files of questions, what each model answered."""
    found: dict[str, dict[str, Any]] = {}
    for name, report in reports.items():
        for file in report["files"]:
            if file["name"] != BOOK:
                found.setdefault(file["name"], {})[name] = file
    return found


def disagreement(reports: Reports) -> dict[str, Any]:
    """Return how many of Google's questions each model answers correctly and another does not, with examples.

    `counts[one][other]` is over the questions that both were asked. `examples` are of the pairs that disagree most.
    """
    answers = {name: dict(_answers(report)) for name, report in reports.items()}
    differ = {
        (a, b): [q for q in answers[a] if q in answers[b] and answers[a][q]["right"] > answers[b][q]["right"]]
        for a, b in permutations(reports, 2)
    }
    counts: dict[str, dict[str, int]] = {name: {} for name in reports}
    for (one, other), found in differ.items():
        counts[one][other] = len(found)
    examples = []
    for one, other in sorted(differ, key=lambda pair: -len(differ[pair]))[:PAIRS]:
        found = differ[one, other]
        some = found[:: max(1, len(found) // EXAMPLES)][:EXAMPLES]  # from sections far apart
        said = [
            answers[one][q] | {"right": answers[one][q]["top5"][0], "wrong": answers[other][q]["top5"][0]} for q in some
        ]
        if said:
            examples.append({"one": one, "other": other, "said": said})
    return {"counts": counts, "examples": examples}


def _answers(report: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Yield a key of each question that was asked, and its answers."""
    for section, answers in report["answers"].items():
        for asked in answers:
            yield (section, asked["a"], asked["b"], asked["c"], asked["expected"]), asked


def _charts(results: Results) -> Iterator[tuple[str, str]]:
    """Yield the name and the HTML of each chart that has something to show."""
    accuracy: dict[str, dict[str, float]] = {}
    for name, of, _, share in by_section(results):
        accuracy.setdefault(name, {})[of] = share
    if accuracy:
        yield "sections", to_html(accuracy_by_section(accuracy), "sections")
    for axis, curves in (("words read", results.analogy_curves()), ("CPU seconds", dict(_by_cpu_seconds(results)))):
        if curves:
            yield axis, to_html(accuracy_curves(curves, axis), f"analogies-by-{axis.replace(' ', '-')}")


def _by_cpu_seconds(results: Results) -> Iterator[tuple[str, list[list[float]]]]:
    """Yield the CPU seconds spent so far and the accuracy on analogies of each model whose times are known."""
    for name, (words, right) in results.analogy_curves().items():
        trained = results.figures(f"train/{name}")
        if "cpu_seconds" in trained:
            start = trained.get("start_cpu_seconds", 0)  # spent before the first epoch, on reading words and the like
            each = (trained["cpu_seconds"] - start) / words[-1]
            yield name, [[start + n * each for n in words], right]
