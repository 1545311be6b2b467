"""The section on words: the frequency of the word of each rank, and the coverage of the most frequent words."""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from pipeline.page.charts import Axis, Palette, Series, axis, lines
from pipeline.page.results import ForTemplate, Results
from pipeline.words.frequencies import Frequencies, read_frequencies

CURVE_POINTS = 200  # of a curve


def section(results: Results) -> ForTemplate | None:
    """Return what `frequencies.html` shows of word_counts.tsv and of the vocabulary."""
    if not (found := read_frequencies(results.data / "word_counts.tsv")):
        return None
    known = int(results.figures("vocabulary").get("words", 0))
    distinct = int(found.ranks[-1])
    marks = [known] if known else []  # where the vocabulary ends
    return {
        "text": (text := "training split" if results.articles and results.articles.splits else "text"),
        "distinct": distinct,
        "once": int(found.words[found.counts == 1].sum()),
        "known": known or None,
        "zipf": zipf(found, marks),
        "coverage": coverage(found, marks, text),
    }


def spread_ranks(distinct: int) -> np.ndarray:
    """Return ranks from 1 to `distinct`, roughly evenly spaced on a logarithmic axis."""
    return np.unique(np.geomspace(1, distinct, CURVE_POINTS).round().astype(int))


INK = Palette({"counted": "ink", "covered": "ink", "Zipf's law": "soft"})  # colours are for models


def zipf(found: Frequencies, marks: Sequence[int]) -> Markup:
    """Return counts by rank on logarithmic axes; dotted is Zipf's law, the first count divided by the rank."""
    ranks = spread_ranks(int(found.ranks[-1])).tolist()
    counts = found.counts_at(ranks)
    law = [1, max(2, min(counts[0], ranks[-1]))]
    drawn = [
        Series("counted", ranks, counts, dots=False),
        Series("Zipf's law", law, [counts[0] / rank for rank in law], dotted=True, dots=False),
    ]
    up = axis("count (log scale)", [y for each in drawn for y in each.y], log=True)
    return _by_rank("Count of a word by its rank", "rank of the word", drawn, up, marks)


def coverage(found: Frequencies, marks: Sequence[int], text: str) -> Markup:
    """Return the share of the `text` that the most frequent words cover, by their number."""
    ranks = spread_ranks(int(found.ranks[-1]))
    drawn = [Series("covered", ranks.tolist(), (100 * found.covered(ranks)).round(3).tolist(), dots=False)]
    up = Axis(f"share of the {text} (%)", 0, 100)
    return _by_rank(f"Share of the {text} covered", "words in the vocabulary", drawn, up, marks)


def _by_rank(label: str, title: str, drawn: Sequence[Series], up: Axis, marks: Sequence[int]) -> Markup:
    across = axis(f"{title} (log scale)", [x for each in drawn for x in each.x], log=True)
    return lines(label, drawn, across, up, INK, marks=marks)
