"""What models expect as the next word: those whose weights fit compute it on the page, others know some beginnings."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from models.recurrent.recorded import recorded
from models.recurrent.units import unit_of
from pipeline.page.charts import Palette
from pipeline.page.coding import coded
from pipeline.page.perplexities import NGRAM_LABELS
from pipeline.page.results import ForTemplate, Results
from pipeline.records.models import Guesses, ModelRecord
from pipeline.run.outputs import read_tensors
from pipeline.store.vocabulary import END, START, WORDS
from pipeline.vectors.evaluation.choice import best_language_model

WEIGHTS_ROOM = 1_100_000  # characters of weights on the page


def section(results: Results, palette: Palette) -> ForTemplate | None:
    """Return what `next.html` shows of the language models and the best n-gram model; None without language models.

    Weights are held in the order of params.yaml; a model that no longer fits into `WEIGHTS_ROOM` is left out.
    """
    if not (guesses := results.of_language_models("guesses.json", Guesses)):
        return None
    models, size = [], 0
    for name, found in guesses.items():
        models.append({"name": name, "colour": palette[name], "next": found.next})
        weights = results.data / "models" / name / "weights.safetensors"
        needed = weights.stat().st_size // 3  # four bytes of a value become 8 bits, in base64
        fits = size + needed <= WEIGHTS_ROOM and results.kind.of_tokens
        if fits and (own := network(ModelRecord.read(weights.with_name("model.json")), read_tensors(weights))):
            size += needed
            models[-1] |= own
    if rival := best_language_model(results.rows("baselines", NGRAM_LABELS)):
        label = NGRAM_LABELS[rival]
        after = results.json(f"baselines/{rival}/next.json")
        models.append({"name": label, "colour": palette[label], "next": after})
    vocabulary = results.sequences.vocabulary
    words = [vocabulary.text([id]) for id in range(len(vocabulary))[WORDS]]
    told = [beginning.text for beginning in results.example.beginnings] if results.example else []
    return {"words": words, "of_tokens": results.kind.of_tokens, "models": models, "beginnings": told}


def network(record: ModelRecord, weights: Mapping[str, np.ndarray]) -> ForTemplate | None:
    """Return a language model as the page's script takes it, its weights `coded`; None if its softmax is adaptive."""
    settings, unit = record.settings, unit_of(record.settings["unit"])
    if settings["loss"]["kind"] == "adaptive":
        return None
    sizes = pairwise([weights["embedding.weight"].shape[1], *settings["hidden_sizes"]])
    layers: list[ForTemplate] = [{"size": n, **recorded(unit, below, n), "weights": {}} for below, n in sizes]
    for name, own in weights.items():
        if name.startswith("recurrent."):
            _, _, number, parameter = name.split(".", 3)
            layers[int(number)]["weights"][parameter] = coded(own)
    return {
        "before": END if settings["batches"]["kind"] == "stream" else START,
        "embedding": coded(weights["embedding.weight"]),
        "output": coded(weights["output.weight"]) if "output.weight" in weights else None,
        "bias": coded(weights["output.bias"]),
        "layers": layers,
    }
