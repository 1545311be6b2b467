"""Plots for notebooks, by matplotlib: each function draws a figure of its own and returns its Axes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.records.models import PerplexityCurves
from pipeline.run.errors import UserError
from pipeline.trained.files import CURVES
from wikilm.given import check_known
from wikilm.prediction import LanguageModel
from wikilm.run import Run

if TYPE_CHECKING:
    from gensim.models import KeyedVectors
    from matplotlib.axes import Axes


def surprisals(model: LanguageModel, text: str) -> "Axes":
    """Draw the surprisal of each word of a text, and of each END, in bits, as bars.

    Raises `Error` as `model.surprisals` does.
    """
    found = model.surprisals(text).rows
    axes = _axes(ylabel="surprisal (bits)", title=model.name)
    axes.bar(range(len(found)), [each.surprisal or 0 for each in found])
    axes.set_xticks(range(len(found)), [each.word for each in found], rotation=45, ha="right", parse_math=False)
    return axes


def learning(run: Run) -> "Axes":
    """Draw the perplexity of each language model of a run after each epoch: on validation text, and dashed in training.

    Raises `Error` if no language model of the run has learning curves.
    """
    files = {name: run.path / f"models/{name}/{CURVES}" for name in run.params.models}
    kinds = {name: entry.kind for name, entry in run.params.models.items()}
    there = {name: path for name, path in files.items() if kinds[name] == "language_model" and path.is_file()}
    if not there:
        raise UserError(f"{run.path / 'models'}: holds no learning curves; run `dvc repro train`")
    curves = {name: PerplexityCurves.read(path) for name, path in there.items()}
    axes = _axes(xlabel="epoch", ylabel="perplexity")
    for name, curve in curves.items():
        epochs = range(1, len(curve.valid_perplexity) + 1)
        (line,) = axes.plot(epochs, curve.valid_perplexity, marker=".", label=name)
        axes.plot(epochs, curve.train_perplexity, ".--", color=line.get_color(), label=f"{name}, training")
    axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    axes.legend()
    return axes


def vectors(vectors: "KeyedVectors", words: Sequence[str]) -> "Axes":
    """Draw words in the plane in which their vectors, scaled to one length, spread most (principal components).

    Raises `Error` if there are fewer than two words, or if a word has no vector.
    """
    if isinstance(words, str) or len(set(words)) < 2:
        raise UserError(f"words is {words!r}; give a list of two or more")
    check_known(words, vectors.index_to_key, "these vectors")
    unit = np.stack([vectors.get_vector(word, norm=True) for word in words])
    own, sizes, _ = np.linalg.svd(unit - unit.mean(0), full_matrices=False)
    points = own[:, :2] * sizes[:2]
    axes = _axes(xlabel="first principal component", ylabel="second principal component")
    axes.scatter(*points.T)
    axes.margins(x=0.15)  # for the words
    for word, point in zip(words, points, strict=True):
        axes.annotate(word, point, xytext=(4, 4), textcoords="offset points", parse_math=False)
    return axes


def _axes(**labels: Any) -> "Axes":
    """Return the Axes of a new figure; raises `Error` if matplotlib is not installed."""
    try:
        import matplotlib.pyplot as plt
    except ModuleNotFoundError:
        raise UserError("wikilm.plot needs matplotlib, which is not installed: pip install matplotlib") from None
    _, axes = plt.subplots(layout="constrained")
    axes.set(**labels)
    found: Axes = axes
    return found
