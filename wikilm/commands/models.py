"""List the entries of `models`, their figures, and what must be trained again."""

import argparse
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pipeline.settings import Entry
from wikilm.commands.answer import Answer, table
from wikilm.commands.options import add_data
from wikilm.run import Run

NOTE = (
    "valid, test: perplexity; known: test perplexity of known words; epoch: the best; "
    "analogies: the test half of Google's that are answered right, by cosine"
)
add_arguments = add_data


def models(arguments: argparse.Namespace) -> Answer:
    """Return the settings and the figures of each model, and what changed since it was trained."""
    run: Run = arguments.data
    found = [describe(run, name, entry) for name, entry in run.params.models.items()]
    header = ("name", "kind", "sizes", "parameters", "valid", "test", "known", "epoch", "analogies", "")
    return Answer(found, table([header, *map(_row, found)], "<<<>>>>>><"), "; ".join([NOTE, *_unasked(found)]))


def _unasked(found: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield why evaluated models have no accuracy on analogies."""
    reasons: dict[str, list[str]] = {}
    for model in found:
        if model["analogies_asked_test"] == 0:
            why = "no question is known"
            if model["analogies_asked"]:
                why = "every known question is in the development half"
            reasons.setdefault(why, []).append(model["name"])
    yield from (f"{', '.join(names)}: {why}" for why, names in reasons.items())


def describe(run: Run, name: str, entry: Entry) -> dict[str, Any]:
    """Return the settings of a trained model, or else of its `entry`, and its figures, None if a stage has not run."""
    trained, compared, asked = (run.read(f"metrics/{stage}/{name}.json") for stage in ("train", "compare", "analogies"))
    if not math.isclose(compared.get("test_perplexity", 0), trained.get("test_perplexity", 0)):
        compared = {}  # the model was trained again since
    train, record = run.params.train, run.record(name)
    seeds = train.seeds if entry.kind == "language_model" else 1
    if record:
        record |= {"seeds": trained.get("seeds", 1)}
    current: dict[str, Any] = {"settings": entry.model_dump(), "seed": train.seed, "seeds": seeds}
    if record.get("seed") in range(train.seed, train.seed + seeds):  # the best of the seeds
        current["seed"] = record["seed"]
    if (run.path / "sequences.db").exists():
        current["vocabulary"] = run.sequences.meta.get("vocabulary")
    settings = record.get("settings", current["settings"])
    unit = settings.get("unit")
    return {
        "name": name,
        "kind": settings["kind"],
        "variant": unit["kind"] if isinstance(unit, dict) else unit or settings.get("algorithm"),
        "sizes": sizes(settings),
        "trained": bool(record),
        "changed": [key for key, value in current.items() if record and record.get(key) != value],
        "parameters": trained.get("parameters"),
        "valid_perplexity": trained.get("valid_perplexity"),
        "test_perplexity": trained.get("test_perplexity"),
        "test_known_perplexity": compared.get("test_known_perplexity"),
        "best_epoch": trained.get("best_epoch"),
        "analogies_right": asked.get("test_total") if asked.get("asked_test") else None,
        "analogies_asked": asked.get("asked"),
        "analogies_asked_test": asked.get("asked_test"),
    }


def changes(model: Mapping[str, Any]) -> str:
    """Return what changed since a model that `describe` returned was trained, in words; empty if nothing did."""
    return f"{' and '.join(model['changed']).replace('_', ' ')} changed since" if model["changed"] else ""


def sizes(settings: Mapping[str, Any]) -> list[int]:
    """Return the size of the input vectors and of each hidden layer."""
    return [*filter(None, [settings.get("embedding_size")]), *settings.get("hidden_sizes", [])]


def _row(model: Mapping[str, Any]) -> tuple[str, ...]:
    def told(key: str, form: str) -> str:
        return "-" if model[key] is None else format(model[key], form)

    variant = model["variant"] if model["variant"] not in (None, model["name"]) else ""
    state = changes(model) if model["trained"] else "not trained"
    return (
        model["name"],
        f"{model['kind'].replace('_', ' ')} {variant}".strip(),
        "-".join(map(str, model["sizes"])),
        told("parameters", ","),
        told("valid_perplexity", ".1f"),
        told("test_perplexity", ".1f"),
        told("test_known_perplexity", ".1f"),
        told("best_epoch", ""),
        told("analogies_right", ".1%"),
        f"{state}: dvc repro train@{model['name']}" if state else "",
    )
