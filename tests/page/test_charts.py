import re
from xml.etree import ElementTree

import pytest

from pipeline.page.charts import Axis, Palette, Series, axis, lines, number, palette_of


def drawn(html: str) -> ElementTree.Element:
    (svg,) = re.findall(r'<svg class="plot".*</svg>', html, re.DOTALL)
    return ElementTree.fromstring(svg)


def test_a_name_keeps_its_colour_and_the_first_names_have_the_first_ones() -> None:
    palette = palette_of(["gru", "lstm"])
    assert [palette[name] for name in ("elman", "lstm", "gru", "elman")] == ["c2", "c1", "c0", "c2"]
    assert palette_of(map(str, range(11)))["10"] == "c0"


@pytest.mark.parametrize(
    ("given", "labels"),
    [
        (Axis("", 0, 42), ["0", "10", "20", "30", "40"]),
        (Axis("", 0, 3e10), ["0", "10G", "20G", "30G"]),
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


def test_curves_are_drawn_where_the_axes_say_and_told_in_words() -> None:
    train = Series("gru", [1, 10, 100], [90.0, 60.0, 50.0], "train", dotted=True, dots=False)
    valid = Series("gru", [1, 10, 100], [12_345.6, 80.5, 81.25], "valid")
    across = Axis("epoch", 1, 100, log=True)
    html = lines("A chart", [train, valid], across, Axis("y", 50, 12_345.6), Palette(), levels=[("trigram", 8.04)])
    assert re.findall(r"</i>(.*?)</li>", html.split("</ul>")[0]) == ["gru", "trigram: 8"]
    assert re.findall(r"<li>(.*?)</li>", html.split("<details")[1]) == [
        "Across: epoch; Up: y",
        "gru, train: from 90 at 1 to 50 at 100",
        "gru, valid: from 12,346 at 1 to 81.2 at 100; lowest 80.5 at 10",
    ]
    svg = drawn(html)
    assert svg.get("aria-label") == "A chart"
    curves = [(line.get("class"), line.get("points")) for line in svg.iter("polyline")]
    assert curves[0] == ("c0 dotted", "0,996.7 500,999.2 1000,1000")
    dots = [(dot.get("cx"), dot.get("cy"), dot.findtext("title")) for dot in svg.iter("circle")]
    assert dots[0] == ("0%", "0%", "gru, valid: 12.35k at 1")
    assert [x for x, *_ in dots] == ["0%", "50%", "100%"]


def test_words_of_a_chart_are_escaped() -> None:
    name = '<b>&"'
    html = lines(name, [Series(name, [1], [1])] * 2, axis(name, [1]), axis(name, [1]), Palette(), levels=[(name, 1)])
    assert "<b>" not in html
    assert drawn(html).get("aria-label") == name
