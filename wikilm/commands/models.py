"""List the entries of `models`, and the figures of those that are trained."""

import argparse
from collections.abc import Mapping
from typing import Any

from pipeline.scores.wording import reached
from pipeline.store.sequences import HELD_OUT
from wikilm.commands.answer import Answer, table
from wikilm.commands.options import add_data
from wikilm.run import Run

LEGEND = (
    "valid, test: perplexity, or bits per byte of a text in pieces; known: test perplexity of known words; epoch: the "
    "best; analogies: the test half of Google's that are answered right, by cosine; grammar: the share of each set "
    "that is judged right; `dvc status` lists what must be trained again"
)
add_arguments = add_data


def models(arguments: argparse.Namespace) -> Answer:
    """Return the settings and the figures of each model."""
    run: Run = arguments.data
    found = run.models()
    header = ("name", "kind", "sizes", "parameters", "valid", "test", "known", "epoch", "analogies", "grammar", "")
    return Answer(found, table([header, *map(_row, found)], "<<<>>>>>><<"), LEGEND)


def _row(model: Mapping[str, Any]) -> tuple[str, ...]:
    forms = {"test_known_perplexity": ".1f", "best_epoch": "", "analogies_right": ".1%"}
    variant = model["variant"] if model["variant"] not in (None, model["name"]) else ""
    return (
        model["name"],
        f"{model['kind'].replace('_', ' ')} {variant}".strip(),
        "-".join(map(str, model["sizes"])),
        "-" if model["parameters"] is None else f"{model['parameters']:,}",
        *("-" if model[f"{split}_perplexity"] is None else reached(model, split) for split in HELD_OUT),
        *("-" if model[key] is None else format(model[key], form) for key, form in forms.items()),
        ", ".join(f"{name} {right:.1%}" for name, right in model["grammar"].items()) or "-",
        _advice(model),
    )


def _advice(model: Mapping[str, Any]) -> str:
    if model["trained"] and model["of_this_text"]:
        return ""
    problem = "of another vocabulary, not comparable" if model["trained"] else "not trained"
    return f"{problem}: dvc repro train@{model['name']}"
