from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipeline import analogies, download, extract, report
from pipeline.run.files import write_json
from pipeline.vectors.word2vec import save_vectors


def page() -> str:
    report.main(["data", "data/index.html"])
    return Path("data/index.html").read_text(encoding="utf-8")


def test_a_page_of_nothing(in_tmp: Path) -> None:
    assert "nothing has run yet" in page()


def test_what_was_not_run_is_absent(dump: Path, set_params: Callable[..., None]) -> None:
    set_params({"wiki.source": dump.name})
    download.main(["data/raw", "--metrics", "data/metrics/download.json"])
    extract.main(["data/raw", "data/articles", "--metrics", "data/metrics/extract.json"])
    html = page()
    assert "12 articles of 16 pages" in html
    for row in ("kept as an article</td><td>12", "dropped: too short</td><td>1", "dropped: redirect</td><td>1"):
        assert row in html
    for absent in ("Language models", "Analogies", "Embeddings", "Parity", "plotly", "<script"):
        assert absent not in html


def test_pages_are_named_that_fell_back_or_were_lost(in_tmp: Path) -> None:
    Path("data/articles").mkdir(parents=True)
    named = {"fell_back": [736], "timed_out": [], "worker_died": [12, 34], "failed": []}
    stats = {"wiki": "enwiki", "in": 9, "kept": 7, "dropped": {"worker_died": 2}, **named}
    write_json(Path("data/articles/stats.json"), stats)
    html = page()
    assert "dropped: worker died</td><td>2" in html
    assert "read some of the lines; page ids 736." in html
    assert "the worker process died; page ids 12, 34." in html
    assert "took too long" not in html


def test_vectors_that_can_ask_nothing(in_tmp: Path) -> None:
    words = [f"vuords{number}" for number in range(20)]
    Path("data/embeddings/gru").mkdir(parents=True)
    save_vectors(Path("data/embeddings/gru/vectors.txt"), words, np.random.default_rng(0).normal(size=(20, 3)))
    outputs = [f"data/reports/analogies/gru.{suffix}" for suffix in ("json", "md")]
    analogies.main(["gru", "data/embeddings/gru", *outputs, "--metrics", "data/metrics/analogies-gru.json"])
    html = page()
    assert "not in the vocabulary: man, king, woman, queen" in html
    assert "vuords7" in html
    assert 'id="map-gru"' in html
    assert 'id="sections"' not in html


def test_a_model_that_is_no_longer_asked_for_leaves_the_page(in_tmp: Path) -> None:
    figures = {"vocabulary_size": 7, "dimensions": 3, "seconds": 1.0}
    for model in ("gru", "gone"):
        write_json(Path(f"data/metrics/embeddings-{model}.json"), figures)
    html = page()
    assert "embeddings@gru" in html
    assert "gone" not in html


def test_markov_models_stand_in_the_table_of_models(in_tmp: Path) -> None:
    figures = {"vocabulary_size": 7, "seconds": 1.0}
    for name in report.BASELINES:
        figures |= {f"{name}_valid_perplexity": 4.0, f"{name}_test_perplexity": 5.25, f"{name}_test_accuracy": 0.5}
    write_json(Path("data/metrics/baselines.json"), figures)
    html = page()
    for label in report.BASELINES.values():
        assert f"<tr><td>{label}</td><td>7</td><td>4.0</td><td>5.2</td><td>50.0%</td>" in html


def test_too_few_words_make_no_map(in_tmp: Path) -> None:
    Path("data/embeddings/gru").mkdir(parents=True)
    save_vectors(Path("data/embeddings/gru/vectors.txt"), ["one"], np.ones((1, 4)))
    assert "map-gru" not in page()


@pytest.mark.parametrize("projection", ["pca", "tsne"])
def test_vectors_of_one_value_have_a_map(projection: str) -> None:
    assert report.project(np.arange(report.FEWEST, dtype=float)[:, None], projection).shape == (report.FEWEST, 2)


@pytest.mark.parametrize("projection", ["pca", "tsne"])
def test_a_projection_repeats_and_keeps_neighbours_together(projection: str) -> None:
    random = np.random.default_rng(0)
    centres = np.repeat(np.eye(4)[:2], 20, axis=0)
    vectors = centres + random.normal(scale=0.05, size=centres.shape)
    points = report.project(vectors, projection)
    assert points.shape == (40, 2)
    np.testing.assert_array_equal(points, report.project(vectors, projection))
    one, other = points[:20], points[20:]
    apart = np.linalg.norm(one.mean(axis=0) - other.mean(axis=0))
    assert apart > 2 * max(np.linalg.norm(group - group.mean(axis=0), axis=1).mean() for group in (one, other))
