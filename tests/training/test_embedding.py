from pathlib import Path

import pytest
import torch
from torch import Tensor

from models.batch import Batch
from models.embedding_model import EmbeddingModel
from pipeline.run.arrays import read_tensors
from pipeline.run.outputs import read_json
from pipeline.store.building import build
from pipeline.trained.learnt import as_torch
from pipeline.training import embedding
from tests.articles import VOCABULARY, an_article, run_train
from tests.conftest import SetParams
from tests.training.test_resume import KilledError

MODEL = {"kind": "embedding", "embedding_size": 4, "dropout": 0.3, "epochs": 3, "subsample": 0.3, "rows": 3}
WEIGHTS = ("embedding.weight", "output.weight")


@pytest.fixture
def folder(in_tmp: Path, set_params: SetParams, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(embedding, "STEPS_READ", 4)
    monkeypatch.setattr(embedding, "NEGATIVES", 2)
    articles = [an_article(n, [[2, 3, 4, 2], [3, 2], [2] * (n % 4 + 1)], "train") for n in range(12)]
    articles.append(an_article(12, [[2]], "test"))  # the page follows a sentence of it
    build(in_tmp / "s.db", articles, VOCABULARY, 0.5)
    set_params({"models.embedding": MODEL, "runtime.accelerator": "cpu", "runtime.checkpoint_seconds": 0.0})
    return in_tmp


def trained(name: str, kind: str = "embedding") -> dict[str, Tensor]:
    run_train(kind, "s.db", name, "--metrics", f"metrics/{name}.json")
    found: dict[str, Tensor] = as_torch(read_tensors(Path(name) / "weights.safetensors"))
    return found


def test_the_vectors_their_curve_and_figures_are_the_same_if_the_training_is_killed_at_any_step(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = trained("whole")
    assert {tuple(whole[name].shape) for name in WEIGHTS} == {(5, 4)}
    figures, times = read_json(folder / "metrics/whole.json"), read_json(folder / "timings/whole.json")
    words = 12 * (3 + 2) + 3 * (1 + 2 + 3 + 4)
    assert (figures["vocabulary_size"], figures["train_tokens"], figures["words_read"]) == (5, words, 3 * words)
    assert 0 < times["words_trained"] <= figures["words_read"]
    assert read_json(folder / "whole/curves.json")["words_read"] == [words, 2 * words, 3 * words]
    training_step, steps = EmbeddingModel.training_step, int(times["words_trained"]) // 12
    assert steps > 6
    for step in (1, 4, steps - 1):

        def mortal(model: EmbeddingModel, batch: Batch, batch_idx: int, step: int = step) -> Tensor:
            if model.global_step == step:
                raise KilledError
            return training_step(model, batch, batch_idx)

        with monkeypatch.context() as patch:
            patch.setattr(EmbeddingModel, "training_step", mortal)
            with pytest.raises(KilledError):
                trained("model")
        again, resumed = trained("model"), read_json(folder / "timings/model.json")
        assert all(torch.equal(again[name], whole[name]) for name in WEIGHTS)
        assert resumed["words_trained"] == times["words_trained"]
        assert resumed["start_cpu_seconds"] > 0


def test_vectors_start_from_the_counts_of_the_same_words(folder: Path, set_params: SetParams) -> None:
    svd = {"kind": "svd", "embedding_size": 4, "subsample": 0.3}
    set_params({"models.embedding.learning_rate": 1e-12, "models.svd": svd})
    started, counted = trained("model"), trained("svd", "svd")
    for name in WEIGHTS:
        size = started[name].shape[1]
        assert torch.cosine_similarity(started[name][2:4], counted[name][2:4, :size]).min() > 0.999
