"""The section on generated verse: how each poet's models learnt, and how new their lines are."""

from pipeline.page.charts import Palette
from pipeline.page.perplexities import NGRAM_LABELS, learning_curves
from pipeline.page.results import ForTemplate, Results
from pipeline.records.experiments import GenerationReport
from pipeline.scores.wording import interval, relation


def section(results: Results, palette: Palette) -> ForTemplate | None:
    """Return what `generation.html` shows; None without a report, or with an empty one."""
    if not (report := GenerationReport.read_if_there(results.data / "reports/poetry_generation.json")):
        return None
    curves = {
        poet: learning_curves(
            f"Perplexity of each model of {poet} by epoch",
            {name: model.curves for name, model in found.models.items()},
            palette,
        )
        for poet, found in report.poets.items()
    }
    told = {"baselines": NGRAM_LABELS, "curves": curves, "interval": interval, "relation": relation}
    return {**report.model_dump(), **told}
