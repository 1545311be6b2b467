"""Stage: the word vectors of all models: their accuracy next to the best one's, and maps of their words."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from sklearn.cluster import KMeans
from sklearn.manifold import TSNE

from pipeline.records.analogies import AnalogyReport
from pipeline.records.vectors import ComparedVectors, Lead, WordMap
from pipeline.run.command import stage
from pipeline.run.console import Metrics, say
from pipeline.settings.params import load_params
from pipeline.vectors.coding import coded
from pipeline.vectors.evaluation.answered import marked
from pipeline.vectors.evaluation.choice import best_vectors, half_of
from pipeline.vectors.evaluation.intervals import pair_intervals
from pipeline.vectors.exported import ExportedVectors, read_embeddings
from pipeline.vectors.scaling import unit_length

FEWEST = 5  # words that make a map
ROOM = 1_100_000  # characters of vectors on the page: those of the best model, and of others that fit, too
HELD_WORDS = 10_000  # most frequent words that the page holds of a model, if they fit
MAPPED = 1000  # most frequent words on a map: t-SNE of so many takes a second a model
CLUSTERS = 8
PLACES = 999  # of a map, from left to right and from bottom to top


@stage
def main(embeddings: Path, reports: Path, comparison: Path) -> Metrics:
    """Compare the models' REPORTS of analogies, map their vectors in EMBEDDINGS, and write COMPARISON.

    Maps are of the models whose vectors the page holds: the best one's, and others' while they fit.
    """
    models = load_params().models
    found = {name: report for name in models if (report := AnalogyReport.read_if_there(reports / f"{name}.json"))}
    shares = {name: each.accuracy["cosine"].development for name, each in found.items()}
    best = best_vectors({name: {"asked": found[name].asked, "development_total": shares[name]} for name in found})
    names = [name for name in sorted(models, key=lambda name: name != best) if (embeddings / name).is_dir()]
    exported = {name: read_embeddings(embeddings / name) for name in names}
    held = choose_held({name: each for name, each in exported.items() if len(each.words) >= FEWEST})
    maps = [word_map(name, exported[name], most) for name, most in held.items()]
    others = [name for name, each in exported.items() if len(each.words) >= FEWEST and name not in held]
    leads = dict(leads_over(found, best)) if best else {}
    ComparedVectors(best=best, leads=leads, maps=maps, others=others).write(comparison)
    say(f"compare_vectors: the best on development questions: {best or 'none'}; maps: {', '.join(held) or 'none'}")
    return {}


def leads_over(reports: Mapping[str, AnalogyReport], best: str) -> Iterator[tuple[str, Lead]]:
    """Yield each other model's lead over the `best` on Google's test questions.

    Both are asked the same questions, so the difference is paired.
    """
    questions, right = marked(reports[best].answers)
    test = [half_of(question) == "test" for question in questions]
    asked = [question for question, in_test in zip(questions, test, strict=True) if in_test]
    for name in [name for name in reports if asked and name != best]:
        others, own = marked(reports[name].answers)
        if others == questions:
            ((low, high),) = pair_intervals(asked, (own - right)[:, test])
            yield name, Lead(low=low, high=high)


def choose_held(exported: Mapping[str, ExportedVectors]) -> dict[str, int]:
    """Return the models whose vectors the page holds, and of how many words: the first, and others while they fit."""
    held: dict[str, int] = {}
    size = 0
    for name, each in exported.items():
        dimensions = each.vectors.shape[1]
        most = min(HELD_WORDS, len(each.words), ROOM * 3 // 4 // (dimensions + 4))
        own = sum(4 * -(-count // 3) for count in (4 * most, most * dimensions))  # characters of base64
        if not held or size + own <= ROOM:
            held[name], size = most, size + own
    return held


def word_map(name: str, exported: ExportedVectors, most: int) -> WordMap:
    """Return the `most` frequent words of a model, their vectors, and the places of the first of them on a map."""
    known, vectors, *_ = exported
    clusters, names = cluster(known[:MAPPED], vectors[:MAPPED])
    points = project_words(vectors[:MAPPED])
    places = np.rint(PLACES * points / (np.abs(points).max() or 1)).astype(int)
    return WordMap(
        name=name,
        known=len(known),
        words=known[:most],
        vectors=coded(unit_length(vectors[:most])),  # the page scales them again
        places=places.T.tolist(),
        clusters=clusters,
        names=names,
    )


def cluster(words: Sequence[str], vectors: np.ndarray) -> tuple[str, list[str]]:
    """Return a digit for each word, its cluster, and for each cluster the three words nearest to its centre."""
    unit = unit_length(np.asarray(vectors, np.float32))
    means = KMeans(min(CLUSTERS, len(words) // 2), n_init=1, random_state=0).fit(unit)
    near = means.transform(unit).argsort(axis=0, kind="stable")[:3].T
    return "".join(map(str, means.labels_)), [", ".join(words[i] for i in ids) for ids in near]


def project_words(vectors: np.ndarray) -> np.ndarray:
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


if __name__ == "__main__":
    main()
