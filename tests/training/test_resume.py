"""A training that is stopped anywhere and run again ends as if it had never been stopped."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from models.batch import Batch
from models.trainable import TrainableLanguageModel
from pipeline.batches.rows import SequenceData
from pipeline.run.console import Metrics
from pipeline.run.errors import UserError
from pipeline.settings.model_sections import Sentences, Stream
from pipeline.store.building import build
from pipeline.training.fit import BestEpoch, fit
from pipeline.training.live import read_curves
from pipeline.training.resume import Resumable
from tests.articles import VOCABULARY, an_article
from tests.training.test_fit import RUNTIME, SPLITS, a_job

SMALL: dict[str, Any] = {
    "unit": "gru",
    "embedding_size": 4,
    "hidden_sizes": [4, 3],
    "optimizer": "adam",
    "learning_rate": 0.05,
}
EVERYTHING = {"embedding": 0.2, "layers": 0.2, "output": 0.2, "weights": 0.2}
RUNS: dict[str, dict[str, Any]] = {
    "the book's way": {"optimizer": {"kind": "sgd", "momentum": 0.9}, "schedule": {"kind": "decay", "rate": 0.9}},
    "dropout": {"dropout": EVERYTHING, "schedule": {"kind": "cosine", "warmup_steps": 3, "final": 0.1}},
    "a plateau": {"learning_rate": 1e-30, "schedule": {"kind": "plateau", "factor": 0.5, "patience": 1}},
    "streams": {"draw": "stream", "unit": "lstm", "dropout": EVERYTHING},
    "streams of varying steps": {"draw": "varying", "learn_initial_state": True},
    "reading ahead": {"loader_workers": 2},
}


class KilledError(Exception):
    """Stands for SIGKILL."""


class Mortal(TrainableLanguageModel):
    """Notes the learning rate of each batch, and dies in the one named."""

    dies_at: int
    rates: list[float]

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        if self.current_epoch * self.trainer.num_training_batches + batch_idx == self.dies_at:
            raise KilledError
        self.rates.append(self.trainer.optimizers[0].param_groups[0]["lr"])
        return super().training_step(batch, batch_idx)


Trained = tuple[Metrics, list[Metrics], Mortal]


@pytest.fixture
def train(tmp_path: Path) -> Callable[..., Trained]:
    articles = [an_article(n, [[2, 3, 4], [3, 2], [4] * (n % 4 + 1)], SPLITS.get(n, "train")) for n in range(12)]
    build(tmp_path / "s.db", articles, VOCABULARY, 0.5)

    def train(
        dies_at: int = -1, loader_workers: int = 0, draw: str = "sentences", accumulate: int = 1, **settings: Any
    ) -> Trained:
        torch.manual_seed(0)
        model = Mortal(5, **SMALL | settings)
        model.dies_at, model.rates = dies_at, []
        stream = Stream(kind="stream", rows=3, steps=4, varying=draw == "varying")
        batches = Sentences(kind="sentences", tokens=16) if draw == "sentences" else stream
        data = SequenceData(tmp_path / "s.db", seed=3, batches=batches, workers=loader_workers)
        runtime = RUNTIME | {"checkpoint_seconds": 0.0}
        job = a_job(tmp_path, runtime, epochs=3, gradient_clip=1.0, accumulate=accumulate)
        watch = BestEpoch(job, 0.0)
        figures = fit(job, model, data, watch, tmp_path / ".gru.checkpoint")
        (tmp_path / ".gru.checkpoint").unlink(missing_ok=True)  # none, if an epoch has one step
        return figures, watch.epochs, model

    return train


@pytest.mark.parametrize("settings", RUNS.values(), ids=list(RUNS))
def test_a_run_that_died_twice_ends_as_one_that_did_not(
    train: Callable[..., Trained], settings: dict[str, Any], tmp_path: Path
) -> None:
    whole, epochs, alive = train(**settings)
    batches = len(alive.rates) // 3
    assert batches > 4
    assert ("schedule" in settings) == (alive.rates[-1] < alive.rates[0])
    for deaths in ([2, batches - 1], [1, batches], [batches + 2, 3 * batches - 1]):
        for death in deaths:
            with pytest.raises(KilledError):
                train(death, **settings)
        again, epochs_again, model = train(**settings)
        # A step is trained twice only where no checkpoint was taken behind it: at an epoch's end.
        assert len(model.rates) == 3 * batches - deaths[-1] + (deaths[-1] % batches == 0)
        assert model.rates == alive.rates[-len(model.rates) :]
        for name, weight in model.state_dict().items():
            assert weight.equal(alive.state_dict()[name]), name
        assert epochs_again == epochs
        assert [curve.epochs for curve in read_curves(tmp_path)] == [epochs]
        speed = {"tokens_per_second": 0.0, "cpu_seconds": 0.0}
        assert again | speed == whole | speed


def test_a_run_that_died_within_a_step_of_several_batches_repeats_the_whole_step(
    train: Callable[..., Trained],
) -> None:
    settings: dict[str, Any] = {
        "accumulate": 3,
        "dropout": EVERYTHING,
        "average": {"kind": "exponential", "decay": 0.9},
        "schedule": {"kind": "linear", "final": 0.0},
    }
    _, epochs, alive = train(**settings)
    batches = len(alive.rates) // 3
    steps = 3 * -(-batches // 3)
    assert alive.rates[-1] == pytest.approx(0.05 / steps)  # the schedule counts steps, not batches
    with pytest.raises(KilledError):
        train(batches + 5, **settings)  # in the last batch of the epoch's second step
    _, epochs_again, model = train(**settings)
    assert len(model.rates) == 2 * batches - 3
    for name, weight in model.state_dict().items():
        assert weight.equal(alive.state_dict()[name]), name
    assert epochs_again == epochs


def test_a_step_of_several_batches_has_the_mean_of_their_scales(train: Callable[..., Trained]) -> None:
    rates, together = (train(draw="varying", accumulate=number)[2].rates for number in (1, 2))
    batches = len(rates) // 3
    assert len({*rates}) > 2
    assert batches % 2  # the last step of an epoch has one batch
    for first in range(0, len(rates), batches):
        for start in range(first, first + batches, 2):
            of_step = rates[start : min(start + 2, first + batches)]
            assert together[start + len(of_step) - 1] == pytest.approx(sum(of_step) / len(of_step))


def test_a_step_of_fewer_batches_has_the_mean_of_their_gradients(train: Callable[..., Trained]) -> None:
    settings: dict[str, Any] = {"draw": "stream", "optimizer": "sgd"}
    batches = len(train(**settings)[2].rates) // 3
    whole, fewer = (train(accumulate=number, **settings)[2] for number in (batches, 1000 * batches))
    for one, other in zip(whole.parameters(), fewer.parameters(), strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("accumulate", [1, 2])
def test_several_processes_save_a_checkpoint_in_every_epoch(tmp_path: Path, accumulate: int) -> None:
    """Also in one of as many steps as they take between two moments at which they may save."""
    model = TrainableLanguageModel(5, **SMALL)
    resumable = Resumable(tmp_path / "checkpoint", 0.0, seed=1)
    saved: list[int] = []
    for batch in range(batches := accumulate * model.sync_every):
        strategy = SimpleNamespace(broadcast=bool, reduce_boolean_decision=bool)
        trainer: Any = SimpleNamespace(
            accumulate_grad_batches=accumulate,
            world_size=2,
            is_last_batch=batch == batches - 1,
            strategy=strategy,
            save_checkpoint=lambda path, batch=batch: saved.append(batch),
            is_global_zero=False,
        )
        resumable.on_train_batch_end(trainer, model, {"loss": torch.zeros(())}, None, batch)
    assert saved == [accumulate - 1]


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    weights = torch.load(path, weights_only=True)["state_dict"]["embedding.weight"]
    content[content.find(weights.numpy().tobytes())] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


class Code:
    """Unpickled, it would make a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (self.path,)


def with_code(path: Path) -> None:
    torch.save(torch.load(path, weights_only=True) | {"epoch": Code(path.parent / "ran")}, path)


@pytest.mark.parametrize("damage", [flipped, cut, with_code])
def test_a_damaged_checkpoint_is_named(
    train: Callable[..., Trained], tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    with pytest.raises(KilledError):
        train(3)
    damage(tmp_path / ".gru.checkpoint")
    with pytest.raises(UserError, match=r"\.gru\.checkpoint: is damaged \(.*\); delete it and run this again"):
        train()
    assert not (tmp_path / "ran").exists()
