"""A figure is added as CONTRIBUTING.md says: a field, and its value."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.records.figures import Perplexities, SplitFigures, column
from pipeline.scores import figures
from pipeline.scores.figures import SCORE, split_figures
from pipeline.scores.targets import Targets
from tests.page.conftest import render, write_language_model


class WithMedian(SplitFigures):
    median_chance: float | None = column(".2%")


def test_a_new_figure_comes_into_the_metrics_and_onto_the_page(in_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = figures.perplexity_figures

    def measured(scores: np.ndarray, targets: Targets) -> SplitFigures:
        median = float(np.exp(np.median(scores["log_probability"][targets.counted])))
        return WithMedian(**before(scores, targets).model_dump(), median_chance=median)

    monkeypatch.setattr(figures, "perplexity_figures", measured)
    monkeypatch.setattr("pipeline.page.perplexities.SplitFigures", WithMedian)
    scores = np.zeros(3, SCORE)
    scores["log_probability"] = np.log([0.5, 0.25, 0.125])
    targets = Targets(np.array([2, 3, 1]), np.ones(3, bool), np.array([0]), 4)
    metrics = split_figures({"test": scores}, {"test": targets})
    assert metrics["test_median_chance"] == pytest.approx(0.25)
    write_language_model("gru", **metrics)
    Perplexities(best="gru", rows={"gru": metrics}, weights={}).write(Path("data/reports/perplexities.json"))
    html = render()
    assert "<th>test median chance</th>" in html
    assert "<td>25.00%</td>" in html
