"""The vectors on the page: to answer analogies, to find the neighbours of a word, and as a map."""

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from pipeline.page.charts import COLOURS, styled, to_html
from pipeline.page.results import Results
from pipeline.page.settings import Report
from pipeline.vectors.exported import read_embeddings
from pipeline.vectors.scaling import quantised, unit_length

FEWEST = 5  # words that make a map
PROJECTIONS = {"pca": "principal components", "tsne": "t-SNE"}


def section(results: Results, settings: Report) -> dict[str, Any] | None:
    """Return what `ask.html` and `embeddings.html` show of the exported vectors, and `page.js` reads."""
    spaces: list[dict[str, Any]] = []  # a list: JavaScript sorts keys that are all digits before others
    known = 0
    for name in results.models:
        if (path := results.data / "embeddings" / name).is_dir():
            words, vectors, *_ = read_embeddings(path)
            if len(words) >= FEWEST:
                known = max(known, len(words))
                held = space(words[: settings.words], vectors[: settings.words], settings.projection)
                spaces.append({"name": name, **held})
    if not spaces:
        return None
    return {
        "spaces": spaces,
        "held": set().union(*(found["words"] for found in spaces)),
        "bytes": sum(len(found["vectors"]) for found in spaces),
        "most": max(len(found["words"]) for found in spaces),
        "known": known,
        "projection": PROJECTIONS[settings.projection],
        "map": to_html(word_map(spaces[0]), "map"),
    }


def space(words: Sequence[str], vectors: np.ndarray, projection: str) -> dict[str, Any]:
    """Return words, most frequent first, with their `vectors` (words, dimensions) as text and their places on a map."""
    points = project(vectors, projection)
    x, y = (100 * points / (np.abs(points).max() or 1)).T.round(2).tolist()
    coded = base64.b64encode(quantised(vectors).tobytes()).decode("ascii")
    return {"words": list(words), "dimensions": vectors.shape[1], "vectors": coded, "x": x, "y": y}


def project(vectors: np.ndarray, projection: str) -> np.ndarray:
    """Return two dimensions for each row of `vectors` (words, dimensions), at least `FEWEST`; the same on every run."""
    vectors = unit_length(vectors)
    # A column of zeros more, for vectors of a single value.
    vectors = np.pad(vectors, ((0, 0), (0, 1)))
    if projection == "pca":
        points: np.ndarray = PCA(2, svd_solver="full").fit_transform(vectors)
    else:
        neighbours = min(30.0, (len(vectors) - 1) / 3)
        # Half of sklearn's steps take half the time: starting from the principal components, it moves little later.
        points = TSNE(2, perplexity=neighbours, init="pca", random_state=0, max_iter=500).fit_transform(vectors)
    return points


def word_map(found: dict[str, Any]) -> go.Figure:
    """Return a map of the words of one `space`; frequent ones are larger. `page.js` adds labels and marks a word."""
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
    unseen = {"size": 9, "opacity": 0}  # keeps a label off its point
    figure.add_scatter(
        x=[], y=[], text=[], mode="markers+text", marker=unseen, textposition="top center", hoverinfo="skip"
    )
    marked = {"size": 15, "symbol": "circle-open", "color": COLOURS[1], "line": {"width": 3}}
    figure.add_scatter(x=[], y=[], mode="markers", marker=marked, hoverinfo="skip")
    figure.update_xaxes(showticklabels=False, zeroline=False)
    figure.update_yaxes(showticklabels=False, zeroline=False)
    margin = {"l": 5, "r": 5, "t": 5, "b": 5}
    return styled(figure, height=520, showlegend=False, hovermode="closest", dragmode="pan", margin=margin)
