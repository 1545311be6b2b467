"""The section on language models: their table with the Markov models, and their learning curves."""

from typing import Any

from pipeline.evaluation.choice import best_language_model
from pipeline.page.charts import learning_curves, to_html
from pipeline.page.results import Results

BASELINES = {
    "unigram": "unigram",
    "bigram_add_one": "bigram, add-one",
    "bigram_kneser_ney": "bigram, Kneser-Ney",
    "trigram_kneser_ney": "trigram, Kneser-Ney",
}


def section(results: Results) -> dict[str, Any] | None:
    """Return what `models.html` shows: a row for each model, those of params.yaml first."""
    models, baselines = results.language_models, results.rows("baselines", BASELINES)
    curves = {name: {"train": train, "valid": valid} for name, (train, valid) in results.perplexity_curves().items()}
    if not models and not baselines:
        return None
    return {
        "rows": [*models.items(), *((BASELINES[name], figures) for name, figures in baselines.items())],
        "best": best_language_model(models),
        "timed": any("seconds" in figures for figures in models.values()),
        "curves": to_html(learning_curves(curves), "curves") if curves else None,
    }
