"""A training that is stopped anywhere and run again ends as if it had never been stopped."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from models.batch import Batch
from models.trainable import TrainableLanguageModel
from pipeline.batches.rows import SequenceData
from pipeline.run.console import Metrics
from pipeline.run.errors import UserError
from pipeline.settings.model_sections import RandomRows, Stream
from pipeline.store.building import build
from pipeline.training.fit import BestEpoch, fit
from tests.articles import VOCABULARY, an_article
from tests.training.test_fit import RUNTIME, SPLITS, a_job

SMALL: dict[str, Any] = {"unit": "gru", "embedding_size": 4, "hidden_sizes": [4, 3], "learning_rate": 0.05}
EVERYTHING = {"embedding": 0.2, "layers": 0.2, "output": 0.2, "weights": 0.2}
RUNS: dict[str, dict[str, Any]] = {
    "the book's way": {"optimizer": {"kind": "sgd", "momentum": 0.9}, "schedule": "decay"},
    "dropout": {"dropout": EVERYTHING, "average_decay": 0.9, "schedule": "cosine"},
    "streams": {"draw": "stream", "unit": "lstm", "dropout": EVERYTHING, "learn_initial_state": True},
}


class KilledError(Exception):
    """Stands for SIGKILL."""


class Mortal(TrainableLanguageModel):
    """Notes the learning rate of each batch, and dies, or gets a signal, in the one named."""

    dies_at: int
    heard: signal.Signals | None = None
    rates: list[float]

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        if self.current_epoch * self.trainer.num_training_batches + batch_idx == self.dies_at:
            if self.heard is None:
                raise KilledError
            signal.raise_signal(self.heard)
        self.rates.append(self.trainer.optimizers[0].param_groups[0]["lr"])
        return super().training_step(batch, batch_idx)


Trained = tuple[Metrics, list[Metrics], Mortal]


@pytest.fixture
def train(tmp_path: Path) -> Callable[..., Trained]:
    articles = [an_article(n, [[2, 3, 4], [3, 2], [4] * (n % 4 + 1)], SPLITS.get(n, "train")) for n in range(12)]
    build(tmp_path / "s.db", articles, VOCABULARY, 0.5)

    def train(
        dies_at: int = -1, draw: str = "random_rows", heard: signal.Signals | None = None, **settings: Any
    ) -> Trained:
        torch.manual_seed(0)
        model = Mortal(5, **SMALL | settings)
        model.dies_at, model.rates, model.heard = dies_at, [], heard
        stream = Stream(kind="stream", rows=3, steps=4)
        batches = RandomRows(kind="random_rows", tokens=16) if draw == "random_rows" else stream
        data = SequenceData(tmp_path / "s.db", seed=3, batches=batches)
        runtime = RUNTIME | {"checkpoint_seconds": 60.0 if heard else 0.0}
        job = a_job(tmp_path, runtime, epochs=2.5)  # three shorter ones
        watch = BestEpoch(job, 0.0)
        figures = fit(job, model, data, watch, tmp_path / ".gru.checkpoint", 1.0)
        (tmp_path / ".gru.checkpoint").unlink(missing_ok=True)  # none, if an epoch has one step
        return figures, watch.epochs, model

    return train


@pytest.mark.parametrize("settings", RUNS.values(), ids=list(RUNS))
def test_a_run_that_died_twice_ends_as_one_that_did_not(
    train: Callable[..., Trained], settings: dict[str, Any]
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
        speed = {"tokens_per_second": 0.0, "cpu_seconds": 0.0}
        assert again | speed == whole | speed


def test_ctrl_c_saves_what_was_trained(train: Callable[..., Trained], tmp_path: Path) -> None:
    _, epochs, alive = train()
    batches = len(alive.rates) // 3
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)  # programs in the background ignore it
    try:
        for death in (2, batches + 1, 2 * batches - 1):  # the last in the last batch of an epoch
            with pytest.raises(KeyboardInterrupt):
                train(death, heard=signal.SIGINT)
            assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, handler)
    _, epochs_again, model = train()
    assert len(model.rates) == batches - 1
    assert epochs_again == epochs


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    weights = torch.load(path, weights_only=True)["state_dict"]["embedding.weight"]
    content[content.find(weights.numpy().tobytes())] ^= 1
    path.write_bytes(content)


class Code:
    """Unpickled, it would make a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (self.path,)


def with_code(path: Path) -> None:
    torch.save(torch.load(path, weights_only=True) | {"epoch": Code(path.parent / "ran")}, path)


@pytest.mark.parametrize("damage", [flipped, with_code])
def test_a_damaged_checkpoint_is_named(
    train: Callable[..., Trained], tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    with pytest.raises(KilledError):
        train(3)
    damage(tmp_path / ".gru.checkpoint")
    with pytest.raises(UserError, match=r"\.gru\.checkpoint: is damaged \(.*\); delete it and run this again"):
        train()
    assert not (tmp_path / "ran").exists()
