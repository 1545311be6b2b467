import re
from xml.etree import ElementTree

import pytest

from pipeline.page.charts import Axis, Palette, Series, axis, columns, lines, number, palette_of, strip
from tests.conftest import ROOT

STYLE = (ROOT / "pipeline/page/style.css").read_text(encoding="utf-8")
COLOURS = dict(re.findall(r"\.(c\d) \{ --c: (#[0-9a-f]{6}); \}", STYLE))


def luminance(colour: str) -> float:
    """Relative luminance by the Web Content Accessibility Guidelines, 2.2."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def told(html: str) -> list[str]:
    """What a chart says in words."""
    return re.findall(r"<li>(.*?)</li>", html.split("<details")[1])


def drawn(html: str) -> ElementTree.Element:
    (svg,) = re.findall(r'<svg class="plot".*</svg>', html, re.DOTALL)
    return ElementTree.fromstring(svg)


def test_every_colour_of_a_model_is_seen_on_both_papers() -> None:
    assert list(COLOURS) == [f"c{i}" for i in range(10)]
    for colour in COLOURS.values():
        for paper in ("#ffffff", "#14161a"):
            light, dark = sorted((luminance(colour), luminance(paper)), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 3


def test_a_name_keeps_its_colour_and_the_first_names_have_the_first_ones() -> None:
    palette = palette_of(["gru", "lstm"])
    assert [palette[name] for name in ("elman", "lstm", "gru", "elman")] == ["c2", "c1", "c0", "c2"]
    assert palette_of(map(str, range(11)))["10"] == "c0"


@pytest.mark.parametrize(
    ("given", "labels"),
    [
        (Axis("", 0, 42), ["0", "10", "20", "30", "40"]),
        (Axis("", -0.25, 0.3), ["-0.2", "0", "0.2"]),
        (Axis("", 1, 33_035, log=True), ["1", "10", "100", "1,000", "10k"]),
        (Axis("", 55, 170, log=True), ["60", "70", "80", "90", "100", "150"]),
        (Axis("", 1, 10, ticks=[1, 4, 7, 10, 13]), ["1", "4", "7", "10"]),
        (axis("", [7.0]), ["6.8", "7", "7.2"]),
        (axis("", [7.0], log=True), ["7"]),
    ],
)
def test_an_axis_has_round_labels_between_its_ends(given: Axis, labels: list[str]) -> None:
    assert [number(value) for value in given.labels()] == labels


def test_points_stand_where_the_axes_say() -> None:
    series = [Series("gru", [1, 10, 100], [0, 50, 100])]
    svg = drawn(lines("A chart", series, Axis("x", 1, 100, log=True), Axis("y", 0, 100), Palette()))
    assert svg.get("aria-label") == "A chart"
    dots = [(dot.get("cx"), dot.get("cy")) for dot in svg.iter("circle")]
    assert dots == [("0%", "100%"), ("50%", "50%"), ("100%", "0%")]
    (curve,) = svg.iter("polyline")
    assert curve.get("points") == "0,1000 500,500 1000,0"


def test_a_legend_names_each_name_once_with_the_levels() -> None:
    series = [Series("gru", [1, 2], [9, 8], "train", dotted=True), Series("gru", [1, 2], [7, 6], "valid")]
    html = lines("", series, Axis("x", 1, 2), Axis("y", 5, 10), Palette(), levels=[("trigram", 8.04)])
    legend = html.split("</ul>")[0]
    assert re.findall(r"</i>(.*?)</li>", legend) == ["gru", "trigram: 8"]
    assert [line.get("class") for line in drawn(html).iter("polyline")] == ["c0 dotted", "c0"]


def test_curves_in_words() -> None:
    train = Series("gru", [1, 2, 3], [90.0, 60.0, 50.0], "train")
    valid = Series("gru", [1, 2, 3], [1200.0, 80.5, 81.25], "valid")
    html = lines("", [train, valid], Axis("epoch", 1, 3), Axis("perplexity", 50, 1200), Palette())
    assert told(html) == [
        "Across: epoch; Up: perplexity",
        "gru, train: from 90 at 1 to 50 at 3",
        "gru, valid: from 1,200 at 1 to 81.2 at 3; lowest 80.5 at 2",
    ]


def test_no_value_is_written_with_an_exponent() -> None:
    html = lines("", [Series("gru", [1, 2], [12345.6, 999.6])], Axis("epoch", 1, 2), Axis("y", 900, 20_000), Palette())
    assert told(html)[1] == "gru: from 12,346 at 1 to 1,000 at 2"
    assert [dot.findtext("title") for dot in drawn(html).iter("circle")] == ["gru: 12.35k at 1", "gru: 999.6 at 2"]


def test_columns_are_marked_and_in_words() -> None:
    html = columns("", [12.5, 25, 0], [False, True, True], "correct", "draws (%)")
    assert [(bar.get("class"), bar.get("height")) for bar in drawn(html).iter("rect")] == [
        ("plain", "50%"),
        ("marked", "100%"),
        ("marked", "0%"),
    ]
    assert told(html) == ["0: 12.5, 1: 25, 2: 0"]


def test_a_strip_keeps_to_its_scale() -> None:
    (line, dot) = ElementTree.fromstring(strip(0.5, -1.0, 0.75, (0.0, 1.0)))
    assert (line.get("x1"), line.get("x2"), dot.get("cx")) == ("0%", "75%", "50%")


def test_words_of_a_chart_are_escaped() -> None:
    name = '<b>&"'
    html = lines(name, [Series(name, [1], [1])] * 2, axis(name, [1]), axis(name, [1]), Palette(), levels=[(name, 1)])
    assert "<b>" not in html
    assert html.count("&lt;b&gt;&amp;") >= 5
    assert drawn(html).get("aria-label") == name
