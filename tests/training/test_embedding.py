from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from models.batch import Batch
from models.embedding_model import EmbeddingModel
from pipeline import train
from pipeline.run.outputs import read_json
from pipeline.store.building import build
from pipeline.training import embedding
from tests.articles import VOCABULARY, an_article
from tests.conftest import ErrorOf, SetParams
from tests.training.test_resume import KilledError

TINY: dict[str, Any] = {
    "models.embedding.embedding_size": 4,
    "models.embedding.dropout": 0.3,
    "models.embedding.epochs": 3,
    "models.embedding.subsample": 0.3,
    "models.embedding.rows": 3,
    "runtime.accelerator": "cpu",
    "runtime.checkpoint_seconds": 0.0,
}
WEIGHTS = ("embedding.weight", "output.weight")


@pytest.fixture
def folder(in_tmp: Path, set_params: SetParams, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(embedding, "STEPS", 4)
    monkeypatch.setattr(embedding, "NEGATIVES", 2)
    articles = [an_article(n, [[2, 3, 4, 2], [3, 2], [2] * (n % 4 + 1)], "train") for n in range(12)]
    build(in_tmp / "s.db", articles, VOCABULARY, 0.5)
    set_params(TINY)
    return in_tmp


def weights(model: str) -> dict[str, Tensor]:
    found: dict[str, Tensor] = torch.load(f"{model}/weights.pt", weights_only=True)
    return found


def test_the_stage_writes_both_kinds_of_vectors_their_curve_and_figures(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train.main(["embedding", "s.db", "model", "--metrics", "metrics/m.json"])
    assert "embedding: epoch 3: 0.0% of 0 analogies right\n" in capsys.readouterr().err
    assert {name: tuple(matrix.shape) for name, matrix in weights("model").items()} == {
        "embedding.weight": (5, 4),
        "output.weight": (5, 4),
    }
    figures, times = read_json(folder / "metrics/m.json"), read_json(folder / "timings/m.json")
    words = 12 * (3 + 2) + 3 * (1 + 2 + 3 + 4)
    assert (figures["vocabulary_size"], figures["train_tokens"], figures["words_read"]) == (5, words, 3 * words)
    assert 0 < times["words_trained"] <= figures["words_read"]
    header, *points = (folder / "model/curves.tsv").read_text().splitlines()
    assert header == "epoch\ttrain_loss\tcosine_total\twords_read"
    assert [line.split("\t")[3] for line in points] == [str(words), str(2 * words), str(3 * words)]


def test_vectors_start_from_the_counts_of_the_same_words(folder: Path, set_params: SetParams) -> None:
    set_params(
        {"models.embedding.learning_rate": 1e-12, "models.svd": {"kind": "svd", "embedding_size": 4, "subsample": 0.3}}
    )
    train.main(["embedding", "s.db", "model", "--metrics", "metrics/m.json"])
    train.main(["svd", "s.db", "svd"])
    for name in WEIGHTS:
        started, counted = weights("model")[name], weights("svd")[name]
        size = started.shape[1]
        assert torch.cosine_similarity(started[2:4], counted[2:4, :size]).min() > 0.999
    assert read_json(folder / "timings/m.json")["start_cpu_seconds"] > 0


def test_a_run_that_is_killed_at_any_step_ends_with_the_same_vectors(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train.main(["embedding", "s.db", "whole", "--metrics", "metrics/whole.json"])
    whole, training_step = weights("whole"), EmbeddingModel.training_step
    deaths = [0]

    def mortal(model: EmbeddingModel, batch: Batch, batch_idx: int) -> Tensor:
        if model.global_step == deaths[-1]:
            raise KilledError
        return training_step(model, batch, batch_idx)

    timings = folder / "timings"
    steps = int(read_json(timings / "whole.json")["words_trained"]) // 12
    assert steps > 6
    for step in range(1, steps, 4):
        deaths.append(step)
        monkeypatch.setattr(EmbeddingModel, "training_step", mortal)
        with pytest.raises(KilledError):
            train.main(["embedding", "s.db", "model", "--metrics", "metrics/m.json"])
        monkeypatch.setattr(EmbeddingModel, "training_step", training_step)
        assert list(folder.glob(".model.*.checkpoint"))
        train.main(["embedding", "s.db", "model", "--metrics", "metrics/m.json"])
        assert all(torch.equal(weights("model")[name], whole[name]) for name in WEIGHTS)
        resumed, undisturbed = read_json(timings / "m.json"), read_json(timings / "whole.json")
        assert resumed["words_trained"] == undisturbed["words_trained"]
        assert resumed["start_cpu_seconds"] > 0
        assert not list(folder.glob(".model.*"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"subsample": 0.0, "rows": 64}, "takes more than the 90 words"),
        (
            {"learning_rate": 1e38},
            "embedding: training diverged: the loss of batch 2 of epoch 1 is not a finite number; lower",
        ),
    ],
)
def test_a_mistake_is_one_line(
    folder: Path,
    set_params: SetParams,
    settings: dict[str, Any],
    message: str,
    error_of: ErrorOf,
) -> None:
    set_params({f"models.embedding.{key}": value for key, value in settings.items()})
    assert message in error_of(train.main, ["embedding", "s.db", "model"])
    assert not (folder / "model").exists()
