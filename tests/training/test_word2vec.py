from pathlib import Path
from typing import Any

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


def no_figures(label: str, inputs: np.ndarray, outputs: np.ndarray) -> Metrics:
    assert inputs.shape == outputs.shape
    return {}


@pytest.mark.parametrize("algorithm", ["skipgram", "cbow", "fasttext"])
def test_the_vectors_are_gensims_own_on_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, algorithm: str
) -> None:
    monkeypatch.setattr(word2vec, "BUCKETS", 50)
    articles = [an_article(0, ROWS, "train"), an_article(1, [[2] * 90], "test")]
    build(tmp_path / "s.db", articles, VOCABULARY, 0.5)
    values: dict[str, Any] = {"embedding_size": 6, "window": 2, "subsample": 0.0, "learning_rate": 0.05, "epochs": 3}
    options: dict[str, Any] = {"vector_size": 6, "window": 2, "sample": 0, "alpha": 0.05, "epochs": 3}
    settings: Gensim
    if fast := algorithm == "fasttext":  # which reads the letters of words
        settings = FastTextEntry.model_validate({"kind": "fasttext", "algorithm": "skipgram", **values})
    else:
        settings = Word2vecEntry.model_validate({"kind": "word2vec", "algorithm": algorithm, **values})
    folders = tmp_path / "s.db", tmp_path / "model"
    job = Job("w", settings, 1, *folders, Runtime(), stage="train", key="models.w")
    inputs, outputs, figures, epochs = train_word2vec(job, no_figures)
    names = [VOCABULARY.by_id[id] if fast else str(id) for id in range(5)]
    words = [[names[id] for id in row if id != 4] for row in ROWS]
    (tmp_path / "words.txt").write_text("".join(" ".join(row) + "\n" for row in words), encoding="utf-8")
    options |= {"corpus_file": str(tmp_path / "words.txt"), "min_count": 1, "workers": 1, "seed": 1}
    own = FastText(**options, sg=1, bucket=50) if fast else Word2Vec(**options, sg=int(algorithm == "skipgram"))
    assert inputs.shape == outputs.shape == (5, 6)
    for id in (2, 3):
        np.testing.assert_allclose(inputs[id], own.wv[names[id]], atol=1e-5)
        np.testing.assert_allclose(outputs[id], own.syn1neg[own.wv.key_to_index[names[id]]], atol=1e-5)
    assert not inputs[[0, 1, 4]].any()  # they never occur, or are dropped
    assert [epoch["words_read"] for epoch in epochs] == [n * sum(map(len, words)) for n in (1, 2, 3)]
    assert figures["words_read"] == epochs[-1]["words_read"]
