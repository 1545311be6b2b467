import numpy as np

from pipeline.compare_vectors import FEWEST, cluster, project_words

WORDS = [f"w{number}" for number in range(12)]


def test_words_near_one_another_are_one_cluster_named_by_its_centre_and_near_on_the_map() -> None:
    centres = np.repeat(np.eye(4)[:2], 6, axis=0)
    vectors = centres + np.random.default_rng(0).normal(scale=0.05, size=centres.shape)
    labels, names = cluster(WORDS, vectors)
    assert len(labels) == 12
    assert not set(labels[:6]) & set(labels[6:])
    for digit, name in enumerate(names):
        assert all(labels[WORDS.index(word)] == str(digit) for word in name.split(", ")[: labels.count(str(digit))])
    points = project_words(vectors)
    np.testing.assert_array_equal(points, project_words(vectors))
    one, other = points[:6], points[6:]
    apart = np.linalg.norm(one.mean(axis=0) - other.mean(axis=0))
    assert apart > 2 * max(np.linalg.norm(group - group.mean(axis=0), axis=1).mean() for group in (one, other))
    for odd in np.arange(FEWEST, dtype=float)[:, None], np.ones((FEWEST, 3)):
        assert project_words(odd).shape == (FEWEST, 2)
