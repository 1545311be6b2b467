import plotly.graph_objects as go
import pytest

from pipeline.page.charts import COLOURS, INK, learning_curves, to_html
from pipeline.page.description import in_words


def luminance(colour: str) -> float:
    """Relative luminance by the Web Content Accessibility Guidelines, 2.2."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("colour", [INK, *COLOURS])
def test_a_colour_is_seen_on_both_papers(colour: str) -> None:
    for paper in ("#ffffff", "#14161a"):
        light, dark = sorted((luminance(colour), luminance(paper)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3


def test_curves_in_words() -> None:
    said = in_words(learning_curves({"gru": {"train": [90.0, 60.0, 50.0], "valid": [1200.0, 80.5, 81.25]}}))
    assert said == [
        "gru, train: from 90 at 1 to 50 at 3",
        "gru, valid: from 1,200 at 1 to 81.2 at 3; lowest 80.5 at 2",
    ]


def test_a_bound_is_said_and_lines_of_one_name_are_told_apart() -> None:
    figure = go.Figure()
    figure.add_scatter(x=[2, 4, 6, 8], y=[1, 4, 4, 4], text=["", "", "more than ", "more than "], name="GRU")
    figure.add_scatter(x=[1, 2], y=[100, 50], name="GRU", meta="worst seed")
    assert in_words(figure) == ["GRU: from 1 at 2 to more than 4 at 8", "GRU, worst seed: from 100 at 1 to 50 at 2"]


def test_bars_and_matrices_in_words() -> None:
    figure = go.Figure()
    figure.add_bar(y=["one", "two"], x=[1.5, 0.25], name="gru", orientation="h")
    figure.add_bar(y=[0.125, 3], x=[0, 1])
    figure.add_heatmap(x=["a", "b"], y=["c", "d"], z=[[1, 2], [3, 4]], texttemplate="%{z}")
    assert in_words(figure) == ["gru: one 1.5, two 0.25", "0: 0.125, 1: 3", "c: a 1, b 2", "d: a 3, b 4"]


def test_words_of_a_chart_are_escaped() -> None:
    figure = go.Figure()
    figure.add_bar(x=["<b>", "&"], y=[1, 2])
    figure.update_xaxes(title="x < y")
    html = to_html(figure, "chart").split("<details")[1]
    assert "<li>Across: x &lt; y</li><li>&lt;b&gt;: 1, &amp;: 2</li>" in html


def test_a_matrix_of_colours_alone_has_no_words() -> None:
    figure = go.Figure()
    figure.add_heatmap(z=[[1, 2]])
    assert "<details" not in to_html(figure, "chart")
