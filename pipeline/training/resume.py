"""Resuming a killed training: what is saved, and when.

Checkpoints are saved only in the middle of an epoch, because Lightning resumes at the end of an epoch least reliably. A
run that is killed there trains the batches since its last checkpoint again.
"""

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as L
import torch
from pytorch_lightning.callbacks import Checkpoint

from models.trainable import TrainableLanguageModel
from pipeline.run.errors import writing


class DivergedError(Exception):
    """What is not a finite number, in words."""


class Resumable(Checkpoint):
    """Saves a checkpoint every so many seconds, and makes the random numbers of a batch depend only on its number.

    Raises `DivergedError` instead where the loss is not a finite number.
    """

    def __init__(self, path: Path, seconds: float, seed: int) -> None:
        self.path, self.seconds, self.seed = path, seconds, seed
        self.saved = time.monotonic()

    def on_train_batch_start(self, trainer: L.Trainer, module: L.LightningModule, batch: Any, batch_idx: int) -> None:
        number = trainer.current_epoch * int(trainer.num_training_batches) + batch_idx
        entropy = np.random.SeedSequence((self.seed, number, trainer.global_rank))
        # torch.manual_seed keeps a stack trace for GPUs that are not initialized, which takes a millisecond for each
        # batch.
        reseed = torch.default_generator.manual_seed if module.device.type == "cpu" else torch.manual_seed
        reseed(int(entropy.generate_state(1, np.uint64)[0]))

    def on_train_batch_end(
        self, trainer: L.Trainer, module: L.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        assert isinstance(module, TrainableLanguageModel)
        step, batch_of_step = divmod(batch_idx, trainer.accumulate_grad_batches)
        within_a_step = batch_of_step + 1 < trainer.accumulate_grad_batches  # gradients are in no checkpoint
        # Several processes ask the first whether a checkpoint is due, and wait for its answer.
        early = trainer.world_size > 1 and step % module.sync_every
        if trainer.is_last_batch or within_a_step or early:
            return
        due = time.monotonic() - self.saved >= self.seconds
        if not trainer.strategy.broadcast(due):
            return
        # Such a run can only fail at the epoch's end, which may be hours away.
        if not trainer.strategy.reduce_boolean_decision(bool(outputs["loss"].isfinite())):
            raise DivergedError(f"the loss of batch {batch_idx + 1:,} of epoch {trainer.current_epoch + 1}")
        partial = self.path.with_name(f"{self.path.name}.partial")
        with writing(self.path):
            trainer.save_checkpoint(partial)
            if trainer.is_global_zero:
                partial.replace(self.path)
        self.saved = time.monotonic()
