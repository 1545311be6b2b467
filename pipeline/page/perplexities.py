"""The section on language models: their table with n-gram models and mixtures, their curves, what they write."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from pipeline.page.charts import Palette, Series, axis, lines
from pipeline.page.results import ForTemplate, Results
from pipeline.records.figures import SplitFigures
from pipeline.records.models import Sentences
from pipeline.scores.wording import ends, interval, reached, relation
from pipeline.vectors.evaluation.choice import best_language_model

NGRAM_LABELS = {
    "unigram": "unigram",
    "bigram_add_one": "bigram, add-one",
    "bigram_kneser_ney": "bigram, Kneser-Ney",
    "trigram_kneser_ney": "trigram, Kneser-Ney",
    "fivegram_kneser_ney": "5-gram, Kneser-Ney",
}
READ = {"stream": "stream / stream", "random_rows": "rows / rows"}  # how models with such batches train and are tested
MOST_DOTS = 20  # of a curve; on a phone, more hide whether its line is dotted


class Cell(NamedTuple):
    """A value, and what stands below it in small print."""

    value: str
    notes: tuple[str, ...] = ()


def section(results: Results, palette: Palette) -> ForTemplate | None:
    """Return what `models.html` shows: a row for each model, those of params.yaml first."""
    models, baselines = results.language_models, results.rows("baselines", NGRAM_LABELS)
    if not models and not baselines:
        return None
    compared = results.compared
    every = models | baselines | {name: {} for name in compared.weights}
    best, rival = best_language_model(models), best_language_model(baselines)
    curves = results.perplexity_curves()
    levels = [(NGRAM_LABELS[rival], baselines[rival]["valid_perplexity"])] if rival else []
    read = {name: results.models[name].batches.kind for name in models} | dict.fromkeys(baselines, "random_rows")
    rows = {
        name: {"trained / read": Cell(READ.get(read.get(name, ""), ""))}
        | cells({**own, **compared.rows.get(name, {})}, best)
        for name, own in every.items()
    }
    columns = [column for column in next(iter(rows.values())) if any(row[column].value for row in rows.values())]
    return {
        "columns": columns,
        "rows": {
            name: [Cell(NGRAM_LABELS.get(name, name), blend(compared.weights.get(name, {}))), *map(row.get, columns)]
            for name, row in rows.items()
        },
        "best": best,
        "mixed": bool(compared.weights),
        "vocabulary_size": next(iter(every.values()))["vocabulary_size"],
        "colours": {name: palette[name] for name in models},
        "curves": learning_curves("Perplexity of each model by epoch", curves, palette, levels) if curves else None,
        "sentences": results.of_models(results.language_models, "sentences.json", Sentences),
    }


def learning_curves(
    label: str,
    curves: Mapping[str, Mapping[str, Sequence[float]]],
    palette: Palette,
    levels: Sequence[tuple[str, float]] = (),
) -> Markup:
    """Return a chart of perplexity by epoch: a dotted `train` curve and a solid `valid` curve."""
    longest = max(len(splits["valid"]) for splits in curves.values())
    dots = longest <= MOST_DOTS
    drawn = [
        Series(model, range(1, len(splits[split]) + 1), splits[split], split, dotted=split == "train", dots=dots)
        for model, splits in curves.items()
        for split in ("train", "valid")
    ]
    across = axis("epoch", [1, longest])._replace(ticks=range(1, longest + 1, max(1, longest // 8)))
    values = [value for each in drawn for value in each.y] + [value for _, value in levels]
    return lines(label, drawn, across, axis("perplexity (log scale)", values, log=True), palette, levels=levels)


def blend(weights: Mapping[str, float]) -> tuple[str, ...]:
    """Return what a mixture consists of, in words; nothing for a model that is no mixture."""
    told = [f"{weight:.2f} {NGRAM_LABELS.get(name, name)}" for name, weight in weights.items()]
    return (" + ".join(told),) if told else ()


def cells(figures: Mapping[str, Any], best: str | None) -> dict[str, Cell]:
    """Return a model's cells by the heading of their column; a cell is empty where the figure is not known."""

    def told(key: str, form: str) -> str:
        return format(figures[key], form) if key in figures else ""

    def cell(key: str, form: str, *notes: str) -> Cell:
        return Cell(told(key, form), tuple(filter(None, notes)))

    def spread(split: str) -> str:
        if f"{split}_perplexity_sd" not in figures:
            return ""
        mean, deviation = (told(f"{split}_perplexity_{kind}", ",.1f") for kind in ("mean", "sd"))
        return f"{figures['seeds']} seeds: {mean} ± {deviation}"

    plain, dynamic = interval(figures, "test_perplexity", ",.1f"), ""
    if "test_dynamic_perplexity" in figures:
        dynamic = f"{reached(figures, 'test_dynamic')} with dynamic evaluation ({ends(figures, 'test_dynamic')})"
    known = told("test_known_accuracy", ".1%")
    level = f"level with {best}" if "ratio" in figures and relation(figures) == "level with" else ""
    return {
        "test bits per byte": cell("test_bits_per_byte", ".3f", interval(figures, "test_bits_per_byte", ".3f")),
        "perplexity per word": cell("test_word_perplexity", ",.0f"),
        "valid perplexity": cell("valid_perplexity", ",.1f", spread("valid")),
        "test perplexity": cell("test_perplexity", ",.1f", plain, spread("test"), dynamic),
        f"relative to {best}": cell("ratio", ".3f", interval(figures, "ratio", ".3f"), level),
        **{f"test {name.replace('_', ' ')}": cell(f"test_{name}", form) for name, form in SplitFigures.forms().items()},
        "perplexity of known words": cell("test_known_perplexity", ",.1f", f"{known} right" if known else ""),
        "best epoch": cell("best_epoch", ""),
        "parameters": cell("parameters", ","),
        "tokens/s": cell("tokens_per_second", ",.0f"),
        "seconds": cell("seconds", ",.0f"),
        "MB": cell("megabytes", ",.0f"),
    }
