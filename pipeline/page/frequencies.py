"""The page's section on words: how frequent the word of each rank is, and how much of the text the first ones cover."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from pipeline.page.charts import COLOURS, INK, styled, to_html
from pipeline.page.overview import words_known
from pipeline.run.tables import read_table

POINTS = 200  # of a curve, evenly apart on a logarithmic axis
TICKS = [10**power for power in range(10)]


class Frequencies(NamedTuple):
    """How many words (`words`) occur `counts` times each, the greatest count first."""

    counts: np.ndarray
    words: np.ndarray

    @property
    def ranks(self) -> np.ndarray:
        """The rank of the last word of each count, from 1: at it the curve of frequencies is exact."""
        found: np.ndarray = np.cumsum(self.words)
        return found

    def count_at(self, rank: int) -> int:
        """How often the word of a rank from 1 occurs."""
        return int(self.counts[np.searchsorted(self.ranks, rank)])

    def covered(self, ranks: np.ndarray) -> np.ndarray:
        """The share of the text that the words up to each of the ranks are."""
        totals = np.concatenate([[0], np.cumsum(self.counts * self.words)])
        ends = np.concatenate([[0], self.ranks])
        shares: np.ndarray = np.interp(ranks, ends, totals) / totals[-1]  # between two counts it grows by equal steps
        return shares


def section(data: Path, vocabulary: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What `words.html` shows of the counts in `data`/word_counts.tsv, and of a `vocabulary` of these figures."""
    if not (path := data / "word_counts.tsv").is_file():
        return None
    found = Frequencies(*map(np.array, read_table(path, {"count": int, "words": int}, stage="vocabulary")))
    known = words_known(vocabulary) if vocabulary else None
    distinct = int(found.ranks[-1])
    steps = [step for step in (10, 100, *TICKS[3:]) if step < distinct]
    rows = sorted({*steps, *([known] if known else []), distinct})
    shares = found.covered(np.array(rows))
    return {
        "distinct": distinct,
        "once": int(found.words[found.counts == 1].sum()),
        "known": known,
        "rows": [(rank, found.count_at(rank), share) for rank, share in zip(rows, shares, strict=True)],
        "zipf": to_html(zipf(found, known), "zipf"),
        "coverage": to_html(coverage(found, known), "coverage"),
    }


def spread_ranks(distinct: int) -> np.ndarray:
    """Ranks from 1 to `distinct`, about evenly apart on a logarithmic axis."""
    found: np.ndarray = np.unique(np.geomspace(1, distinct, POINTS).round().astype(int))
    return found


def zipf(found: Frequencies, known: int | None) -> go.Figure:
    """Count by rank on logarithmic axes; a dashed line shows what Zipf's law says, the first count over the rank."""
    ranks = spread_ranks(int(found.ranks[-1]))
    figure = go.Figure()
    figure.add_scatter(
        x=ranks.tolist(),
        y=[found.count_at(int(rank)) for rank in ranks],
        name="counted",
        mode="lines",
        line={"color": COLOURS[0], "width": 2.5},
        hovertemplate="the word of rank %{x:,} occurs %{y:,} times<extra></extra>",
    )
    first = found.count_at(1)
    ends = [1, min(first, int(ranks[-1]))]
    figure.add_scatter(
        x=ends,
        y=[first / rank for rank in ends],
        name="Zipf's law",
        mode="lines",
        line={"color": INK, "width": 1.5, "dash": "dash"},
        hoverinfo="skip",
    )
    figure.update_yaxes(title="times it occurs (log scale)", type="log", tickvals=TICKS, tickformat=",d")
    return _by_rank(figure, "rank of the word (log scale)", known)


def coverage(found: Frequencies, known: int | None) -> go.Figure:
    """The share of the text in per cent that the most frequent words are, by their number."""
    ranks = spread_ranks(int(found.ranks[-1]))
    figure = go.Figure()
    figure.add_scatter(
        x=ranks.tolist(),
        y=(100 * found.covered(ranks)).round(3).tolist(),
        name="covered",
        mode="lines",
        line={"color": COLOURS[0], "width": 2.5},
        hovertemplate="%{x:,} words are %{y:.1f}% of the text<extra></extra>",
    )
    figure.update_yaxes(title="share of the text (%)", range=[0, 101])
    return _by_rank(figure, "words in the vocabulary (log scale)", known)


def _by_rank(figure: go.Figure, axis: str, known: int | None) -> go.Figure:
    """With an axis of ranks, on which the end of the vocabulary is marked."""
    figure.update_xaxes(title=axis, type="log", tickvals=TICKS, tickformat=",d")
    figure.update_layout(height=340, showlegend=len(figure.data) > 1, legend={"x": 1, "xanchor": "right", "y": 1})
    if known:
        figure.add_vline(x=known, line={"color": INK, "dash": "dot", "width": 1.5})
    return styled(figure)
