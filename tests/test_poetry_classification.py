from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline import poems, poetry_classification
from pipeline.experiments.classification.summary import BASELINES
from pipeline.run.outputs import read_json
from pipeline.run.tsv import read_table
from tests.conftest import ErrorOf, SetParams
from tests.page.conftest import render

REPORT = Path("data/reports/poetry_classification.json")
PLOTS = Path("data/plots/poetry_classification")
METRICS = Path("data/metrics/poetry_classification")


WORDS = ["river", "garden", "window", "stone", "winter", "candle", "meadow", "tower"]


@pytest.fixture
def verse(set_params: SetParams) -> Callable[..., None]:
    """Return a function that writes poems of poets, whose lines have other words and the same order of their parts."""

    def verse(number: int = 4, **lines: str) -> None:
        Path("verse").mkdir()
        for poet, line in lines.items():
            stanzas = ["\n".join(line.format(f"{first} {word}") for word in WORDS) for first in WORDS[:number]]
            Path(f"verse/{poet}.txt").write_text("\n\n\n".join(stanzas))
        set_params({"poems.source": "verse", "poetry_classification.folds": 3})
        poems.main(["data/poems"])

    return verse


def run() -> Any:
    poetry_classification.main(["data/poems", str(REPORT), str(PLOTS), "--metrics", str(METRICS)])
    return read_json(REPORT)


def test_poets_of_different_lines_are_classified_and_shown_and_a_rerun_repeats(
    verse: Callable[..., None], set_params: SetParams
) -> None:
    verse(ann="The old {} sleeps.", bo="O sing, you of {}!")
    found = run()
    assert found["poets"]["bo"] == {"lines": 32, "poems": 4}
    scores = found["classifiers"]
    for name in ("recurrent", "logistic_regression", "naive_bayes", "hidden_markov"):
        assert scores[name]["accuracy"] > 0.9
    assert np.sum(scores["recurrent"]["confusion"], axis=1).tolist() == [32, 32]
    columns = read_table(PLOTS / "lines.tsv", {"poet": str, "recurrent": str}, stage="poetry_classification")
    pairs = list(zip(*columns, strict=True))
    confusion = [[pairs.count((poet, other)) for other in ("ann", "bo")] for poet in ("ann", "bo")]
    assert confusion == scores["recurrent"]["confusion"]
    assert sum(scores["hidden_markov"]["chosen"].values()) == 3
    assert found["comparison"]["baseline"] in BASELINES
    assert 0 <= found["book"]["reached"] <= 1
    metrics, shown = {path.stem: read_json(path) for path in METRICS.iterdir()}, ("accuracy", "accuracy_deviation")
    assert metrics == {name: {figure: own[figure] for figure in shown} for name, own in scores.items()}
    html, first = render(), REPORT.read_bytes()
    for told in ("32 in 4 poems by ann, ", "reach that.", '"Confusion matrix of GRU'):
        assert told in html
    set_params({"runtime.workers": 2})
    run()
    assert REPORT.read_bytes() == first


def test_a_single_poet_is_skipped_and_left_off_the_page(
    verse: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    verse(ann="The old {} sleeps.")
    assert run() == {}
    assert list(PLOTS.iterdir()) == list(METRICS.iterdir()) == []
    assert "skipped: all verse is by ann" in capsys.readouterr().err
    html = render()
    assert "Classifying lines by poet" not in html
    assert "<h3>poetry_classification" not in html


def test_too_little_verse_is_reported_in_one_line(verse: Callable[..., None], error_of: ErrorOf) -> None:
    verse(1, ann="The {}", bo="The {}")
    error = error_of(run)
    assert "poetry_classification.folds is 3, but ann's 1 poems are in 1 of them" in error.splitlines()[-1]
    assert not REPORT.exists()
