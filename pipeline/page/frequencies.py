"""The section on words: the frequency of the word of each rank, and the coverage of the most frequent words."""

from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from pipeline.page.charts import COLOURS, INK, styled, to_html
from pipeline.page.results import Results
from pipeline.run.tables import read_table

POINTS = 200  # of a curve
TICKS = [10**power for power in range(10)]


class Frequencies(NamedTuple):
    """The number of `words` that occur `counts` times each, highest count first."""

    counts: np.ndarray
    words: np.ndarray

    @property
    def ranks(self) -> np.ndarray:
        """The rank, from 1, of the last word of each count."""
        found: np.ndarray = np.cumsum(self.words)
        return found

    def count_at(self, rank: int) -> int:
        """Return the count of the word of a rank, from 1."""
        return int(self.counts[np.searchsorted(self.ranks, rank)])

    def covered(self, ranks: np.ndarray) -> np.ndarray:
        """Return the share of the text that the words up to each of the `ranks` cover."""
        totals = np.concatenate([[0], np.cumsum(self.counts * self.words)])
        ends = np.concatenate([[0], self.ranks])
        shares: np.ndarray = np.interp(ranks, ends, totals) / totals[-1]  # in equal steps between two counts
        return shares


def section(results: Results) -> dict[str, Any] | None:
    """Return what `frequencies.html` shows of word_counts.tsv and of the vocabulary."""
    if not (path := results.data / "word_counts.tsv").is_file():
        return None
    found = Frequencies(*map(np.array, read_table(path, {"count": int, "words": int}, stage="vocabulary")))
    known = vocabulary["words"] if (vocabulary := results.figures("vocabulary")) else None
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
    """Return ranks from 1 to `distinct`, roughly evenly spaced on a logarithmic axis."""
    found: np.ndarray = np.unique(np.geomspace(1, distinct, POINTS).round().astype(int))
    return found


def zipf(found: Frequencies, known: int | None) -> go.Figure:
    """Return counts by rank on logarithmic axes; a dashed line is Zipf's law, the first count divided by the rank."""
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
    figure.update_yaxes(title="count (log scale)", type="log", tickvals=TICKS, tickformat=",d")
    return _by_rank(figure, "rank of the word (log scale)", known)


def coverage(found: Frequencies, known: int | None) -> go.Figure:
    """Return the share of the text that the most frequent words cover, by their number."""
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
    """Give the figure an axis of ranks that marks the end of the vocabulary."""
    figure.update_xaxes(title=axis, type="log", tickvals=TICKS, tickformat=",d")
    if known:
        figure.add_vline(x=known, line={"color": INK, "dash": "dot", "width": 1.5})
    return styled(figure, height=340, showlegend=len(figure.data) > 1, legend={"x": 1, "xanchor": "right", "y": 1})
