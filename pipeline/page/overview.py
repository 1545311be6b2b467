"""What a run read."""

import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.page.results import Results
from pipeline.records.text import Manifest

# 2026-07-01 or 20260701, as in the names of dump files.
DAY = re.compile(r"-(20\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?=[-.])")
TOLD_SIZES = (("extract", "pages", "pages"), ("extract", "articles", "articles"), ("index", "tokens", ""))
SOURCES = {"sample": "the built-in sample", "dumps": "Wikimedia's dumps"}


def title(results: Results, *, ran: bool) -> str:
    """Return the name of the wiki; without one, whether any stage `ran`."""
    if results.articles:
        return results.articles.wiki
    return "the smaller experiments" if ran else "nothing has run yet"


def facts(results: Results) -> Iterator[tuple[str, str]]:
    """Yield what was read and trained: (label, value)."""
    if manifest := Manifest.read_if_there(results.data / "raw/manifest.json"):
        files = manifest.files
        dates = sorted({"-".join(found.groups()) for file in files if (found := DAY.search(Path(file.path).name))})
        size = sum(file.bytes for file in files) / 1e6
        number = "1 file" if len(files) == 1 else f"{len(files):,} files"
        is_dump = manifest.kind == "dump"
        source = SOURCES.get(manifest.source, manifest.source)
        yield "dump" if is_dump else "text", f"{source}, {number}, {size:,.1f} MB"
        if is_dump:
            yield "date", ", ".join(dates) or "unknown (not in the file name)"
    if extracted := results.articles:
        yield "wiki", f"{extracted.wiki}, language {extracted.language}"
    if trained := results.rows("train", results.models):
        yield "models", ", ".join(trained)


def size(results: Results) -> str:
    """Return in a sentence how much was read and kept."""
    words = results.kind.called
    told = [f"{found[key]:,} {what or words}" for stage, key, what in TOLD_SIZES if (found := results.figures(stage))]
    return f"{', '.join(told)}." if told else ""
