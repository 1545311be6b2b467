"""The vectors on the page: they answer analogies, find the neighbours of a word, and make a map."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from pipeline.page.frequencies import counted_text, counts_of_words
from pipeline.page.results import Results
from pipeline.settings.result_sections import Report
from pipeline.vectors.evaluation.answered import spread
from pipeline.vectors.evaluation.choice import best_vectors
from pipeline.vectors.exported import read_embeddings
from pipeline.vectors.scaling import unit_length

FEWEST = 5  # words that make a map
MAPPED = 2000  # most frequent words on a map: t-SNE of more takes minutes
CLUSTERS = 8
EXAMPLES = 5  # questions to press
STEPS = 2**15 - 1  # of a value at full scale; with 16 bits cosines are exact to about 0.00001
PROJECTIONS = {"pca": "principal components", "tsne": "t-SNE"}


def section(results: Results, settings: Report) -> dict[str, Any] | None:
    """Return what `ask.html` and `embeddings.html` show of the exported vectors, and the scripts read.

    None if there are no vectors, or too few words for a map. The best model comes first. Every model has a map; vectors
    to ask are held of the best one, and of others while all of them take no more than `settings.megabytes`.
    """
    best = best_vectors(results.rows("analogies", results.models))
    names = sorted(results.models, key=lambda name: name != best)
    folders = [results.data / "embeddings" / name for name in names]
    exported = [(folder.name, *read_embeddings(folder)[:2]) for folder in folders if folder.is_dir()]
    found = [(name, words, vectors) for name, words, vectors in exported if len(words) >= FEWEST]
    if not found:
        return None
    restrict = results.analogies.get(found[0][0], {}).get("restrict")  # `wikilm analogy` keeps to it, too
    most = min(settings.words, restrict or settings.words)
    if most < FEWEST:
        return None
    spaces: list[dict[str, Any]] = []
    size = 0
    for name, words, vectors in found:
        words, vectors = words[:most], vectors[:most]
        coded = encoded(unit_length(vectors))  # the page brings them to length 1 again
        fits = not spaces or size + len(coded) <= settings.megabytes * 1e6
        size += len(coded) if fits else 0
        one = {"name": name, **word_map(words[:MAPPED], vectors[:MAPPED], settings.projection)}
        one |= {"dimensions": vectors.shape[1], "vectors": coded} if fits else {}
        spaces.append(one if spaces and words == found[0][1][:most] else one | {"words": words})
    words, asked = spaces[0]["words"], [one["name"] for one in spaces if "vectors" in one]
    return {
        "data": {
            "spaces": spaces,
            "counts": counts_of_words(results, len(words)),
            "counted": counted_text(results),
            "whole": len(words) == len(found[0][1][:restrict]),
        },
        "held": set(words),
        "asked": asked,
        "others": [one["name"] for one in spaces if one["name"] not in asked],
        "names": [one["name"] for one in spaces],
        "megabytes": size / 1e6,
        "most": len(words),
        "known": len(found[0][1]),
        "mapped": min(MAPPED, len(words)),
        "projection": PROJECTIONS[settings.projection],
        "examples": list(examples(results.analogies.get(found[0][0], {}), words)),
    }


def examples(report: Mapping[str, Any], words: Sequence[str]) -> Iterator[str]:
    """Yield questions that the model answers right, as people type them: of files, of each section, others.

    Without any, yield words to ask the neighbours of.
    """
    files = (q for file in report.get("files", ()) for q in file["spelled"])
    right = [[q for q in files if "cosine" in q and q["cosine"][0][0] in q["answers"]]]
    right += [[q for q in answers if q["right"]] for answers in report.get("answers", {}).values()]
    right = [[q for q in found if {q["a"], q["b"], q["c"]} <= set(words)] for found in right]
    first = [spread(found, 1)[0] for found in right if found]
    more = [q for found in right for q in spread(found, EXAMPLES) if q not in first]
    if first:
        for q in (first + more)[:EXAMPLES]:
            yield f"{q['b']} - {q['a']} + {q['c']}"
    else:
        yield from [word for word in words if len(word) > 3][:EXAMPLES] or words[:EXAMPLES]


def encoded(values: np.ndarray) -> str:
    """Return values, scaled so that the largest magnitude is 1, as text: 16-bit integers in base64."""
    scaled = values / (np.abs(values).max() or 1)
    return base64.b64encode(np.rint(STEPS * scaled).astype("<i2").tobytes()).decode("ascii")


def word_map(words: Sequence[str], vectors: np.ndarray, projection: str) -> dict[str, Any]:
    """Return the places of words on a map, x then y, the cluster of each, and the clusters' most typical words."""
    clusters, names = cluster(words, vectors)
    return {"places": encoded(project(vectors, projection).T), "clusters": clusters, "names": names}


def cluster(words: Sequence[str], vectors: np.ndarray) -> tuple[str, list[str]]:
    """Return a digit for each word, its cluster, and for each cluster the three words nearest to its centre."""
    unit = unit_length(np.asarray(vectors, np.float32))
    means = KMeans(min(CLUSTERS, len(words) // 2), n_init=1, random_state=0).fit(unit)
    near = means.transform(unit).argsort(axis=0, kind="stable")[:3].T
    return "".join(map(str, means.labels_)), [", ".join(words[i] for i in ids) for ids in near]


def project(vectors: np.ndarray, projection: str) -> np.ndarray:
    """Return two dimensions for each row of `vectors` (words, dimensions), at least `FEWEST`; the same on every run."""
    vectors = unit_length(vectors)
    # A column of zeros more, for vectors of a single value.
    vectors = np.pad(vectors, ((0, 0), (0, 1)))
    if projection == "pca" or not np.ptp(vectors, axis=0).any():  # on equal vectors, t-SNE ends the process
        points: np.ndarray = PCA(2, svd_solver="full").fit_transform(vectors)
    else:
        neighbours = min(30.0, (len(vectors) - 1) / 3)
        # Half of sklearn's steps take half the time: starting from the principal components, it moves little later.
        points = TSNE(2, perplexity=neighbours, init="pca", random_state=0, max_iter=500).fit_transform(vectors)
    return points
