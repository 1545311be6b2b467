from pathlib import Path

import numpy as np
import pytest
from gensim.models import FastText, Word2Vec

from pipeline.run.console import Metrics
from pipeline.run.runtime import Runtime
from pipeline.settings.vector_sections import FastTextEntry, Gensim, Word2vecEntry
from pipeline.store.building import build
from pipeline.training import word2vec
from pipeline.training.job import Job
from pipeline.training.word2vec import train_word2vec
from tests.articles import VOCABULARY, an_article

ROWS = [[2, 3, 2, 4, 3], [3, 3, 2], [4, 4], [2, 2, 2, 3]] * 5


@pytest.fixture
def database(tmp_path: Path) -> Path:
    articles = [an_article(0, ROWS, "train"), an_article(1, [[2] * 90], "test")]
    build(tmp_path / "s.db", articles, VOCABULARY, 0.5)
    return tmp_path / "s.db"


def a_job(database: Path, algorithm: str) -> Job[Gensim]:
    values = {"kind": "word2vec", "algorithm": algorithm, "embedding_size": 6, "window": 2, "subsample": 0.0}
    settings = Word2vecEntry.model_validate({**values, "learning_rate": 0.05, "epochs": 3})
    return Job("w", settings, 1, database, database.parent / "model", Runtime(), stage="train", key="models.w")


def no_figures(label: str, inputs: np.ndarray, outputs: np.ndarray) -> Metrics:
    assert inputs.shape == outputs.shape
    return {}


@pytest.mark.parametrize("algorithm", ["skipgram", "cbow"])
def test_the_vectors_are_gensims_own_on_the_same_rows(database: Path, tmp_path: Path, algorithm: str) -> None:
    learnt = train_word2vec(a_job(database, algorithm), no_figures)
    inputs, outputs = learnt.weights["embedding.weight"].numpy(), learnt.weights["output.weight"].numpy()
    words = [[str(word) for word in row if word != 4] for row in ROWS]
    (tmp_path / "words.txt").write_text("".join(" ".join(row) + "\n" for row in words))
    own = Word2Vec(
        corpus_file=str(tmp_path / "words.txt"), vector_size=6, window=2, sample=0, alpha=0.05, epochs=3,
        min_count=1, workers=1, seed=1, sg=int(algorithm == "skipgram"),
    )  # fmt: skip
    assert inputs.shape == outputs.shape == (5, 6)
    np.testing.assert_allclose(inputs[2], own.wv["2"], atol=1e-5)
    np.testing.assert_allclose(outputs[3], own.syn1neg[own.wv.key_to_index["3"]], atol=1e-5)
    assert not inputs[[0, 1, 4]].any()  # they never occur, or are dropped
    assert learnt.figures["words_read"] == 3 * sum(map(len, words))
    assert [epoch["words_read"] for epoch in learnt.epochs] == [n * sum(map(len, words)) for n in (1, 2, 3)]


def test_fast_text_reads_the_letters_of_words(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = a_job(database, "skipgram")
    monkeypatch.setattr(word2vec, "BUCKETS", 50)
    job = job._replace(settings=FastTextEntry(**{**job.settings.model_dump(), "kind": "fasttext"}))
    learnt = train_word2vec(job, no_figures)
    words = [[VOCABULARY.by_id[id] for id in row if id != 4] for row in ROWS]
    (tmp_path / "words.txt").write_text("".join(" ".join(row) + "\n" for row in words), encoding="utf-8")
    own = FastText(
        corpus_file=str(tmp_path / "words.txt"), vector_size=6, window=2, sample=0, alpha=0.05, epochs=3,
        min_count=1, workers=1, seed=1, sg=1, bucket=50,
    )  # fmt: skip
    inputs, outputs = learnt.weights["embedding.weight"].numpy(), learnt.weights["output.weight"].numpy()
    for id, word in ((2, VOCABULARY.by_id[2]), (3, VOCABULARY.by_id[3])):
        np.testing.assert_allclose(inputs[id], own.wv[word], atol=1e-5)
        np.testing.assert_allclose(outputs[id], own.syn1neg[own.wv.key_to_index[word]], atol=1e-5)
    assert not inputs[[0, 1, 4]].any()
    assert learnt.record["settings"]["kind"] == "fasttext"
