import base64
import json
from pathlib import Path

import numpy as np
import pytest

from pipeline.page.results import Results
from pipeline.page.settings import Report
from pipeline.page.vectors import FEWEST, project, section, space
from pipeline.vectors.exported import Embeddings, write_embeddings
from pipeline.vectors.space import VectorSpace

RANDOM = np.random.default_rng(0).normal(size=(60, 50))
WORDS = [f"w{number}" for number in range(60)]


def test_a_space_is_what_javascript_decodes() -> None:
    found = json.loads(json.dumps(space(WORDS, RANDOM, "pca")))
    assert found["words"] == WORDS
    decoded = np.frombuffer(base64.b64decode(found["vectors"]), np.int8).reshape(-1, found["dimensions"])
    neighbours = [VectorSpace(WORDS, vectors).neighbours("w0", 1)[0][0] for vectors in (RANDOM, decoded)]
    assert neighbours[0] == neighbours[1]
    assert len(found["x"]) == len(found["y"]) == len(WORDS)
    assert max(map(abs, found["x"] + found["y"])) == 100


def test_the_most_frequent_words_of_each_model_in_their_order(tmp_path: Path) -> None:
    for name in ("lstm", "gru"):
        (tmp_path / "embeddings" / name).mkdir(parents=True)
        write_embeddings(
            tmp_path / "embeddings" / name, name, Embeddings(WORDS, RANDOM, {"input": RANDOM}, "input", "raw")
        )
    found = section(Results(tmp_path, dict.fromkeys(["lstm", "svd", "gru"])), Report(projection="pca", words=20))
    assert found is not None
    assert [held["name"] for held in found["spaces"]] == ["lstm", "gru"]
    assert all(held["words"] == WORDS[:20] for held in found["spaces"])
    assert found["held"] == set(WORDS[:20])
    assert (found["most"], found["known"]) == (20, 60)
    assert found["bytes"] == 2 * 4 * -(-20 * 50 // 3)


@pytest.mark.parametrize("projection", ["pca", "tsne"])
def test_vectors_of_one_value_have_a_map(projection: str) -> None:
    assert project(np.arange(FEWEST, dtype=float)[:, None], projection).shape == (FEWEST, 2)


@pytest.mark.parametrize("projection", ["pca", "tsne"])
def test_a_projection_repeats_and_keeps_neighbours_together(projection: str) -> None:
    random = np.random.default_rng(0)
    centres = np.repeat(np.eye(4)[:2], 20, axis=0)
    vectors = centres + random.normal(scale=0.05, size=centres.shape)
    points = project(vectors, projection)
    assert points.shape == (40, 2)
    np.testing.assert_array_equal(points, project(vectors, projection))
    one, other = points[:20], points[20:]
    apart = np.linalg.norm(one.mean(axis=0) - other.mean(axis=0))
    assert apart > 2 * max(np.linalg.norm(group - group.mean(axis=0), axis=1).mean() for group in (one, other))
