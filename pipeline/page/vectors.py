"""The vectors on the page: they answer analogies, find the neighbours of a word, and make a map."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.manifold import TSNE

from pipeline.page.coding import GROWTH, coded
from pipeline.page.results import Results
from pipeline.vectors.evaluation.answered import spread
from pipeline.vectors.evaluation.choice import best_vectors, half_of
from pipeline.vectors.exported import read_embeddings
from pipeline.vectors.questions import Question
from pipeline.vectors.scaling import unit_length

FEWEST = 5  # words that make a map
ROOM = 1_100_000  # characters of vectors on the page: those of the best model, and of others that fit, too
WORDS = 10_000  # most frequent words that the page holds of a model, if they fit
MAPPED = 1000  # most frequent words on a map: t-SNE of so many takes a second a model
CLUSTERS = 8
EXAMPLES = 5  # questions to press
FIRST = 3  # questions of the test half, right or wrong
PLACES = 999  # of a map, from left to right and from bottom to top


def section(results: Results) -> dict[str, Any] | None:
    """Return what `ask.html` and `embeddings.html` show of the exported vectors, and the scripts read.

    None if there are no vectors, or too few words for a map. The best model comes first; others are held, with their
    maps, while the vectors of all take no more than `ROOM`.
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
        most = min(WORDS, len(words), int(ROOM / GROWTH) // (vectors.shape[1] + 4))
        own = coded(unit_length(vectors[:most]))  # the page brings them to length 1 again
        if spaces and size + sum(map(len, own.values())) > ROOM:
            continue
        size += sum(map(len, own.values()))
        one = {"name": name, "vectors": own, **word_map(words[:MAPPED], vectors[:MAPPED])}
        spaces.append(one if spaces and words[:most] == spaces[0]["words"] else one | {"words": words[:most]})
    words, held = spaces[0]["words"], [one["name"] for one in spaces]
    report = results.analogies.get(held[0], {})
    return {
        "data": {"spaces": spaces, "whole": len(words) == len(known)},
        "held": set(words),
        "names": held,
        "others": [name for name, *_ in found if name not in held],
        "megabytes": size / 1e6,
        "most": len(words),
        "known": len(known),
        "mapped": min(MAPPED, len(words)),
        "examples": list(examples(report, words)),
        "first": first_of_test(report, words),
    }


def first_of_test(report: Mapping[str, Any], words: Sequence[str]) -> list[tuple[str, bool]]:
    """Return the first questions of Google's test half, as people type them, and whether the model is right."""
    known = set(words)
    asked = (
        (typed(q), q["right"])
        for section, answers in report.get("answers", {}).items()
        for q in answers
        if {q["a"], q["b"], q["c"]} <= known and half_of(Question(section, q["a"], q["b"], q["c"], ())) == "test"
    )
    return list(islice(asked, FIRST))


def typed(question: Mapping[str, Any]) -> str:
    """Return a question of a report as people type it."""
    return f"{question['b']} - {question['a']} + {question['c']}"


def examples(report: Mapping[str, Any], words: Sequence[str]) -> Iterator[str]:
    """Yield questions that the model answers right, as people type them: of files, of each section, others.

    Without any, yield words to ask the neighbours of.
    """
    files = (q for file in report.get("files", ()) for q in file["shown"])
    right = [[q for q in files if "cosine" in q and q["cosine"][0][0] in q["answers"]]]
    right += [[q for q in answers if q["right"]] for answers in report.get("answers", {}).values()]
    known = set(words)
    right = [[q for q in found if {q["a"], q["b"], q["c"]} <= known] for found in right]
    first = [spread(found, 1)[0] for found in right if found]
    more = [q for found in right for q in spread(found, EXAMPLES) if q not in first]
    if first:
        for q in (first + more)[:EXAMPLES]:
            yield typed(q)
    else:
        yield from [word for word in words if len(word) > 3][:EXAMPLES] or words[:EXAMPLES]


def word_map(words: Sequence[str], vectors: np.ndarray) -> dict[str, Any]:
    """Return the places of words on a map, x then y, the cluster of each, and the clusters' most typical words."""
    clusters, names = cluster(words, vectors)
    points = project(vectors)
    places = np.rint(PLACES * points / (np.abs(points).max() or 1)).astype(int)
    return {"places": places.T.tolist(), "clusters": clusters, "names": names}


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
