"""The section on words: the frequency of the word of each rank, and the coverage of the most frequent words."""

from collections.abc import Sequence

from markupsafe import Markup

from pipeline.page.charts import Axis, Palette, Series, axis, lines
from pipeline.page.results import ForTemplate, Results
from pipeline.records.text import WordFrequencies


def section(results: Results) -> ForTemplate | None:
    """Return what `frequencies.html` shows of the vocabulary and of all words of the training split."""
    if not results.vocabulary:
        return None
    found, known = results.vocabulary.frequencies, int(results.figures("vocabulary").get("words", 0))
    marks = [known] if known else []  # where the vocabulary ends
    return {
        "marked": bool(results.articles and results.articles.splits),  # tokenized text marks its UNKNOWN words
        "distinct": found.distinct,
        "once": found.once,
        "known": known or None,
        "zipf": zipf(found, marks),
        "coverage": coverage(found, marks),
    }


INK = Palette({"counted": "ink", "covered": "ink", "Zipf's law": "soft"})  # colours are for models


def zipf(found: WordFrequencies, marks: Sequence[int]) -> Markup:
    """Return counts by rank on logarithmic axes; dotted is Zipf's law, the first count divided by the rank."""
    ranks, counts = found.ranks, found.counts
    law = [1, max(2, min(counts[0], ranks[-1]))]
    drawn = [
        Series("counted", ranks, counts, dots=False),
        Series("Zipf's law", law, [counts[0] / rank for rank in law], dotted=True, dots=False),
    ]
    up = axis("count (log scale)", [y for each in drawn for y in each.y], log=True)
    return _by_rank("Count of a word by its rank", "rank of the word", drawn, up, marks)


def coverage(found: WordFrequencies, marks: Sequence[int]) -> Markup:
    """Return the share of the training split that the most frequent words cover, by their number."""
    drawn = [Series("covered", found.ranks, found.covered, dots=False)]
    up = Axis("share of the training split (%)", 0, 100)
    return _by_rank("Share of the training split covered", "words in the vocabulary", drawn, up, marks)


def _by_rank(label: str, title: str, drawn: Sequence[Series], up: Axis, marks: Sequence[int]) -> Markup:
    across = axis(f"{title} (log scale)", [x for each in drawn for x in each.x], log=True)
    return lines(label, drawn, across, up, INK, marks=marks)
