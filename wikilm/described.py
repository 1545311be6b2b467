"""What a run knows of a model: its settings, and the figures of the stages that have run."""

import math
from typing import Any

from pipeline.run.errors import reading
from pipeline.settings.params import Entry
from wikilm.run_folder import RunFolder


def describe_model(run: RunFolder, name: str, entry: Entry) -> dict[str, Any]:
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
