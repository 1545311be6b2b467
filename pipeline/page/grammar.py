"""The section on grammar: judgements on minimal pairs and suites, and the pairs that two models judge differently."""

from pipeline.page.charts import Palette
from pipeline.page.results import ForTemplate, Results
from pipeline.records.grammar import Accuracy, GrammarReport, SetGrammar
from pipeline.scores.wording import as_points


def section(results: Results, palette: Palette) -> ForTemplate | None:
    """Return what `grammar.html` shows: each set by its levels, the first one with bars; None without a set."""
    if not (report := GrammarReport.read_if_there(results.data / "reports/grammar.json")):
        return None
    sets = {
        name: {"figures": own, "what": "pairs" if own.kind == "pairs" else "items", "levels": levels(own)}
        for name, own in report.sets.items()
    }
    models = dict.fromkeys(model for own in report.sets.values() for model in own.models)
    return {"sets": sets, "colours": {name: palette[name] for name in models}, "points": as_points}


def levels(found: SetGrammar) -> dict[str, dict[str, dict[str, Accuracy]]]:
    """Return the figures of all models by level and group; before the groups of the first level, those of all pairs."""
    models = found.models
    by_level = {
        level: {group: {name: own.groups[level][group] for name, own in models.items()} for group in groups}
        for level, groups in next(iter(models.values())).groups.items()
    }
    first, *rest = by_level
    return {first: {"all": dict(models), **by_level[first]}, **{level: by_level[level] for level in rest}}
