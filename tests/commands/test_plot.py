"""`wikilm.plot`: the numbers that are drawn."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import PCA

import wikilm
from pipeline.run.outputs import read_json
from tests.conftest import ROOT
from tests.documents import blocks

TEXT = "The king rules the land. A man works."


@pytest.fixture
def drawn() -> Iterator[Any]:
    """Matplotlib's figures, on no screen; they are closed at the end."""
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    plt = pytest.importorskip("matplotlib.pyplot")
    yield plt
    plt.close("all")


def test_bars_are_the_surprisals_of_the_words(run: Path, drawn: Any) -> None:
    model = wikilm.open().language_model()
    axes, found = wikilm.plot.surprisals(model, TEXT), model.surprisals(TEXT).rows
    wikilm.plot.surprisals(wikilm.open_language_model(), "$$ x^ $$").figure.canvas.draw()  # which is no formula
    assert [bar.get_height() for bar in axes.patches] == [each.surprisal for each in found]
    assert [label.get_text() for label in axes.get_xticklabels()] == [each.word for each in found]


def test_lines_are_the_learning_curves_of_the_language_models(run: Path, drawn: Any) -> None:
    curves = read_json(Path("data/models/gru/curves.json"))
    lines = {line.get_label(): line.get_xydata().T.tolist() for line in wikilm.plot.learning(wikilm.open()).lines}
    assert lines == {
        "gru": [[1, 2], curves["valid_perplexity"]],
        "gru, training": [[1, 2], curves["train_perplexity"]],
    }
    Path("data/models/gru/curves.json").unlink()
    with pytest.raises(wikilm.Error, match=r"data/models: holds no learning curves; run `dvc repro train`"):
        wikilm.plot.learning(wikilm.open())


def test_points_are_the_principal_components_of_the_vectors(run: Path, drawn: Any) -> None:
    words, vectors = ["king", "queen", "man", "woman", "sea"], wikilm.open().vectors("svd")
    axes = wikilm.plot.vectors(vectors, words)
    points = axes.collections[0].get_offsets()
    expected = PCA(2).fit_transform(np.stack([vectors[word] / np.linalg.norm(vectors[word]) for word in words]))
    np.testing.assert_allclose(np.abs(points), np.abs(expected), atol=1e-5)
    assert [(each.get_text(), *each.xy) for each in axes.texts] == [
        (word, *point) for word, point in zip(words, points, strict=True)
    ]
    for given, told in (
        (["king"], "words is .'king'.; give two or more"),
        (["king", "kng"], "'kng' .nearest in spell"),
    ):
        with pytest.raises(wikilm.Error, match=told):
            wikilm.plot.vectors(vectors, given)


def test_the_pages_example_draws_three_plots(run: Path, drawn: Any) -> None:
    (example,) = (each for each in blocks(ROOT / "docs/python.md", "python") if "wikilm.plot" in each)
    exec(example, {"wikilm": wikilm, "run": wikilm.open(), "shipped": wikilm.open_language_model()})
    assert len(drawn.get_fignums()) == 3


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is not None, reason="matplotlib is there")
def test_without_matplotlib_an_error_says_so(run: Path) -> None:
    with pytest.raises(wikilm.Error, match=r"needs matplotlib, which is not installed: pip install matplotlib"):
        wikilm.plot.surprisals(wikilm.open().language_model(), TEXT)
