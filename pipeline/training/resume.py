"""Resuming a stopped training: what is saved, and when.

Checkpoints are saved only in the middle of an epoch, because Lightning resumes at the end of an epoch least reliably. A
run that is killed there trains the batches since its last checkpoint again.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as L
import torch
from pytorch_lightning.callbacks import Checkpoint

from pipeline.batches.order import Epochs
from pipeline.run.errors import writing


class DivergedError(Exception):
    """A figure of a training is not a finite number; the message names it."""


class Resumable(Checkpoint):
    """Saves a checkpoint every so many seconds and at Ctrl-C, and lets a batch's random numbers depend on its number.

    The checkpoint has the place in the `order` of the batches. Raises `DivergedError` instead where the loss is not a
    finite number: such a run can only fail at the epoch's end, which may be hours away.
    """

    def __init__(self, path: Path, seconds: float, seed: int, order: Epochs[Any]) -> None:
        self.path, self.seconds, self.seed, self.order = path, seconds, seed, order
        self.saved, self.batch, self.interrupted = time.monotonic(), 0, False

    @contextmanager
    def saving_at_ctrl_c(self) -> Iterator[None]:
        """Let Ctrl-C end the training inside after the batch, with a checkpoint; a second one ends it at once."""

        def interrupt(*_: object) -> None:
            self.interrupted = True
            signal.signal(signal.SIGINT, signal.default_int_handler)

        heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # a program in the background ignores it
        if heard:
            signal.signal(signal.SIGINT, interrupt)
        try:
            yield
        finally:
            if heard:
                signal.signal(signal.SIGINT, signal.default_int_handler)

    def state_dict(self) -> dict[str, Any]:
        return {"batch": self.batch}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.order.first = state["batch"]

    def on_train_batch_start(self, trainer: L.Trainer, module: L.LightningModule, batch: Any, batch_idx: int) -> None:
        number = trainer.current_epoch * int(trainer.num_training_batches) + batch_idx
        entropy = np.random.SeedSequence((self.seed, number, 0))
        # torch.manual_seed keeps a stack trace for GPUs that are not initialized, which takes a millisecond for each
        # batch.
        reseed = torch.default_generator.manual_seed if module.device.type == "cpu" else torch.manual_seed
        reseed(int(entropy.generate_state(1, np.uint64)[0]))

    def on_train_batch_end(
        self, trainer: L.Trainer, module: L.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if trainer.is_last_batch or not (self.interrupted or time.monotonic() - self.saved >= self.seconds):
            return
        if not outputs["loss"].isfinite():
            raise DivergedError(f"the loss of batch {batch_idx + 1:,} of epoch {trainer.current_epoch + 1}")
        self.batch = batch_idx + 1
        partial = self.path.with_name(f"{self.path.name}.partial")
        with writing(self.path):
            trainer.save_checkpoint(partial)
            partial.replace(self.path)
        self.saved = time.monotonic()
        if self.interrupted:
            raise KeyboardInterrupt
