"""The Lightning data module of a training."""

from typing import Any

import pytorch_lightning as L
from torch.utils.data import DataLoader

from models.batch import Batch
from pipeline.batches.order import Share
from pipeline.batches.rows import RowData


class Loading(L.LightningDataModule):
    """Loads this process's share of `rows`. A checkpoint stores the epoch and the batch."""

    def __init__(self, rows: RowData) -> None:
        super().__init__()
        self.rows = rows

    def setup(self, stage: str) -> None:
        """Set this process's share and whether batches are pinned. Lightning calls it first, in each process."""
        assert self.trainer
        self.rows.share = Share(self.trainer.global_rank, self.trainer.world_size)
        # Other memory is copied to a GPU only once that has done all work before.
        self.rows.pinned = self.trainer.strategy.root_device.type == "cuda"

    def state_dict(self) -> dict[str, Any]:
        """Return the epoch and the number of its batches that are done."""
        assert self.trainer
        return {"epoch": self.trainer.current_epoch, "batch": self.trainer.fit_loop.batch_idx + 1}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.rows.first = state["epoch"], state["batch"]

    def train_dataloader(self) -> DataLoader[Batch]:
        return self.rows.train_dataloader()

    def val_dataloader(self) -> DataLoader[Batch]:
        return self.rows.val_dataloader()
