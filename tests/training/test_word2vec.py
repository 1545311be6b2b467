from pathlib import Path

import numpy as np
import pytest
from gensim.models import Word2Vec

from pipeline.store.sequences import Sequences, build
from pipeline.training.vector_settings import Text, Word2vec
from pipeline.training.word2vec import train_word2vec
from tests.store.test_sequences import META, VOCABULARY, an_article

ROWS = [[2, 3, 2, 4, 3], [3, 3, 2], [4, 4], [2, 2, 2, 3]] * 5


@pytest.fixture
def database(tmp_path: Path) -> Path:
    articles = [an_article(0, ROWS, "train"), an_article(1, [[2] * 90], "test")]
    build(tmp_path / "s.db", articles, VOCABULARY, META)
    return tmp_path / "s.db"


def settings(algorithm: str, unknown: str = "drop") -> Word2vec:
    values = {"kind": "word2vec", "algorithm": algorithm, "embedding_size": 6, "window": 2, "negatives": 3}
    text = Text.model_validate({"unknown": unknown, "subsample": 0.0})
    return Word2vec.model_validate({**values, "learning_rate": 0.05, "epochs": 3, "data": text})


@pytest.mark.parametrize("algorithm", ["skipgram", "cbow"])
def test_the_vectors_are_gensims_own_on_the_same_rows(database: Path, tmp_path: Path, algorithm: str) -> None:
    sequences = Sequences(database)
    matrices, figures, epochs = train_word2vec("w", sequences, settings=settings(algorithm), seed=1, scratch=tmp_path)
    words = [[str(word) for word in row if word != 4] for row in ROWS]
    (tmp_path / "words.txt").write_text("".join(" ".join(row) + "\n" for row in words))
    own = Word2Vec(
        corpus_file=str(tmp_path / "words.txt"), vector_size=6, window=2, negative=3, sample=0, alpha=0.05, epochs=3,
        min_count=1, workers=1, seed=1, sg=int(algorithm == "skipgram"),
    )  # fmt: skip
    assert matrices.inputs.shape == matrices.outputs.shape == (5, 6)
    np.testing.assert_allclose(matrices.inputs[2], own.wv["2"], atol=1e-5)
    np.testing.assert_allclose(matrices.outputs[3], own.syn1neg[own.wv.key_to_index["3"]], atol=1e-5)
    assert not matrices.inputs[[0, 1, 4]].any()  # they never occur, or are dropped
    assert figures["words_read"] == 3 * sum(map(len, words))
    assert len(epochs) == 3


def test_unknown_may_be_kept_and_a_run_repeats(database: Path, tmp_path: Path) -> None:
    first, again = (
        train_word2vec("w", Sequences(database), settings=settings("cbow", "keep"), seed=1, scratch=tmp_path)
        for _ in range(2)
    )
    assert first.matrices.inputs[4].any()
    assert np.array_equal(first.matrices.inputs, again.matrices.inputs)
    assert np.array_equal(first.matrices.outputs, again.matrices.outputs)
