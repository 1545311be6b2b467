"""The page's section on language models: their table beside the Markov models, and how they learnt."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.page.charts import learning_curves, to_html

BASELINES = {
    "unigram": "unigram",
    "bigram_add_one": "bigram, add-one",
    "bigram_kneser_ney": "bigram, Kneser-Ney",
    "trigram_kneser_ney": "trigram, Kneser-Ney",
}


def section(
    data: Path, names: Sequence[str], models: Mapping[str, Any], baselines: Mapping[str, float] | None
) -> dict[str, Any] | None:
    """What `models.html` shows: figures of the language `models` by name, and of the `baselines`."""
    curves = {name: found for name in names if (found := _curves(data / "models" / name / "curves"))}
    if not models and not baselines and not curves:
        return None
    return {
        "models": models,
        "baselines": list(baseline_rows(baselines)) if baselines else [],
        "curves": to_html(learning_curves(curves), "curves") if curves else None,
    }


def baseline_rows(figures: Mapping[str, float]) -> Iterator[dict[str, Any]]:
    """Each Markov model as a row beside the language models."""
    for name, label in BASELINES.items():
        yield {
            "name": label,
            "vocabulary_size": figures["vocabulary_size"],
            "valid_perplexity": figures[f"{name}_valid_perplexity"],
            "test_perplexity": figures[f"{name}_test_perplexity"],
            "test_accuracy": figures[f"{name}_test_accuracy"],
        }


def _curves(directory: Path) -> dict[str, list[float]] | None:
    """Perplexity by epoch on both splits, from the tables beside its weights; nothing of a model without one."""
    metrics = directory / "plots/metrics"
    if not (metrics / "valid_perplexity.tsv").is_file():
        return None
    return {split: _column(metrics / f"{split}_perplexity.tsv", f"{split}_perplexity") for split in ("train", "valid")}


def _column(path: Path, name: str) -> list[float]:
    with path.open(encoding="utf-8", newline="") as file:
        return [float(row[name]) for row in csv.DictReader(file, delimiter="\t")]
