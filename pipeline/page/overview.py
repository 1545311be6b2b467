"""The head of the page: what the run read, and its few figures."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

# 2026-07-01 or 20260701, as the names of dump files have it.
DATE = re.compile(r"-(20\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?=[-.])")


def title(extracted: Mapping[str, Any] | None, ran: bool) -> str:
    """The page's title, from the stats of `extract`; without them, whether anything else ran."""
    if extracted:
        return str(extracted["wiki"])
    return "the smaller experiments" if ran else "nothing has run yet"


def facts(
    manifest: Mapping[str, Any] | None, extracted: Mapping[str, Any] | None, names: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """What was read and trained: (label, value)."""
    if manifest:
        files = manifest["files"]
        dates = sorted({"-".join(found.groups()) for file in files if (found := DATE.search(Path(file["path"]).name))})
        sources = {"sample": "the built-in sample", "dumps": "Wikimedia's dumps"}
        size = sum(file["bytes"] for file in files) / 1e6
        number = "1 file" if len(files) == 1 else f"{len(files):,} files"
        yield "dump", f"{sources.get(manifest['source'], manifest['source'])}, {number}, {size:,.1f} MB"
        yield "date", ", ".join(dates) or "not known: the name of its file has none"
    if extracted:
        yield "wiki", f"{extracted['wiki']}, language {extracted['language']}"
    if names:
        yield "models", ", ".join(names)


def cards(metrics: Mapping[str, Any], models: Mapping[str, Any], asked: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """The few figures at the top: `models` are language models' figures by name, `asked` those of analogies."""
    if extract := metrics.get("extract"):
        yield _card("articles", f"{extract['articles']:,}", f"of {extract['pages']:,} pages")
    if index := metrics.get("index"):
        yield _card("tokens", f"{index['tokens']:,}", f"in {index['rows']:,} sequences")
    if vocabulary := metrics.get("vocabulary"):
        note = f"cover {vocabulary['coverage']:.1%} of the text"
        yield _card("words known", f"{words_known(vocabulary):,}", note)
    if models:
        best = min(models, key=lambda name: models[name]["test_perplexity"])
        figures = models[best]
        yield _card("best test perplexity", f"{figures['test_perplexity']:.1f}", best)
        yield _card("unigram perplexity", f"{figures['unigram_perplexity']:.1f}", "on the same words")
    if asked := {name: figures for name, figures in asked.items() if figures["asked"]}:
        best = max(asked, key=lambda name: asked[name]["cosine_total"])
        figures = asked[best]
        yield _card(
            "analogies right",
            f"{figures['cosine_total']:.1%}",
            f"{best}; {figures['asked']:,} asked, V {figures['vocabulary_size']:,}",
        )


def words_known(vocabulary: Mapping[str, Any]) -> int:
    """How many words a vocabulary of these figures holds, without START, END and UNKNOWN."""
    return int(vocabulary["vocabulary_size"]) - 3


def _card(label: str, value: str, note: str) -> dict[str, str]:
    return {"label": label, "value": value, "note": note}
