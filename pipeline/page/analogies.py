"""The page's section on analogies: what each model's vectors answer, and where the models disagree."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.evaluation.markdown import within
from pipeline.page.charts import accuracy_by_section, accuracy_curves, to_html
from pipeline.run.outputs import read_json
from pipeline.vectors.questions import BOOK, google_questions

PAIRS = 6  # of models whose disagreement has examples
EXAMPLES = 3  # of each

Results = Mapping[str, Any]  # of each model by name, what `pipeline.evaluation.evaluate.evaluate` found


def analogies_section(data: Path, names: Sequence[str], metrics: Mapping[str, Any]) -> dict[str, Any] | None:
    """What `analogies.html` shows of the models `names`; nothing where none was evaluated."""
    paths = {name: data / "reports/analogies" / f"{name}.json" for name in names}
    results = {name: read_json(path) for name, path in paths.items() if path.is_file()}
    if not results:
        return None
    return {
        "results": results,
        "within": {name: within(result) for name, result in results.items()},
        "trained": {name: metrics.get(f"train-{name}", {}) for name in results},
        "book": {name: file for name, result in results.items() for file in result["files"] if file["name"] == BOOK},
        "own": _own_files(results),
        "disagreement": disagreement(results) if len(results) > 1 else None,
        "charts": dict(_charts(results, dict(_curves(data / "models", results)), metrics)),
    }


def _own_files(results: Results) -> dict[str, dict[str, Any]]:
    """Of each of the user's files of questions, what each model answered."""
    found: dict[str, dict[str, Any]] = {}
    for name, result in results.items():
        for file in result["files"]:
            if file["name"] != BOOK:
                found.setdefault(file["name"], {})[name] = file
    return found


def disagreement(results: Results) -> dict[str, Any]:
    """How many of Google's questions each model answers right and another wrong, and examples of it.

    `counts[one][other]` is over the questions that both were asked. `examples` are from the pairs of the most.
    """
    questions = google_questions()
    answers = {name: [a for s in result["sections"].values() for a in s["answers"]] for name, result in results.items()}
    right = {
        name: np.array([answer in q.answers for answer, q in zip(given, questions, strict=True)])
        for name, given in answers.items()
    }
    asked = {name: np.array([answer is not None for answer in given]) for name, given in answers.items()}
    differ = {(a, b): np.flatnonzero(right[a] & asked[b] & ~right[b]) for a, b in permutations(results, 2)}
    counts: dict[str, dict[str, int]] = {name: {} for name in results}
    for (one, other), found in differ.items():
        counts[one][other] = len(found)
    examples = []
    for one, other in sorted(differ, key=lambda pair: -len(differ[pair]))[:PAIRS]:
        found = differ[one, other]
        some = found[:: max(1, len(found) // EXAMPLES)][:EXAMPLES]  # from sections far apart
        said = [
            {"a": q.a, "b": q.b, "c": q.c, "right": answers[one][i], "wrong": answers[other][i]}
            for i, q in ((i, questions[i]) for i in some)
        ]
        if said:
            examples.append({"one": one, "other": other, "said": said})
    return {"counts": counts, "examples": examples}


def _charts(results: Results, curves: Results, metrics: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each chart that has something to show, by its name."""
    accuracy = {
        name: {s: v["cosine"] / v["asked"] for s, v in result["sections"].items() if v["asked"]}
        for name, result in results.items()
    }
    if any(accuracy.values()):
        yield "sections", to_html(accuracy_by_section(accuracy), "sections")
    if curves:
        yield "words", to_html(accuracy_curves(curves, "words read"), "analogies-words")
    seconds = {}
    for name, (words, right) in curves.items():
        trained = metrics.get(f"train-{name}", {})
        if trained.get("cpu_seconds") and trained.get("words_read"):
            start = trained.get("start_cpu_seconds", 0)  # spent before the first epoch, on reading words and the like
            each = (trained["cpu_seconds"] - start) / trained["words_read"]
            seconds[name] = ([start + n * each for n in words], right)
    if seconds:
        yield "seconds", to_html(accuracy_curves(seconds, "CPU seconds"), "analogies-seconds")


def _curves(models: Path, names: Iterable[str]) -> Iterator[tuple[str, tuple[list[float], list[float]]]]:
    """Of each model that was asked while it trained, the words it had read and the share answered right then."""
    for name in names:
        if (path := models / name / "curves/analogies.tsv").is_file():
            with path.open(encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file, delimiter="\t"))
            yield name, ([float(row["words"]) for row in rows], [float(row["cosine_total"]) for row in rows])
