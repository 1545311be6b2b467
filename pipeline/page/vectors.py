"""The vectors that the page holds: for its box of analogies, for the neighbours of a word, and as a map."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from pipeline.evaluation.settings import Report
from pipeline.page.charts import COLOURS, styled, to_html
from pipeline.vectors.exported import read_embeddings
from pipeline.vectors.scaling import unit_length

FEWEST = 5  # words that make a map
PROJECTIONS = {"pca": "principal components", "tsne": "t-SNE"}


def section(data: Path, names: Sequence[str], params: Report) -> dict[str, Any] | None:
    """What `ask.html` and `embeddings.html` show of the exported vectors of the models `names`, and `page.js` reads."""
    spaces: list[dict[str, Any]] = []  # not by name: JavaScript puts names of digits alone before all others
    known = 0
    for name in names:
        if (path := data / "embeddings" / name).is_dir():
            words, vectors, *_ = read_embeddings(path)
            if len(words) >= FEWEST:
                known = max(known, len(words))
                spaces.append(
                    {"name": name, **space(words[: params.words], vectors[: params.words], params.projection)}
                )
    if not spaces:
        return None
    return {
        "spaces": spaces,
        "held": set().union(*(found["words"] for found in spaces)),
        "bytes": sum(len(found["vectors"]) for found in spaces),
        "most": max(len(found["words"]) for found in spaces),
        "known": known,
        "projection": PROJECTIONS[params.projection],
        "map": to_html(word_map(spaces[0]), "map"),
    }


def space(words: Sequence[str], vectors: np.ndarray, projection: str) -> dict[str, Any]:
    """Words, most frequent first, their `vectors` (words, dimensions) as text and their places on a map."""
    points = project(vectors, projection)
    x, y = (100 * points / (np.abs(points).max() or 1)).T.round(2).tolist()
    coded = base64.b64encode(quantised(vectors).tobytes()).decode("ascii")
    return {"words": list(words), "dimensions": vectors.shape[1], "vectors": coded, "x": x, "y": y}


def quantised(vectors: np.ndarray) -> np.ndarray:
    """Each row (of words, dimensions) as whole numbers of 8 bits, its largest value at 127.

    Its length is lost, which a cosine does not need.
    """
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    rounded: np.ndarray = np.rint(127 * vectors / np.where(largest == 0, 1, largest)).astype(np.int8)
    return rounded


def project(vectors: np.ndarray, projection: str) -> np.ndarray:
    """Two dimensions for each of the (words, dimensions) `vectors`, at least `FEWEST`; the same on every run."""
    vectors = unit_length(vectors)
    # One more column, of zeros, for vectors of a single value.
    vectors = np.pad(vectors, ((0, 0), (0, 1)))
    if projection == "pca":
        points: np.ndarray = PCA(2, svd_solver="full").fit_transform(vectors)
    else:
        neighbours = min(30.0, (len(vectors) - 1) / 3)
        # Half of sklearn's steps, in half the time: from the principal components it moves little afterwards.
        points = TSNE(2, perplexity=neighbours, init="pca", random_state=0, max_iter=500).fit_transform(vectors)
    return points


def word_map(found: dict[str, Any]) -> go.Figure:
    """A map of the words of one `space`; frequent ones are larger. `page.js` writes the labels and marks a word."""
    figure = go.Figure()
    sizes = np.geomspace(11, 4, len(found["words"])).round(1).tolist()
    figure.add_scatter(
        x=found["x"],
        y=found["y"],
        text=found["words"],
        mode="markers",
        marker={"size": sizes, "color": COLOURS[0], "opacity": 0.8, "line": {"width": 0}},
        hovertemplate="%{text}<extra></extra>",
    )
    unseen = {"size": 9, "opacity": 0}  # it keeps a label off its point
    figure.add_scatter(
        x=[], y=[], text=[], mode="markers+text", marker=unseen, textposition="top center", hoverinfo="skip"
    )
    marked = {"size": 15, "symbol": "circle-open", "color": COLOURS[1], "line": {"width": 3}}
    figure.add_scatter(x=[], y=[], mode="markers", marker=marked, hoverinfo="skip")
    figure.update_layout(height=520, showlegend=False, hovermode="closest")
    figure.update_xaxes(showticklabels=False, zeroline=False)
    figure.update_yaxes(showticklabels=False, zeroline=False)
    return styled(figure).update_layout(dragmode="pan", margin={"l": 5, "r": 5, "t": 5, "b": 5})
