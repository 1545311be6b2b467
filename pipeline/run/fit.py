"""Training a Lightning module: seeded, stopped early, watched, its best weights kept."""

import logging
import math
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import pytorch_lightning as L
import torch
from dvclive.lightning import DVCLiveLogger
from lightning_fabric.utilities.warnings import PossibleUserWarning
from pytorch_lightning.callbacks import EarlyStopping, ModelCheckpoint

from models.language_model import IGNORED, Batch, perplexity
from pipeline.run.console import Metrics, UserError, progress, say
from pipeline.run.params import Runtime, Train


def fit(
    model: L.LightningModule,
    data: L.LightningDataModule,
    *,
    name: str,
    params: Train,
    gradient_clip: float,
    runtime: Runtime,
    curves: Path,
) -> Metrics:
    """Train `model` until its validation loss no longer falls, and leave it with its best weights.

    Curves go to `curves` as DVCLive writes them. Returns the figures of the best epoch, of the test
    split, and of the speed. Raises `UserError` where training diverged or the asked device is absent.
    """
    hush()
    watch = Watch(name)
    with tempfile.TemporaryDirectory(dir=curves.parent) as scratch:
        best = ModelCheckpoint(scratch, monitor="valid_loss", save_weights_only=True)
        trainer = L.Trainer(
            accelerator=_accelerator(runtime),
            devices=1,
            max_epochs=params.epochs,
            gradient_clip_val=gradient_clip or None,
            deterministic=True,
            callbacks=[EarlyStopping("valid_loss", patience=params.patience), best, watch],
            logger=DVCLiveLogger(dir=str(curves), dvcyaml=None, save_dvc_exp=False),
            use_distributed_sampler=False,
            num_sanity_val_steps=0,
            enable_progress_bar=False,  # `Watch` has one that is quiet without a terminal
            enable_model_summary=False,
        )
        try:
            trainer.fit(model, data)
        except SystemExit:  # Lightning's answer to Ctrl-C
            raise KeyboardInterrupt from None
        if best.best_model_path:
            model.load_state_dict(torch.load(best.best_model_path, weights_only=True)["state_dict"])
            trainer.test(model, data, verbose=False)
    figures = {**watch.best, **_numbers(trainer, "test_"), **watch.speed()}
    if not watch.best or not all(map(math.isfinite, figures.values())):
        raise UserError(f"{name}: training diverged: a loss is no number; lower language_models.{name}.learning_rate")
    return figures


class Watch(L.Callback):
    """Shows progress, keeps the best epoch's figures, and measures the words trained a second."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.words: int | torch.Tensor = 0
        self.seconds = 0.0
        self.best: Metrics = {}

    def on_train_epoch_start(self, trainer: L.Trainer, module: L.LightningModule) -> None:
        label = f"{self.name} epoch {trainer.current_epoch + 1}"
        self.bar = progress(label, int(trainer.num_training_batches), "batch")
        self.start = time.perf_counter()

    def on_train_batch_end(
        self, trainer: L.Trainer, module: L.LightningModule, outputs: Any, batch: Batch, batch_idx: int
    ) -> None:
        self.words += (batch.targets != IGNORED).sum()  # stays on the device: reading it would wait for the step
        self.bar.update()
        if trainer.is_last_batch:  # validation comes next, before the epoch ends
            self.words = int(self.words)
            self.seconds += time.perf_counter() - self.start
            self.bar.close()

    def on_train_epoch_end(self, trainer: L.Trainer, module: L.LightningModule) -> None:
        figures = _numbers(trainer, "train_") | _numbers(trainer, "valid_")
        figures["train_perplexity"] = perplexity(figures["train_loss"])
        say(
            f"{self.name}: epoch {trainer.current_epoch + 1}: perplexity {figures['train_perplexity']:.1f} train, "
            f"{figures['valid_perplexity']:.1f} valid; accuracy {figures['valid_accuracy']:.1%}; "
            f"{self.words / self.seconds:,.0f} words/s"
        )
        if figures["valid_loss"] < self.best.get("valid_loss", math.inf):
            self.best = {**figures, "best_epoch": trainer.current_epoch + 1}

    def speed(self) -> Metrics:
        """Words trained on in all, and a second, validation left out."""
        words = int(self.words)
        return {"words_trained": words, "tokens_per_second": words / self.seconds}


def _numbers(trainer: L.Trainer, prefix: str) -> Metrics:
    return {name: float(value) for name, value in trainer.callback_metrics.items() if name.startswith(prefix)}


def _accelerator(runtime: Runtime) -> str:
    if runtime.accelerator == "gpu" and not (torch.cuda.is_available() or torch.backends.mps.is_available()):
        raise UserError("params.yaml: runtime.accelerator is 'gpu': torch finds no GPU here; give auto or cpu")
    return runtime.accelerator


def hush() -> None:
    """Lightning's hints on what it found and would do itself; `Watch` says what a user wants to know."""
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", category=PossibleUserWarning)
    warnings.filterwarnings("ignore", message=".*LeafSpec")  # inside Lightning, with newer torch
