from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline import poems, poetry_classification, report
from pipeline.experiments.classification.summary import BASELINES
from pipeline.run.outputs import read_json
from pipeline.run.tsv import read_table
from tests.conftest import ErrorOf, SetParams

FAST: dict[str, Any] = {"poetry_classification.folds": 3, "runtime.workers": 1}
REPORT = Path("data/reports/poetry_classification.json")
PLOTS = Path("data/plots/poetry_classification")
METRICS = Path("data/metrics/poetry_classification")


def verse(name: str, lines: Callable[[str], str], poems: int = 6) -> None:
    """A poet's poems, whose lines have other words and the same order of their parts."""
    words = ["river", "garden", "window", "stone", "winter", "candle", "meadow", "tower"]
    stanzas = ["\n".join(lines(f"{words[n]} {word}") for word in words) for n in range(poems)]
    Path("verse").mkdir(exist_ok=True)
    Path(f"verse/{name}.txt").write_text("\n\n\n".join(stanzas))


def run() -> Any:
    poetry_classification.main(["data/poems", str(REPORT), str(PLOTS), "--metrics", str(METRICS)])
    return read_json(REPORT)


def test_poets_of_different_lines_are_classified_and_shown_and_a_rerun_repeats(
    in_tmp: Path, set_params: SetParams
) -> None:
    set_params({"poems.source": "verse", **FAST})
    verse("ann", lambda words: f"The old {words} sleeps.")
    verse("bo", lambda words: f"O sing, you of {words}!")
    poems.main(["data/poems"])
    found = run()
    assert found["poets"]["bo"] == {"lines": 48, "poems": 6}
    scores = found["classifiers"]
    for name in ("recurrent", "logistic_regression", "naive_bayes", "hidden_markov"):
        assert scores[name]["accuracy"] > 0.9
    assert np.sum(scores["recurrent"]["confusion"], axis=1).tolist() == [48, 48]
    columns = read_table(PLOTS / "lines.tsv", {"poet": str, "recurrent": str}, stage="poetry_classification")
    pairs = list(zip(*columns, strict=True))
    confusion = [[pairs.count((poet, other)) for other in ("ann", "bo")] for poet in ("ann", "bo")]
    assert confusion == scores["recurrent"]["confusion"]
    assert sum(scores["hidden_markov"]["chosen"].values()) == 3
    assert found["comparison"]["baseline"] in BASELINES
    assert 0 <= found["book"]["reached"] <= 1
    assert {path.stem for path in METRICS.iterdir()} == set(scores)
    metrics = read_json(METRICS / "recurrent.json")
    assert metrics["accuracy"] == scores["recurrent"]["accuracy"]
    assert len(metrics) == 2
    assert all(isinstance(value, float) for value in metrics.values())
    report.main(["data", "data/index.html", "data/plots/models"])
    html = Path("data/index.html").read_text(encoding="utf-8")
    for shown in ("48 in 6 poems by ann, ", "reach that.", '"Confusion matrix of GRU'):
        assert shown in html
    first = REPORT.read_bytes()
    set_params({"runtime.workers": 2})
    run()
    assert REPORT.read_bytes() == first


def test_a_single_poet_is_skipped_and_left_off_the_page(
    in_tmp: Path, set_params: SetParams, capsys: pytest.CaptureFixture[str]
) -> None:
    set_params({"poems.source": "verse", **FAST})
    verse("ann", lambda words: f"The old {words} sleeps.")
    poems.main(["data/poems"])
    assert run() == {}
    assert list(PLOTS.iterdir()) == list(METRICS.iterdir()) == []
    assert "skipped: all verse is by ann" in capsys.readouterr().err
    report.main(["data", "data/index.html", "data/plots/models"])
    html = Path("data/index.html").read_text(encoding="utf-8")
    assert "Classifying lines by poet" not in html
    assert "<h3>poetry_classification" not in html


def test_too_little_verse_is_reported_in_one_line(in_tmp: Path, set_params: SetParams, error_of: ErrorOf) -> None:
    set_params({"poems.source": "verse", **FAST})
    for name in ("ann", "bo"):
        verse(name, lambda words: f"The {words}", 1)
    poems.main(["data/poems"])
    error = error_of(run)
    assert "poetry_classification.folds is 3, but ann's 1 poems are in 1 of them" in error.splitlines()[-1]
    assert not REPORT.exists()
