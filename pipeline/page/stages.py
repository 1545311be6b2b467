"""The section on the pipeline: a box for each stage, and what became of every page."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pipeline.page.perplexities import BASELINES
from pipeline.page.results import Results


def section(results: Results) -> dict[str, Any] | None:
    """Return what `stages.html` shows of the stages that ran."""
    content = {
        "flow": list(main_flow(results)),
        "side": list(side_flow(results)),
        "pages": pages_table(stats) if (stats := results.json("articles.json")) else None,
        "templates": templates_table(stats) if stats else None,
    }
    return content if any(content.values()) else None


def main_flow(results: Results) -> Iterator[dict[str, Any]]:
    """Yield a box for each stage from the files to the analogies; a stage that runs for each model has one box."""
    if m := results.figures("download"):
        yield _box(results, "download", "the source", f"{m['bytes'] / 1e6:,.1f} MB", f"in {_many(m['files'], 'file')}")
    if m := results.figures("templates"):
        yield _box(results, "templates", "the pages of templates", f"{m['definitions']:,} definitions", "")
    if m := results.figures("extract"):
        kept = f"{m['articles']:,} articles"
        note = f"with {m['characters']:,} characters of prose"
        yield _box(results, "extract", f"{m['pages']:,} pages", kept, note, m["articles"] / m["pages"])
    if m := results.figures("tokens"):
        took, kept = f"{m['articles']:,} articles", f"{m['tokens']:,} tokens"
        yield _box(results, "tokens", took, kept, f"in {m['sequences']:,} sequences")
    if m := results.figures("vocabulary"):
        words, distinct = m["words"], m["distinct_words"]
        note = f"{m['coverage']:.1%} of the text"
        yield _box(results, "vocabulary", f"{distinct:,} distinct words", f"{words:,} words", note, words / distinct)
    if m := results.figures("index"):
        known = 1 - m["unknown_share"]
        rows = f"{m['rows']:,} rows: {m['rows_train']:,} train, {m['rows_valid']:,} valid, {m['rows_test']:,} test"
        note = f"the others are UNKNOWN; {rows}"
        yield _box(results, "index", f"{m['tokens']:,} tokens", f"{known:.1%} of them", note, known)
    if ran := results.rows("train", results.models):
        note = f"{_many(len(results.language_models), 'language model')} among them"
        yield _box(results, "train", "the training rows", _many(len(ran), "model"), note, names=ran)
    if ran := results.rows("embeddings", results.models):
        note = f"of {max(figures['vocabulary_size'] for figures in ran.values()):,} vectors"
        yield _box(results, "embeddings", "the weights", _many(len(ran), "set"), note, names=ran)
    if reports := results.analogies:
        asked = max(report["asked"] for report in reports.values())
        note = f"{asked:,} of {next(iter(reports.values()))['questions']:,} questions asked"
        yield _box(results, "analogies", "the vectors", _many(len(reports), "report"), note, names=reports)


def side_flow(results: Results) -> Iterator[dict[str, Any]]:
    """Yield a box for each stage that leads to no word vectors."""
    if m := results.figures("baselines/trigram_kneser_ney"):
        note = f"test perplexity {m['test_perplexity']:.1f} by Kneser-Ney trigrams"
        kept = _many(len(results.rows("baselines", BASELINES)), "n-gram model")
        yield _box(results, "baselines", "the rows", kept, note)
    if rows := results.compared["rows"]:
        perplexities = {name: rows[name]["test_perplexity"] for name in results.compared["weights"]}
        took = f"the scores of {_many(len(rows) - len(perplexities), 'model')}"
        note = "; ".join(f"test perplexity {perplexity:.1f} by {name}" for name, perplexity in perplexities.items())
        yield _box(results, "compare", took, _many(len(perplexities), "mixture"), note)
    if report := results.json("reports/parity.json"):
        solved, nets = sum(net["solved"] for net in report["nets"].values()), report["seeds"] * len(report["nets"])
        took, kept = f"{report['sequences']:,} sequences of bits", f"{solved} of {_many(nets, 'net')}"
        yield _box(results, "parity", took, kept, "learnt them all", solved / nets)
    if m := results.figures("poems"):
        note = f"of {_many(m['poems'], 'poem')}; {_many(m['duplicates'], 'duplicate')} dropped"
        yield _box(results, "poems", f"verse of {_many(m['poets'], 'poet')}", f"{m['lines']:,} lines", note)
    if report := results.json("reports/poetry_generation.json"):
        poets = report["poets"].values()
        took, kept = f"lines of {_many(len(poets), 'poet')}", _many(sum(len(poet["models"]) for poet in poets), "model")
        yield _box(results, "poetry_generation", took, kept, "and samples of their verse")
    if report := results.json("reports/poetry_classification.json"):
        accuracy = report["classifiers"]["recurrent"]["accuracy"]
        kept, note = f"{accuracy:.1%} of the lines", "classified correctly"
        yield _box(results, "poetry_classification", "the tags of lines", kept, note, accuracy)


def _box(
    results: Results, stage: str, took: str, kept: str, note: str, share: float | None = None, names: Iterable[str] = ()
) -> dict[str, Any]:
    """Return what `stages.html` draws of a stage, or of its runs for some `names`; a `share` is a bar."""
    runs = [f"{stage}/{name}" for name in names] or [stage]
    return {"name": stage, "seconds": results.seconds(runs), "took": took, "kept": kept, "note": note, "share": share}


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


HOW = {
    "by_definition": "shown by its definition in the dump, or as MediaWiki defines it",
    "by_name": "shown, as its name is known",
    "no_words": "shows no words: a reference, a note, a flag",
    "dropped": "dropped: it is not known what it shows",
}


def templates_table(stats: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the number of templates inside sentences by how they were read, or None if none was met."""
    found = stats["templates"]
    if not found["met"]:
        return None
    rows = [(meaning, found[how]) for how, meaning in HOW.items()]
    return {"rows": rows, "total": found["met"], "dropped": found["most_dropped"]}


def pages_table(stats: Mapping[str, Any]) -> dict[str, Any]:
    """Return the number of pages by what became of them."""
    dropped = ((f"dropped: {reason.replace('_', ' ')}", count) for reason, count in stats["dropped"].items())
    rows = [("kept as an article", stats["kept"]), *dropped]
    return {"rows": rows, "total": stats["in"], "failed": stats["failed"]}
