"""The figures that pages cite by keys of figures.json."""

import re
from argparse import Namespace
from pathlib import Path

import pytest

from benchmarks import claims, measure
from pipeline.run.outputs import read_json, write_json
from tests.conftest import ROOT
from tests.documents import DOCUMENTS, prose

SAYS = claims.read_claims()
# Versions, sizes, defaults, licences; the level of intervals; the book's accuracy; published perplexities.
NOT_OURS = {
    "3.11", "3.12", "3.13", "2.13", "2.0", "4.0", "1.6", "0.5", "0.93", "2.1", "0.01", "0.004", "0.00001", "95%", "70%",
    "61.2", "69.8", "83.0", "0.001", "87.2", "81.0", "94.3", "57.3", "65.8", "50.1", "55.1",
}  # fmt: skip


def cited_spans(text: str, says: list[str]) -> list[tuple[int, int]]:
    """Return where the figures of claims stand in a text."""
    places = [claims.place_of(claim, text) for claim in says]
    return [place.span(number) for place in places for number in range(1, len(place.groups()) + 1)]


@pytest.mark.parametrize("page", SAYS, ids=str)
def test_every_cited_figure_is_the_recorded_one(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == claims.renewed(text, SAYS[page], claims.recorded()), "python -m benchmarks.claims"


def test_every_recorded_figure_is_cited_and_has_one_origin() -> None:
    runs = read_json(claims.FIGURES)
    assert sorted(claims.keys_of(SAYS)) == sorted(key for run in runs for key in run["figures"])
    assert all({"command", "commit", "machine", "date", "figures"} <= set(run) for run in runs)


def test_no_decimal_or_percentage_stands_without_a_key() -> None:
    for page in (each for each in DOCUMENTS if each.name != "parameters.md"):
        text = prose(page)
        for start, end in cited_spans(text, SAYS.get(page, [])):
            text = text[:start] + "#" * (end - start) + text[end:]
        text = re.sub(r"`[^`]+`|\]\([^)]*\)", "", text)
        assert set(re.findall(r"[\d,]*\.?\d+%|\d[\d,]*\.\d+", text)) <= NOT_OURS, page
    for template in (ROOT / "pipeline/page").glob("*.html"):
        told = re.sub(r"<[^>]*>|{[{%#].*?[}%#]}", "", template.read_text(encoding="utf-8"))
        assert set(re.findall(r"\d+\.\d+%?|\d+%", told)) <= NOT_OURS, template


def test_a_benchmark_renews_the_figures_that_a_page_cites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page, figures = tmp_path / "page.md", tmp_path / "figures.json"
    page.write_text("The new one has 40.0%,\nthe other 2.5 (1.0 to\n4.0) and 3.")
    (tmp_path / "claims.toml").write_text(
        '"page.md" = ["new one has {one.new-model:.1%}, the other {two:.1f} and {three:.0f}."]'
    )
    write_json(figures, [{"command": "earlier", "figures": {"one.new-model": 0.4, "three": 3}}])
    for name, path in {"FIGURES": figures, "CLAIMS": tmp_path / "claims.toml", "ROOT": tmp_path}.items():
        monkeypatch.setattr(claims, name, path)
    monkeypatch.setattr("sys.orig_argv", ["python", "-m", "benchmarks.new", f"{tmp_path}/one.db"])
    found = {"one.New model": 0.5, "two": (25, 1.0, 4.0), "not cited": 1.0}
    measure.record(Namespace(record=False), found)
    measure.record(Namespace(record=True), found)
    earlier, new = read_json(figures)
    assert earlier == {"command": "earlier", "figures": {"three": 3}}
    assert new["command"] == "python -m benchmarks.new one.db"
    assert new["figures"] == {"one.new-model": 0.5, "two": [25, 1.0, 4.0]}
    assert page.read_text() == "The new one has 50.0%,\nthe other 25.0 (1.0 to 4.0) and 3."
