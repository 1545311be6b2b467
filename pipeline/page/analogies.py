"""The section on analogies: the explorer, the book's questions and one's own, and every evaluation set."""

from collections.abc import Mapping

from markupsafe import Markup

from pipeline.page.charts import Palette, Series, axis, lines
from pipeline.page.results import ForTemplate, Results
from pipeline.records.analogies import AnalogyReport, FileAnswers
from pipeline.vectors.evaluation.wording import TRIVIAL, as_text, spread, standing
from pipeline.vectors.questions import BOOK

ByModel = Mapping[str, AnalogyReport]


def section(results: Results, palette: Palette) -> ForTemplate | None:
    """Return what `analogies.html` shows; None if no model was evaluated."""
    reports = results.analogies
    if not reports:
        return None
    own = files_of_questions(reports)
    compared = results.vectors
    best, leads = (compared.best, compared.leads) if compared else (None, {})
    return {
        "results": reports,
        "explorer": explorer(reports),
        "suite": suite(reports),
        "best": best,
        "standings": {name: f"{standing(lead.low, lead.high)} {best}" for name, lead in leads.items()},
        "trivial": TRIVIAL,
        "baseline": max(next(iter(reports.values())).accuracy[rule].total for rule in TRIVIAL),
        "trained": results.rows("train", reports),
        "book": own.pop(BOOK, {}),
        "own": own,
        "curves": accuracy_curves(results, palette),
        "colours": {name: palette[name] for name in reports},
        "shown": as_text,
    }


def explorer(reports: ByModel) -> list[ForTemplate]:
    """Return a row for each section of Google's questions, with a cell for each model; those asked come first.

    `baseline` is the share that the best trivial rule gets right; None where nothing was asked.
    """
    rows = []
    for name, first in next(iter(reports.values())).sections.items():
        baseline = max(getattr(first, rule) for rule in TRIVIAL) / first.asked if first.asked else None
        cells = {model: cell(name, report) for model, report in reports.items()}
        counts = {"asked": first.asked, "questions": first.questions}
        rows.append({"name": name, **counts, "baseline": baseline, "cells": cells})
    return sorted(rows, key=lambda row: not row["asked"])


def cell(section: str, report: AnalogyReport) -> ForTemplate | None:
    """Return a model's share of right answers in a section, with its interval and examples; None if not asked."""
    found = report.sections.get(section)
    if not (found and found.asked):
        return None
    answers = report.answers[section]
    near = [q for q in answers if not q.right and set(q.expected.split(" or ")) & set(q.top5)]
    kinds = {
        "Right": [q for q in answers if q.right],
        "Right among the five best answers": near,
        "Wrong": [q for q in answers if not q.right and q not in near],
    }
    return {
        "share": found.cosine / found.asked,
        "right": found.cosine,
        "asked": found.asked,
        "low": found.low,
        "high": found.high,
        "kinds": {kind: (len(questions), spread(questions)) for kind, questions in kinds.items() if questions},
    }


def suite(reports: ByModel) -> list[ForTemplate]:
    """Return each evaluation set and figure, as the `first` report that has it tells of it.

    `models` holds each model's own row: a report without this set has none.
    """
    rows: dict[tuple[str, str], ForTemplate] = {}
    for name, report in reports.items():
        for row in report.suite:
            rows.setdefault((row.set, row.figure), {"first": row, "models": {}})["models"][name] = row
    return list(rows.values())


def files_of_questions(reports: ByModel) -> dict[str, dict[str, FileAnswers]]:
    """Return, for each file of questions, what each model answered."""
    found: dict[str, dict[str, FileAnswers]] = {}
    for name, report in reports.items():
        for file in report.files:
            found.setdefault(file.name, {})[name] = file
    return found


def accuracy_curves(results: Results, palette: Palette) -> Markup | None:
    """Return each model's accuracy on analogies by the words read so far; None if no model has a curve."""
    curves = results.analogy_curves().items()
    drawn = [Series(name, own.words_read, [100 * share for share in own.cosine_total]) for name, own in curves]
    if not drawn:
        return None
    x = axis("words read", [words for each in drawn for words in each.x], zero=True)
    y = axis("accuracy (%)", [share for each in drawn for share in each.y], zero=True)
    return lines("Accuracy of each model on analogies by words read", drawn, x, y, palette)
