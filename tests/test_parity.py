"""The stage on few bits, and the section of the page that shows its report."""

from pathlib import Path
from typing import Any

import pytest

from models.recurrent.units import compared_units
from pipeline import parity
from pipeline.experiments.parity import training
from pipeline.run.outputs import read_json, write_json
from tests.conftest import SetParams
from tests.page.conftest import render

TINY: dict[str, Any] = {"parity.bits": 2, "parity.seeds": 2, "parity.deep": [24, 24], "runtime.workers": 1}
REPORT = Path("data/reports/parity.json")


def the_page() -> str:
    """The words of the page of a run that left nothing but the report on parity."""
    return " ".join(render().split())


def test_every_net_is_trained_and_on_the_page(set_params: SetParams, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "MOST_UPDATES", 20)
    set_params(TINY)
    parity.main([str(REPORT), "--metrics", "data/metrics/parity"])
    found = read_json(REPORT)
    assert (found["sequences"], found["seeds"], found["longest"]) == (4, 2, 120)
    assert list(found["nets"]) == ["wide", "deep", *compared_units()]
    for net, own in found["nets"].items():
        figures = {name: figure for name, figure in own.items() if name != "hidden_sizes"}
        assert read_json(Path(f"data/metrics/parity/{net}.json")) == figures
    gru = found["nets"]["gru"]
    assert (found["nets"]["wide"]["solved"], gru["hidden_sizes"]) == (2, [4])
    page = the_page()
    assert "<td>feedforward, deep</td><td>24 + 24</td>" in page
    assert f"<td>GRU</td><td>4</td><td>{gru['parameters']}</td><td>{gru['solved']} of 2</td>" in page


@pytest.mark.usefixtures("in_tmp")
def test_the_page_counts_failures_and_restarts_and_rounds_no_wrong_label_away() -> None:
    wide = {"hidden_sizes": [3], "parameters": 9, "solved": 0, "worst_accuracy": 4095 / 4096}
    longer = {"longest_exact": 1, "longest_worst": 0.25, "restarted": 1}
    found = {"bits": 12, "longest": 120, "seeds": 2, "sequences": 4096, "test_sequences": 1000}
    write_json(REPORT, {**found, "nets": {"wide": wide, "elman": {**wide, "solved": 1, **longer}}})
    page = the_page()
    assert "<td>feedforward, wide</td><td>3</td><td>9</td><td>0 of 2</td><td>99.9%</td><td>-</td><td>-</td>" in page
    assert "<td>1 of 2</td><td>99.9%</td><td>1 of 2</td><td>25.0%</td>" in page
    assert "Number of seeds that did: Elman unit 1." in page
    assert "minGRU" not in page
    write_json(REPORT, {**found, "nets": {"mingru": {**wide, **longer}}})
    assert "at most as often as there are hidden units (3)" in the_page()
