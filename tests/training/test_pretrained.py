from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pipeline import train
from pipeline.run.outputs import read_json
from pipeline.store.building import build
from pipeline.vectors.word2vec_format import save_vectors
from tests.articles import VOCABULARY, an_article
from tests.conftest import ErrorOf, SetParams

SMALL: dict[str, Any] = {
    "models.gru.epochs": 1,
    "models.gru.embedding_size": 3,
    "models.gru.hidden_sizes": [4],
}
VECTORS = np.array([[1, 0, 0], [0, 2, 0]], np.float32)


@pytest.fixture
def start_from(in_tmp: Path, set_params: SetParams) -> Callable[..., dict[str, torch.Tensor]]:
    """Train a model that starts from the vectors of some words; its weights."""
    splits = {0: "valid", 1: "test"}
    articles = (an_article(n, [[2, 2, 3], [4, 2]], splits.get(n, "train")) for n in range(5))
    build(in_tmp / "s.db", articles, VOCABULARY, 0.5)

    def start(words: list[str], vectors: np.ndarray, freeze: bool) -> dict[str, torch.Tensor]:
        save_vectors(in_tmp / "v.txt", words, vectors)
        start = {"kind": "file", "file": "v.txt", "freeze": freeze}
        set_params(SMALL | {"models.gru.start": start})
        train.main(["gru", "s.db", "model", "--metrics", "m.json"])
        weights: dict[str, torch.Tensor] = torch.load("model/weights.pt", weights_only=True)
        return weights

    return start


def test_frozen_vectors_stay_as_they_are(start_from: Callable[..., dict[str, torch.Tensor]]) -> None:
    embedding = start_from(["START", "b"], VECTORS, freeze=True)["embedding.weight"]
    found = embedding[3]  # "b"
    torch.testing.assert_close(found / found.norm(), torch.tensor([0.0, 1.0, 0.0]))
    figures = read_json(Path("m.json"))
    assert figures["pretrained_words"] == 1
    assert figures["pretrained_coverage"] == 0.5


def test_others_are_trained_on(start_from: Callable[..., dict[str, torch.Tensor]]) -> None:
    frozen = start_from(["a", "b"], VECTORS, freeze=True)["embedding.weight"][2:4]
    trained = start_from(["a", "b"], VECTORS, freeze=False)["embedding.weight"][2:4]
    assert not torch.equal(frozen, trained)
    assert torch.cosine_similarity(frozen, trained).min() > 0.9


def test_each_of_several_seeds_starts_from_them(
    start_from: Callable[..., dict[str, torch.Tensor]], set_params: SetParams
) -> None:
    set_params({"train.seeds": 2})
    start_from(["a", "b"], VECTORS, freeze=True)
    assert read_json(Path("m.json"))["seeds"] == 2


@pytest.mark.parametrize(
    ("words", "vectors", "message"),
    [
        (
            ["a"],
            np.ones((1, 5), np.float32),
            "v.txt has vectors of 5 values; set models.gru.embedding_size",
        ),
        (["A", "z"], VECTORS, "v.txt has none of the vocabulary's 2 words"),
    ],
)
def test_vectors_that_do_not_fit_are_one_line(
    start_from: Callable[..., Any], words: list[str], vectors: np.ndarray, message: str, error_of: ErrorOf
) -> None:
    error = error_of(start_from, words, vectors, freeze=True).strip().splitlines()[-1]
    assert error.startswith("train: error: params.yaml: models.gru.start.file")
    assert message in error
    assert not Path("model").exists()


def test_a_file_that_is_not_there_is_one_line(
    start_from: Callable[..., Any], set_params: SetParams, error_of: ErrorOf
) -> None:
    set_params(SMALL | {"models.gru.start": {"kind": "file", "file": "nowhere.txt", "freeze": False}})
    assert "models.gru.start.file is 'nowhere.txt': no such file" in error_of(train.main, ["gru", "s.db", "model"])
