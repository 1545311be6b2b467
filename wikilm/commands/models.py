"""List the entries of `models`, and the figures of those that are trained."""

import argparse
import math
from collections.abc import Mapping
from typing import Any

from pipeline.run.errors import reading
from pipeline.scores.wording import reached
from pipeline.settings.params import Entry
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
    found = [describe_model(run, name, entry) for name, entry in run.params.models.items()]
    header = ("name", "kind", "sizes", "parameters", "valid", "test", "known", "epoch", "analogies", "grammar", "")
    return Answer(found, table([header, *map(_row, found)], "<<<>>>>>><<"), LEGEND)


def describe_model(run: Run, name: str, entry: Entry) -> dict[str, Any]:
    """Return the settings of a trained model, or else of its `entry`, and its figures, None if a stage has not run."""
    stages = "train", "compare", "analogies", "grammar"
    trained, compared, asked, judged = (run.figures(f"{stage}/{name}") for stage in stages)
    if not math.isclose(compared.get("test_perplexity", 0), trained.get("test_perplexity", 0)):
        compared = {}  # the model was trained again since
    if run.stale(name):
        asked = {}
    record = run.record(name)
    text = run.path / "sequences.db"
    of_run = not (record and text.is_file()) or record.vocabulary == run.vocabulary.fingerprint
    settings = record.settings if record else entry.model_dump()
    unit = settings.get("unit", settings.get("recurrent"))
    with reading(run.path / f"models/{name}/model.json"):
        described = {
            "kind": str(settings["kind"]),
            "variant": unit["kind"] if isinstance(unit, dict) else unit or settings.get("algorithm"),
            "sizes": [*filter(None, [settings.get("embedding_size")]), *settings.get("hidden_sizes", [])],
        }
    return {
        "name": name,
        **described,
        "trained": bool(record),
        "of_this_text": of_run if record else None,
        "parameters": trained.get("parameters"),
        "valid_perplexity": trained.get("valid_perplexity"),
        "test_perplexity": trained.get("test_perplexity"),
        **{key: trained[key] for key in ("valid_bits_per_byte", "test_bits_per_byte") if key in trained},
        "test_known_perplexity": compared.get("test_known_perplexity"),
        "best_epoch": trained.get("best_epoch"),
        "analogies_right": asked.get("test_total") if asked.get("asked_test") else None,
        "grammar": {key: value for key, value in judged.items() if not key.endswith(("_low", "_high"))},
    }


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
