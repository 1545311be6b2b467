"""The section on analogies: the explorer, every evaluation set, and where the models disagree."""

from collections.abc import Iterator, Mapping
from itertools import permutations
from typing import Any

from markupsafe import Markup

from pipeline.page.charts import Palette, Series, axis, lines
from pipeline.page.results import Curves, Results
from pipeline.vectors.evaluation.answered import spread
from pipeline.vectors.evaluation.choice import best_vectors
from pipeline.vectors.evaluation.intervals import wilson
from pipeline.vectors.evaluation.markdown import within
from pipeline.vectors.evaluation.suite import TRIVIAL, shown
from pipeline.vectors.questions import BOOK

PAIRS = 6  # of models whose disagreement has examples

Reports = Mapping[str, Any]  # by model, what `pipeline.vectors.evaluation.evaluate.evaluate` found


def section(results: Results, palette: Palette) -> dict[str, Any] | None:
    """Return what `analogies.html` shows; None if no model was evaluated."""
    reports = results.analogies
    if not reports:
        return None
    own = files_of_questions(reports)
    curves = {"words read": results.analogy_curves(), "CPU seconds": dict(by_cpu_seconds(results))}
    return {
        "results": reports,
        "explorer": explorer(reports),
        "suite": suite(reports),
        "best": best_vectors(results.rows("analogies", reports)),
        "trained": results.rows("train", reports),
        "book": own.pop(BOOK, {}),
        "own": own,
        "disagreement": disagreement(reports) if len(reports) > 1 else None,
        "charts": {counted: accuracy_curves(found, counted, palette) for counted, found in curves.items() if found},
        "colours": {name: palette[name] for name in reports},
        "shown": shown,
        "within": within,
    }


def explorer(reports: Reports) -> list[dict[str, Any]]:
    """Return a row for each section of Google's questions, with a cell for each model; those asked come first.

    `baseline` is the share that the better trivial rule gets right; None where nothing was asked.
    """
    rows = []
    for name, first in next(iter(reports.values()))["sections"].items():
        baseline = max(first[rule] for rule in TRIVIAL) / first["asked"] if first["asked"] else None
        cells = {model: cell(name, report) for model, report in reports.items()}
        counts = {"asked": first["asked"], "questions": first["questions"]}
        rows.append({"name": name, **counts, "baseline": baseline, "cells": cells})
    return sorted(rows, key=lambda row: not row["asked"])


def cell(section: str, report: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a model's share of right answers in a section, with Wilson's interval and examples; None if not asked."""
    found = report["sections"][section]
    if not found["asked"]:
        return None
    low, high = wilson(found["cosine"], found["asked"])
    answers = report["answers"][section]
    near = [q for q in answers if not q["right"] and set(q["expected"].split(" or ")) & set(q["top5"])]
    kinds = {
        "Right": [q for q in answers if q["right"]],
        "Right among the five best answers": near,
        "Wrong": [q for q in answers if not q["right"] and q not in near],
    }
    return {
        "share": found["cosine"] / found["asked"],
        "right": found["cosine"],
        "asked": found["asked"],
        "low": low,
        "high": high,
        "kinds": {kind: (len(questions), spread(questions)) for kind, questions in kinds.items() if questions},
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


def files_of_questions(reports: Reports) -> dict[str, dict[str, Any]]:
    """Return, for each file of questions, what each model answered."""
    found: dict[str, dict[str, Any]] = {}
    for name, report in reports.items():
        for file in report["files"]:
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
    counts = {one: {other: len(differ[one, other]) for other in reports if other != one} for one in reports}
    examples = []
    for one, other in sorted(differ, key=lambda pair: -len(differ[pair]))[:PAIRS]:
        said = [
            answers[one][q] | {"right": answers[one][q]["top5"][0], "wrong": answers[other][q]["top5"][0]}
            for q in spread(differ[one, other])
        ]
        if said:
            examples.append({"one": one, "other": other, "said": said})
    return {"counts": counts, "examples": examples}


def _answers(report: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Yield a key of each question that was asked, and its answers."""
    for section, answers in report["answers"].items():
        for asked in answers:
            yield (section, asked["a"], asked["b"], asked["c"], asked["expected"]), asked


def accuracy_curves(curves: Curves, counted: str, palette: Palette) -> Markup:
    """Return each model's accuracy on analogies by what is `counted`; a curve has amounts and shares from 0 to 1."""
    drawn = [Series(name, amounts, [100 * share for share in shares]) for name, (amounts, shares) in curves.items()]
    x = axis(counted, [amount for each in drawn for amount in each.x], zero=True)
    y = axis("accuracy (%)", [share for each in drawn for share in each.y], zero=True)
    return lines(f"Accuracy of each model on analogies by {counted}", drawn, x, y, palette)


def by_cpu_seconds(results: Results) -> Iterator[tuple[str, list[list[float]]]]:
    """Yield the CPU seconds spent so far and the accuracy on analogies of each model whose times are known."""
    for name, (words, right) in results.analogy_curves().items():
        trained = results.figures(f"train/{name}")
        if "cpu_seconds" in trained:
            start = trained.get("start_cpu_seconds", 0)  # spent before the first epoch, on reading words and the like
            each = (trained["cpu_seconds"] - start) / words[-1]
            yield name, [[start + n * each for n in words], right]
