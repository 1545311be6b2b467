"""The section on the pipeline: a box for each stage, and what became of every page."""

from collections.abc import Iterator

from pipeline.page.results import ForTemplate, Results
from pipeline.records.text import ArticlesAccount, TemplatesAccount
from pipeline.store.vocabularies import KINDS


def section(results: Results) -> ForTemplate | None:
    """Return what `stages.html` shows of the stages that ran."""
    content = {
        "flow": list(flow(results)),
        "pages": pages_table(stats) if (stats := results.articles) else None,
        "templates": templates_table(stats.templates) if stats else None,
    }
    return content if any(content.values()) else None


FLOW = {  # what a stage took, what it kept, and a note
    "download": ("the source", "{bytes:,} bytes", "{files:,} file(s)"),
    "templates": ("the pages of templates", "{definitions:,} definitions", ""),
    "extract": ("{pages:,} pages", "{articles:,} articles", "with {characters:,} characters of prose"),
    "tokens": ("{articles:,} articles", "{tokens:,} tokens", "in {sequences:,} sequences"),
    "vocabulary": ("{distinct_words:,} distinct words", "{words:,} words", "{coverage:.1%} of the training split"),
    "index": ("{tokens:,} tokens", "{rows:,} rows", "{rows_train:,} train, {rows_valid:,} valid, {rows_test:,} test"),
}
# Of a vocabulary that was learnt from the text, of some kind.
LEARNT = ("the training split", "{{{0.many}:,}} {0.called}", "of {{bytes_per_{0.one}:.2f}} bytes on average")
EACH = {"train": "the training rows", "embeddings": "the weights", "analogies": "the vectors"}  # for each model


def flow(results: Results) -> Iterator[ForTemplate]:
    """Yield a box for each stage from the files to the analogies; a stage that runs for each model has one box."""
    for stage, told in FLOW.items():
        if figures := results.figures(stage):
            learnt = next((kind for kind in KINDS.values() if f"bytes_per_{kind.one}" in figures), None)
            parts = (part.format(learnt) for part in LEARNT) if learnt else told
            took, kept, note = (part.format_map(figures) for part in parts)
            yield {"name": stage, "seconds": results.seconds([stage]), "took": took, "kept": kept, "note": note}
    for stage, took in EACH.items():
        if ran := results.rows(stage, results.models):
            seconds, kept = results.seconds(f"{stage}/{name}" for name in ran), f"{len(ran)} models"
            yield {"name": stage, "seconds": seconds, "took": took, "kept": kept, "note": ", ".join(ran)}


HOW = {
    "by_definition": "shown by its definition in the dump, or as MediaWiki defines it",
    "by_name": "shown, as its name is known",
    "no_words": "shows no words: a reference, a note, a flag",
    "dropped": "dropped: it is not known what it shows",
}


def templates_table(found: TemplatesAccount) -> ForTemplate | None:
    """Return the number of templates inside sentences by how they were read, or None if none was met."""
    if not found.met:
        return None
    rows = [(meaning, getattr(found, how)) for how, meaning in HOW.items()]
    return {"rows": rows, "total": found.met, "dropped": found.most_dropped}


def pages_table(stats: ArticlesAccount) -> ForTemplate:
    """Return the number of pages by what became of them."""
    dropped = ((f"dropped: {reason.replace('_', ' ')}", count) for reason, count in stats.dropped.items())
    rows = [("kept as an article", stats.kept), *dropped]
    return {"rows": rows, "total": stats.pages, "failed": stats.failed}
