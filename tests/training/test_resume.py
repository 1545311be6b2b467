"""A training that is stopped anywhere and run again ends as if it had never been stopped."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from models.language_model import Batch, LanguageModel
from pipeline.batches.rows import SequenceData, Streams
from pipeline.run.runtime import Runtime
from pipeline.store.sequences import build
from pipeline.training.fit import Fitted, fit
from pipeline.training.settings import Train
from tests.store.test_sequences import META, VOCABULARY, an_article
from tests.training.test_fit import PARAMS, RUNTIME, SPLITS

SMALL: dict[str, Any] = {
    "unit": "gru",
    "embedding_size": 4,
    "hidden_sizes": [4, 3],
    "optimizer": "adam",
    "learning_rate": 0.05,
}
EVERYTHING = {"embedding": 0.2, "layers": 0.2, "output": 0.2, "weights": 0.2}
RUNS: dict[str, dict[str, Any]] = {
    "the book's way": {"optimizer": "sgd", "schedule": {"kind": "decay", "rate": 0.9}},
    "dropout": {"dropout": EVERYTHING, "schedule": {"kind": "cosine", "warmup_steps": 3, "final": 0.1}},
    "a plateau": {"learning_rate": 1e-30, "schedule": {"kind": "plateau", "factor": 0.5, "patience": 1}},
    "streams": {"draw": "stream", "unit": "lstm", "dropout": EVERYTHING},
    "reading ahead": {"loader_workers": 2},
}


class KilledError(Exception):
    """Stands for SIGKILL."""


class Mortal(LanguageModel):
    """Notes the learning rate of each step, and dies in the one named."""

    dies_at: int
    rates: list[float]

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        if self.global_step == self.dies_at:
            raise KilledError
        self.rates.append(self.trainer.optimizers[0].param_groups[0]["lr"])
        return super().training_step(batch, batch_idx)


@pytest.fixture
def train(tmp_path: Path) -> Callable[..., tuple[Fitted, Mortal]]:
    articles = [an_article(n, [[2, 3, 4], [3, 2], [4] * (n % 4 + 1)], SPLITS.get(n, "train")) for n in range(12)]
    build(tmp_path / "s.db", articles, VOCABULARY, META)

    def train(
        dies_at: int = -1, loader_workers: int = 0, draw: str = "sentences", **settings: Any
    ) -> tuple[Fitted, Mortal]:
        torch.manual_seed(0)
        model = Mortal(5, **SMALL | settings)
        model.dies_at, model.rates = dies_at, []
        streams = Streams(rows=3, steps=4) if draw == "stream" else None
        fitted = fit(
            model,
            SequenceData(
                tmp_path / "s.db", batch_tokens=16, end_fraction=0.5, seed=3, streams=streams, workers=loader_workers
            ),
            name="gru",
            section="language_models.gru",
            params=Train.model_validate(PARAMS | {"epochs": 3}),
            gradient_clip=1.0,
            runtime=Runtime.model_validate(RUNTIME | {"checkpoint_seconds": 0.0}),
            checkpoint=tmp_path / ".gru.checkpoint",
        )
        (tmp_path / ".gru.checkpoint").unlink()
        return fitted, model

    return train


@pytest.mark.parametrize("settings", RUNS.values(), ids=list(RUNS))
def test_a_run_that_died_twice_ends_as_one_that_did_not(
    train: Callable[..., tuple[Fitted, Mortal]], settings: dict[str, Any]
) -> None:
    whole, alive = train(**settings)
    batches = len(alive.rates) // 3
    assert batches > 4
    assert ("schedule" in settings) == (alive.rates[-1] < alive.rates[0])
    for deaths in ([2, batches - 1], [1, batches], [batches + 2, 3 * batches - 1]):
        for death in deaths:
            with pytest.raises(KilledError):
                train(death, **settings)
        again, model = train(**settings)
        # A step is trained twice only where no checkpoint was taken behind it: at an epoch's end.
        assert len(model.rates) == 3 * batches - deaths[-1] + (deaths[-1] % batches == 0)
        assert model.rates == alive.rates[-len(model.rates) :]
        for name, weight in model.state_dict().items():
            assert weight.equal(alive.state_dict()[name]), name
        assert again.epochs == whole.epochs
        speed = {"tokens_per_second": 0.0, "cpu_seconds": 0.0}
        assert again.figures | speed == whole.figures | speed
