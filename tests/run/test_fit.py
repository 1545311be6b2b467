import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from models.language_model import LanguageModel
from pipeline.corpus import sampling
from pipeline.corpus.sampling import BatchOrder, Draw, RowBatches, SequenceData
from pipeline.corpus.sequences import build
from pipeline.run.console import Metrics, UserError
from pipeline.run.fit import fit
from pipeline.run.params import Runtime, Train
from tests.corpus.test_sequences import META, VOCABULARY, an_article

SPLITS = {0: "valid", 1: "test"}


@pytest.fixture
def data(tmp_path: Path) -> SequenceData:
    articles = [an_article(n, [[2, 3, 4], [3, 2], [4] * (n % 4 + 1)], SPLITS.get(n, "train")) for n in range(16)]
    build(tmp_path / "s.db", articles, VOCABULARY, META)
    return SequenceData(tmp_path / "s.db", batch_tokens=16, end_fraction=1.0, seed=3)


def a_model(**changes: Any) -> LanguageModel:
    torch.manual_seed(0)
    settings: dict[str, Any] = {"optimizer": "sgd", "learning_rate": 0.1, "momentum": 0.0, **changes}
    return LanguageModel(5, unit="gru", embedding_size=4, hidden_sizes=[4], **settings)


def run(
    model: LanguageModel, data: SequenceData, tmp_path: Path, epochs: int = 1, patience: int = 9, clip: float = 0.0
) -> Metrics:
    return fit(
        model,
        data,
        name="gru",
        params=Train(seed=3, epochs=epochs, patience=patience, batch_tokens=16, end_fraction=1.0),
        gradient_clip=clip,
        runtime=Runtime(workers=1, scheduler="local", accelerator="cpu", loader_workers=0, connections=1, contact=None),
        curves=tmp_path / "curves",
    )


def curve(tmp_path: Path, name: str) -> list[float]:
    lines = (tmp_path / f"curves/plots/metrics/{name}.tsv").read_text().splitlines()[1:]
    return [float(line.split("\t")[1]) for line in lines]


def validate(model: LanguageModel, data: SequenceData) -> float:
    total = words = 0.0
    model.eval()
    with torch.no_grad():
        for batch in data.val_dataloader():
            logits, targets = model.logits_and_targets(batch)
            total += torch.nn.functional.cross_entropy(logits, targets, reduction="sum").item()
            words += len(targets)
    return math.exp(total / words)


def test_every_epoch_draws_its_own_order(data: SequenceData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Sequence[int]] = []

    class Recorder(RowBatches):
        def __getitem__(self, draw: Draw) -> Any:
            drawn.append(draw.ids)
            return super().__getitem__(draw)

    monkeypatch.setattr(sampling, "RowBatches", Recorder)
    run(a_model(), data, tmp_path, epochs=3)
    order = data.train_dataloader().sampler
    assert isinstance(order, BatchOrder)
    evaluated = len(data.val_dataloader())
    for epoch in range(3):
        order.set_epoch(epoch)
        start = epoch * (len(order) + evaluated)
        assert drawn[start : start + len(order)] == [draw.ids for draw in order]
    assert drawn[: len(order)] != drawn[len(order) + evaluated :][: len(order)]


def test_the_best_epochs_weights_are_kept(data: SequenceData, tmp_path: Path) -> None:
    model = a_model(optimizer="adam", learning_rate=1.0)  # far too fast, so that it gets worse again
    figures = run(model, data, tmp_path, epochs=2)
    perplexities = curve(tmp_path, "valid_perplexity")
    assert len(perplexities) == 2
    assert min(perplexities) < perplexities[-1]
    assert figures["valid_perplexity"] == pytest.approx(min(perplexities))
    assert figures["best_epoch"] == 1 + perplexities.index(min(perplexities))
    assert validate(model, data) == pytest.approx(min(perplexities), rel=1e-5)


def test_training_stops_once_it_no_longer_gets_better(data: SequenceData, tmp_path: Path) -> None:
    run(a_model(learning_rate=1e-30), data, tmp_path, epochs=9, patience=2)
    assert len(curve(tmp_path, "valid_perplexity")) == 1 + 2


@pytest.mark.parametrize(("clip", "bounded"), [(0.001, True), (0.0, False)])
def test_the_norm_of_the_gradient_is_clipped(data: SequenceData, tmp_path: Path, clip: float, bounded: bool) -> None:
    model = a_model(learning_rate=1.0)
    before = torch.nn.utils.parameters_to_vector(model.parameters()).detach().clone()
    run(model, data, tmp_path, clip=clip)
    moved = (torch.nn.utils.parameters_to_vector(model.parameters()) - before).norm().item()
    steps = len(data.train_dataloader())
    assert moved > 0
    assert (moved <= 0.001 * steps * 1.001) == bounded


def test_training_that_diverges_is_a_clear_error(data: SequenceData, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"gru: training diverged.*lower language_models\.gru\.learning_rate"):
        run(a_model(learning_rate=1e7), data, tmp_path, epochs=3)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_gpu_that_is_not_there_is_a_clear_error(data: SequenceData, tmp_path: Path) -> None:
    runtime = Runtime(workers=1, scheduler="local", accelerator="gpu", loader_workers=0, connections=1, contact=None)
    params = Train(seed=3, epochs=1, patience=1, batch_tokens=16, end_fraction=1.0)
    with pytest.raises(UserError, match=r"runtime\.accelerator is 'gpu': torch finds no GPU here"):
        fit(
            a_model(), data, name="gru", params=params, gradient_clip=0, runtime=runtime, curves=tmp_path / "curves"
        )  # fmt: skip
