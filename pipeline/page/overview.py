"""The head of the page: what the run read, and its main figures."""

import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.evaluation.choice import best_language_model, best_vectors
from pipeline.page.results import Results

# 2026-07-01 or 20260701, as in the names of dump files.
DATE = re.compile(r"-(20\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?=[-.])")
SOURCES = {"sample": "the built-in sample", "dumps": "Wikimedia's dumps"}


def title(results: Results, *, ran: bool) -> str:
    """Return the name of the wiki; without one, whether any stage `ran`."""
    if extracted := results.json("articles.json"):
        return str(extracted["wiki"])
    return "the smaller experiments" if ran else "nothing has run yet"


def facts(results: Results) -> Iterator[tuple[str, str]]:
    """Yield what was read and trained: (label, value)."""
    if manifest := results.json("raw/manifest.json"):
        files = manifest["files"]
        dates = sorted({"-".join(found.groups()) for file in files if (found := DATE.search(Path(file["path"]).name))})
        size = sum(file["bytes"] for file in files) / 1e6
        number = "1 file" if len(files) == 1 else f"{len(files):,} files"
        is_dump = manifest.get("kind", "dump") == "dump"
        source = SOURCES.get(manifest["source"], manifest["source"])
        yield "dump" if is_dump else "text", f"{source}, {number}, {size:,.1f} MB"
        if is_dump:
            yield "date", ", ".join(dates) or "unknown (not in the file name)"
    if extracted := results.json("articles.json"):
        yield "wiki", f"{extracted['wiki']}, language {extracted['language']}"
    if trained := results.rows("train", results.models):
        yield "models", ", ".join(trained)


def cards(results: Results) -> Iterator[dict[str, str]]:
    """Yield the main figures. A model is chosen by validation figures; its test figures are shown."""
    if extract := results.figures("extract"):
        yield _card("articles", f"{extract['articles']:,}", f"of {extract['pages']:,} pages")
    if index := results.figures("index"):
        yield _card("tokens", f"{index['tokens']:,}", f"in {index['rows']:,} sequences")
    if vocabulary := results.figures("vocabulary"):
        note = f"cover {vocabulary['coverage']:.1%} of the text"
        yield _card("words known", f"{vocabulary['words']:,}", note)
    if best := best_language_model(models := results.language_models):
        yield _card("test perplexity", f"{models[best]['test_perplexity']:.1f}", f"{best}, best on validation")
    if unigram := results.figures("baselines/unigram"):
        yield _card("unigram perplexity", f"{unigram['test_perplexity']:.1f}", "on the same words")
    if best := best_vectors(results.rows("analogies", results.models)):
        report = results.analogies[best]
        note = f"of {report['asked_test']:,} test questions; {best}, best on the other half"
        yield _card("analogies right", f"{report['accuracy']['cosine']['test']:.1%}", note)


def _card(label: str, value: str, note: str) -> dict[str, str]:
    return {"label": label, "value": value, "note": note}
