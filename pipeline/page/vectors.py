"""The vectors on the page: they answer analogies, find the neighbours of a word, and make a map."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.manifold import TSNE

from pipeline.page.results import Results
from pipeline.vectors.evaluation.answered import spread
from pipeline.vectors.evaluation.choice import best_vectors
from pipeline.vectors.exported import read_embeddings
from pipeline.vectors.scaling import unit_length

FEWEST = 5  # words that make a map
WORDS = 10_000  # most frequent words that the page holds; with vectors of 128 values they take 3.4 MB
ROOM = 1_000_000  # bytes of vectors on the page: those of the best model, and of others that fit, too
MAPPED = 1000  # most frequent words on a map: t-SNE of so many takes a second a model
CLUSTERS = 8
EXAMPLES = 5  # questions to press
STEPS = 2**15 - 1  # of a value at full scale; with 16 bits cosines are exact to about 0.00001


def section(results: Results) -> dict[str, Any] | None:
    """Return what `ask.html` and `embeddings.html` show of the exported vectors, and the scripts read.

    None if there are no vectors, or too few words for a map. The best model comes first. Every model has a map; vectors
    to ask are held of the best one, and of others while all of them take no more than `ROOM`.
    """
    best = best_vectors(results.rows("analogies", results.models))
    names = sorted(results.models, key=lambda name: name != best)
    folders = [results.data / "embeddings" / name for name in names]
    exported = [(folder.name, *read_embeddings(folder)[:2]) for folder in folders if folder.is_dir()]
    found = [(name, words, vectors) for name, words, vectors in exported if len(words) >= FEWEST]
    if not found:
        return None
    spaces: list[dict[str, Any]] = []
    size, known = 0, found[0][1]
    for name, words, vectors in found:
        coded = encoded(unit_length(vectors[:WORDS]))  # the page brings them to length 1 again
        fits = not spaces or size + len(coded) <= ROOM
        size += len(coded) if fits else 0
        one = {"name": name, **word_map(words[:MAPPED], vectors[:MAPPED])}
        one |= {"dimensions": vectors.shape[1], "vectors": coded} if fits else {}
        spaces.append(one if spaces and words[:WORDS] == known[:WORDS] else one | {"words": words[:WORDS]})
    words, asked = spaces[0]["words"], [one["name"] for one in spaces if "vectors" in one]
    return {
        "data": {"spaces": spaces, "whole": len(words) == len(known)},
        "held": set(words),
        "asked": asked,
        "others": [one["name"] for one in spaces if one["name"] not in asked],
        "names": [one["name"] for one in spaces],
        "megabytes": size / 1e6,
        "most": len(words),
        "known": len(known),
        "mapped": min(MAPPED, len(words)),
        "examples": list(examples(results.analogies.get(found[0][0], {}), words)),
    }


def examples(report: Mapping[str, Any], words: Sequence[str]) -> Iterator[str]:
    """Yield questions that the model answers right, as people type them: of files, of each section, others.

    Without any, yield words to ask the neighbours of.
    """
    files = (q for file in report.get("files", ()) for q in file["shown"])
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


def word_map(words: Sequence[str], vectors: np.ndarray) -> dict[str, Any]:
    """Return the places of words on a map, x then y, the cluster of each, and the clusters' most typical words."""
    clusters, names = cluster(words, vectors)
    return {"places": encoded(project(vectors).T), "clusters": clusters, "names": names}


def cluster(words: Sequence[str], vectors: np.ndarray) -> tuple[str, list[str]]:
    """Return a digit for each word, its cluster, and for each cluster the three words nearest to its centre."""
    unit = unit_length(np.asarray(vectors, np.float32))
    means = KMeans(min(CLUSTERS, len(words) // 2), n_init=1, random_state=0).fit(unit)
    near = means.transform(unit).argsort(axis=0, kind="stable")[:3].T
    return "".join(map(str, means.labels_)), [", ".join(words[i] for i in ids) for ids in near]


def project(vectors: np.ndarray) -> np.ndarray:
    """Return two dimensions for each row of `vectors` (words, dimensions), at least `FEWEST`, by t-SNE.

    They are the same on every run.
    """
    vectors = np.pad(unit_length(vectors), ((0, 0), (0, 1)))  # a column of zeros more, for vectors of a single value
    if not np.ptp(vectors, axis=0).any():  # on equal vectors, t-SNE ends the process
        return np.zeros((len(vectors), 2))
    neighbours = min(30.0, (len(vectors) - 1) / 3)
    # Half of sklearn's steps take half the time: starting from the principal components, it moves little later.
    points: np.ndarray = TSNE(2, perplexity=neighbours, init="pca", random_state=0, max_iter=500).fit_transform(vectors)
    return points
