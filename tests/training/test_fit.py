import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from models.batch import Batch
from models.language_model import RecurrentLanguageModel
from models.sampled_softmax import SampledSoftmax
from models.trainable import TrainableLanguageModel
from pipeline.batches.order import Draw
from pipeline.batches.rows import SequenceData
from pipeline.run.arrays import write_tensors
from pipeline.run.console import Metrics
from pipeline.run.errors import UserError
from pipeline.run.runtime import Runtime
from pipeline.settings.model_sections import RandomRows, RecurrentModel
from pipeline.store.building import build
from pipeline.training.fit import BestEpoch, fit, make_if_it_fits
from pipeline.training.job import Job
from tests.articles import VOCABULARY, an_article
from tests.run.test_outputs import limited_files

SPLITS = {0: "valid", 1: "test"}
RUNTIME: dict[str, Any] = {"accelerator": "cpu", "workers": 1}


@pytest.fixture
def data(tmp_path: Path) -> SequenceData:
    articles = [an_article(n, [[2, 3, 4], [3, 2], [4] * (n % 4 + 1)], SPLITS.get(n, "train")) for n in range(16)]
    build(tmp_path / "s.db", articles, VOCABULARY, 1.0)
    return SequenceData(tmp_path / "s.db", seed=3, batches=RandomRows(kind="random_rows", tokens=16))


def a_model(**changes: Any) -> TrainableLanguageModel:
    torch.manual_seed(0)
    settings: dict[str, Any] = {"optimizer": "sgd", "learning_rate": 0.1, **changes}
    return TrainableLanguageModel(5, unit="gru", embedding_size=4, hidden_sizes=[4], **settings)


def a_job(tmp_path: Path, runtime: Mapping[str, Any], **settings: Any) -> Job[RecurrentModel]:
    chosen = RecurrentModel(**{"patience": 9, "gradient_clip": 0.0, **settings})
    folders = tmp_path / "s.db", tmp_path / "model"
    return Job("gru", chosen, 3, *folders, Runtime(**runtime), stage="train", key="models.gru")


def run(
    model: TrainableLanguageModel, data: SequenceData, tmp_path: Path, runtime: Mapping[str, Any] = RUNTIME, **more: Any
) -> tuple[Metrics, list[Metrics]]:
    job = a_job(tmp_path, runtime, **{"epochs": 1, **more})
    watch = BestEpoch(job, 0.0)
    return fit(job, model, data, watch, tmp_path / "checkpoint", job.settings.gradient_clip), watch.epochs


def perplexity_of(model: RecurrentLanguageModel, data: SequenceData, split: str) -> float:
    """By hand."""
    model.eval()
    batches = map(data.__getitem__, data.order(split))
    scores = [model.output.score(model.contexts(batch), batch.targets) for batch in batches]
    return math.exp(sum(score.loss.sum().item() for score in scores) / sum(len(score.loss) for score in scores))


def test_one_thread_trains_a_small_model(data: SequenceData, tmp_path: Path) -> None:
    torch.set_num_threads(2)
    run(a_model(), data, tmp_path)
    assert torch.get_num_threads() == 1


def test_every_epoch_draws_its_own_order(data: SequenceData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Sequence[int]] = []

    def recorded(rows: SequenceData, draw: Draw) -> Batch:
        drawn.append(draw.ids)
        return of_draw(rows, draw)

    of_draw = SequenceData.__getitem__
    monkeypatch.setattr(SequenceData, "__getitem__", recorded)
    run(a_model(), data, tmp_path, epochs=2.5)
    order, evaluated = data.train_order(), len(data.valid_loader())
    read = int(len(order) * 2.5 / 3)  # batches of an epoch
    for epoch in range(3):
        order.set_epoch(epoch)
        start = epoch * (read + evaluated)
        assert drawn[start : start + read] == [draw.ids for draw in order][:read]
    assert len(drawn) == 3 * (read + evaluated)
    assert drawn[:read] != drawn[read + evaluated :][:read]


def test_a_fraction_of_an_epoch_has_at_least_a_batch(data: SequenceData, tmp_path: Path) -> None:
    assert len(run(a_model(), data, tmp_path, epochs=1e-9)[1]) == 1


def test_the_best_epochs_weights_are_kept(data: SequenceData, tmp_path: Path) -> None:
    model = a_model(optimizer="adam", learning_rate=1.0)  # far too fast, so that it gets worse again
    figures, epochs = run(model, data, tmp_path, epochs=4)
    perplexities = [epoch["valid_perplexity"] for epoch in epochs]
    assert len(perplexities) == 4
    assert min(perplexities) < perplexities[-1]
    assert figures["best_epoch"] == 1 + perplexities.index(min(perplexities))
    assert perplexity_of(model, data, "valid") == pytest.approx(min(perplexities), rel=1e-5)


def test_training_stops_once_it_no_longer_gets_better(data: SequenceData, tmp_path: Path) -> None:
    assert len(run(a_model(learning_rate=1e-30), data, tmp_path, epochs=9, patience=2)[1]) == 1 + 2


@pytest.mark.parametrize(("clip", "bounded"), [(0.001, True), (0.0, False)])
def test_the_norm_of_the_gradient_is_clipped(data: SequenceData, tmp_path: Path, clip: float, bounded: bool) -> None:
    model = a_model(learning_rate=1.0)
    before = torch.nn.utils.parameters_to_vector(model.parameters()).detach().clone()
    run(model, data, tmp_path, gradient_clip=clip)
    moved = (torch.nn.utils.parameters_to_vector(model.parameters()) - before).norm().item()
    steps = len(data.train_order())
    assert moved > 0
    assert (moved <= 0.001 * steps * 1.001) == bounded


@pytest.mark.parametrize(
    ("seconds", "told"), [(60.0, "train_loss of epoch 2"), (0.0, "the loss of batch 1 of epoch 2")]
)
def test_training_that_diverges_after_a_good_epoch_ends_at_its_next_checkpoint(
    data: SequenceData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float, told: str
) -> None:
    def diverging(model: TrainableLanguageModel, batch: Batch, batch_idx: int) -> Tensor:
        return step(model, batch, batch_idx) * (math.nan if model.current_epoch else 1)

    step = TrainableLanguageModel.training_step
    monkeypatch.setattr(TrainableLanguageModel, "training_step", diverging)
    message = rf"gru: training diverged: {told} is not a finite number; lower models\.gru\.learning_rate"
    with pytest.raises(UserError, match=message):
        run(a_model(), data, tmp_path, RUNTIME | {"checkpoint_seconds": seconds}, epochs=3)
    assert not list(tmp_path.glob("checkpoint*"))


def test_a_model_that_takes_more_memory_than_there_is_is_refused_before_it_takes_any() -> None:
    def of_size(size: int) -> TrainableLanguageModel:
        return TrainableLanguageModel(9, unit="gru", embedding_size=9, hidden_sizes=[size], learning_rate=0.1)

    told = r"models\.gru: training its 3,\d{3},\d{3},\d{3},\d{3} weights takes at least .* GB"
    with pytest.raises(UserError, match=told):
        make_if_it_fits(lambda: of_size(10**6), "models.gru")


def test_weights_that_find_no_room_are_an_error_that_names_the_file(tmp_path: Path) -> None:
    with limited_files(1000), pytest.raises(OSError, match=r"w\.safetensors"):
        write_tensors(tmp_path / "w.safetensors", {"a": np.zeros(1000)})


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
@pytest.mark.parametrize(
    "loss", [{"kind": "exact"}, {"kind": "sampled", "negatives": 3}, {"kind": "adaptive", "cutoffs": [3]}], ids=str
)
def test_a_gpu_trains_and_repeats(data: SequenceData, tmp_path: Path, loss: dict[str, Any]) -> None:
    """Every operation of a step must have a way that is deterministic."""
    counts = torch.from_numpy(data.target_counts())
    models = [a_model(loss=loss if loss["kind"] != "sampled" else "exact", counts=counts) for _ in range(2)]
    for model in models:
        if loss["kind"] == "sampled":
            torch.manual_seed(0)
            model.output = SampledSoftmax(4, 5, negatives=3, counts=counts)
        run(model, data, tmp_path, gradient_clip=1.0, runtime=RUNTIME | {"accelerator": "gpu"})
    for one, other in zip(*(model.state_dict().values() for model in models), strict=True):
        assert one.equal(other)
