from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from pipeline.run.arrays import read_tensors
from pipeline.run.outputs import read_json
from pipeline.store.building import build
from pipeline.store.vocabularies import Words
from pipeline.trained.learnt import as_torch
from pipeline.vectors.word2vec_format import save_vectors
from tests.articles import VOCABULARY, an_article, run_train
from tests.conftest import ErrorOf, SetParams

VECTORS = np.array([[1, 0, 0], [0, 2, 0]], np.float32)
Start = Callable[..., Tensor]


@pytest.fixture
def start(in_tmp: Path, set_params: SetParams) -> Start:
    """Train a model that starts from the vectors of some words; its input vectors."""
    splits = {0: "valid", 1: "test"}
    articles = [an_article(n, [[2, 2, 3], [4, 2]], splits.get(n, "train")) for n in range(5)]
    build(in_tmp / "s.db", articles, VOCABULARY, 0.5)

    def start(words: list[str], vectors: np.ndarray = VECTORS, *, freeze: bool = True) -> Tensor:
        save_vectors(in_tmp / "v.txt", words, vectors)
        sizes = {"epochs": 1, "embedding_size": 3, "hidden_sizes": [4]}
        set_params({"models.gru": {**sizes, "start": {"kind": "file", "file": "v.txt", "freeze": freeze}}})
        run_train("gru", "s.db", "model", "--metrics", "m.json")
        found: Tensor = as_torch(read_tensors(Path("model/weights.safetensors")))["embedding.weight"]
        return found

    return start


def test_known_words_start_from_their_vectors_and_are_trained_unless_frozen(
    start: Start, set_params: SetParams
) -> None:
    set_params({"train.seeds": 2})
    found = start(["START", "b"])[3]
    torch.testing.assert_close(found / found.norm(), torch.tensor([0.0, 1.0, 0.0]))
    figures = read_json(Path("m.json"))
    assert [figures[key] for key in ("pretrained_words", "pretrained_coverage", "seeds")] == [1, 0.5, 2]
    frozen, trained = (start(["a", "b"], freeze=freeze)[2:4] for freeze in (True, False))
    assert not torch.equal(frozen, trained)
    assert torch.cosine_similarity(frozen, trained).min() > 0.9


@pytest.mark.parametrize(
    ("words", "vectors", "message"),
    [
        (["a"], np.ones((1, 5)), "has vectors of 5 values; set models.gru.embedding_size"),
        (["A", "z"], VECTORS, "has none of the vocabulary's 2 words"),
    ],
)
def test_vectors_that_do_not_fit_are_one_line(
    start: Start, words: list[str], vectors: np.ndarray, message: str, error_of: ErrorOf
) -> None:
    assert f"params.yaml: models.gru.start.file: v.txt {message}" in error_of(start, words, vectors.astype(np.float32))
    assert not Path("model").exists()


def test_a_trained_model_goes_on_with_other_text_whose_words_keep_their_rows(
    start: Start, in_tmp: Path, set_params: SetParams, error_of: ErrorOf, capsys: pytest.CaptureFixture[str]
) -> None:
    set_params({"models.gru": (sizes := {"epochs": 1, "embedding_size": 3, "hidden_sizes": [4]})})
    run_train("gru", "s.db", "before")
    VOCABULARY.write(Path("before/vocabulary.tsv"))
    other = Words.of([("new", 9), *reversed(VOCABULARY.entries[2:-1])], rows=9, unknown=1)
    articles = [an_article(n, [[2, 2, 3], [4, 2]], {0: "valid", 1: "test"}.get(n, "train")) for n in range(5)]
    build(in_tmp / "o.db", articles, other, 0.5)
    goes_on = {"kind": "model", "folder": "before"}
    # With so small a learning rate the weights stay as they start.
    set_params({"models.gru": {**sizes, "learning_rate": 1e-12, "average_decay": 0.0, "start": goes_on}})
    run_train("gru", "o.db", "after")
    before, after = (read_tensors(Path(name) / "weights.safetensors") for name in ("before", "after"))
    assert "2 of 3 words are known to it" in capsys.readouterr().err
    rows = [VOCABULARY.by_id.index(word) for word in other.by_id if word != "new"]
    mine = [id for id, word in enumerate(other.by_id) if word != "new"]
    for name, weight in after.items():
        by_word = weight.shape[0] == len(other)
        np.testing.assert_allclose(weight[mine] if by_word else weight, before[name][rows] if by_word else before[name])
    set_params({"models.gru": {**sizes, "hidden_sizes": [5], "start": goes_on}})
    told = error_of(run_train, "gru", "o.db", "after")
    assert "params.yaml: models.gru: hidden_sizes differs from before/model.json, which has [4]; " in told
    set_params({"models.gru": {**sizes, "start": goes_on}})
    other.write(Path("before/vocabulary.tsv"))
    assert "before/vocabulary.tsv: is not the vocabulary of before/weights" in error_of(
        run_train, "gru", "o.db", "after"
    )
    for file in ("vocabulary.tsv", "weights.safetensors", "model.json"):
        Path("before", file).unlink()
        told = error_of(run_train, "gru", "o.db", "after")
        assert (
            f"models.gru.start.folder is 'before': holds no {file}; copy a folder of data/models out of data/" in told
        )
