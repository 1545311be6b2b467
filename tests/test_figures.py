"""The figures that README.md, docs/, vectors/README.md and benchmarks/RESULTS.md cite by keys of figures.json."""

import re
from argparse import Namespace
from pathlib import Path

import pytest

from benchmarks import measure
from benchmarks.measure import CITATION, CITING, FIGURES, NUMBER
from pipeline.run.outputs import read_json, write_json
from tests.conftest import ROOT
from tests.documents import DOCUMENTS, prose

RUNS = read_json(FIGURES)
VALUES = {key: value for run in RUNS for key, value in run["figures"].items()}
# Versions, sizes, defaults, licences; the level of intervals; the book's accuracy; published perplexities.
NOT_OURS = {
    "3.11", "3.12", "3.13", "2.13", "2.0", "4.0", "1.6", "0.5", "0.93", "2.1", "0.01", "0.004", "0.00001", "95%", "70%",
    "61.2", "69.8", "83.0", "0.001", "87.2", "81.0", "94.3", "57.3", "65.8", "50.1", "55.1",
}  # fmt: skip


def shown(value: float, like: str) -> str:
    """Return a value as a page shows it: with its digits, sign and unit; a share as per cent."""
    digits = len(like.rstrip("%").partition(".")[2])
    return f"{value:{'+' if like[0] == '+' else ''},.{digits}{'%' if like[-1] == '%' else 'f'}}"


@pytest.mark.parametrize("page", CITING, ids=str)
def test_every_cited_figure_is_the_recorded_one(page: Path) -> None:
    for text, key in CITATION.findall(page.read_text(encoding="utf-8")):
        numbers, values = re.findall(NUMBER, text), VALUES[key]
        values = values if isinstance(values, list) else [values]
        assert numbers == [shown(*each) for each in zip(values, numbers, strict=True)], key


def test_every_recorded_figure_is_cited_and_has_one_origin() -> None:
    cited = {key for page in CITING for _, key in CITATION.findall(page.read_text(encoding="utf-8"))}
    assert sorted(cited) == sorted(key for run in RUNS for key in run["figures"])
    assert all({"command", "commit", "machine", "date", "figures"} <= set(run) for run in RUNS)


def test_no_decimal_or_percentage_stands_without_a_key() -> None:
    for page in (each for each in DOCUMENTS if each.name != "parameters.md"):
        text = re.sub(r"`[^`]+`|\]\([^)]*\)", "", CITATION.sub("", prose(page)))
        assert set(re.findall(r"[\d,]*\.?\d+%|\d[\d,]*\.\d+", text)) <= NOT_OURS, page
    for template in (ROOT / "pipeline/page").glob("*.html"):
        told = re.sub(r"<[^>]*>|{[{%#].*?[}%#]}", "", template.read_text(encoding="utf-8"))
        assert set(re.findall(r"\d+\.\d+%?|\d+%", told)) <= NOT_OURS, template


def test_a_benchmark_renews_the_figures_that_a_page_cites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page, figures = tmp_path / "page.md", tmp_path / "figures.json"
    page.write_text("50.0%<!--one.new-model--> and 2.5 (1.0 to 4.0)<!--two-->")
    write_json(figures, [{"command": "earlier", "figures": {"one.new-model": 0.4, "three": 3}}])
    monkeypatch.setattr(measure, "CITING", [page])
    monkeypatch.setattr(measure, "FIGURES", figures)
    monkeypatch.setattr("sys.orig_argv", ["python", "-m", "benchmarks.new", f"{tmp_path}/one.db"])
    found = {"one.New model": 0.5, "two": (2.5, 1.0, 4.0), "not cited": 1.0}
    measure.record(Namespace(record=False), found)
    measure.record(Namespace(record=True), found)
    earlier, new = read_json(figures)
    assert earlier == {"command": "earlier", "figures": {"three": 3}}
    assert new["command"] == "python -m benchmarks.new one.db"
    assert new["figures"] == {"one.new-model": 0.5, "two": [2.5, 1.0, 4.0]}
