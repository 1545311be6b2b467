from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from lightning_fabric.utilities.apply_func import move_data_to_device
from torch import Tensor

from models.batch import Batch
from pipeline.batches.rows import SequenceData
from pipeline.training.loading import Loading
from tests.batches.test_rows import make_database


@pytest.mark.parametrize(("device", "pinned"), [("cuda", True), ("cpu", False)])
def test_batches_for_a_gpu_lie_in_memory_that_it_can_read_by_itself(
    tmp_path: Path, device: str, *, pinned: bool
) -> None:
    strategy = SimpleNamespace(root_device=torch.device(device))
    loading = Loading(SequenceData(make_database(tmp_path / "s.db", 0.5), seed=1))
    loading.trainer = SimpleNamespace(global_rank=0, world_size=1, strategy=strategy)  # type: ignore[assignment]
    loading.setup("fit")
    assert loading.train_dataloader().pin_memory == pinned


def test_lightning_copies_each_tensor_of_a_batch_without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, copy = [], Tensor.to

    def to(tensor: Tensor, *arguments: Any, **how: Any) -> Tensor:
        asked.append(how)
        return copy(tensor, *arguments, **how)

    monkeypatch.setattr(Tensor, "to", to)
    words = torch.zeros(2, 3, dtype=torch.int64)
    move_data_to_device(Batch(words, words), torch.device("meta"))
    assert asked == [{"non_blocking": True}] * 2
