"""Training a model: seeded, watched, resumed; of one that is validated, stopped early and its best weights kept."""

import logging
import math
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytorch_lightning as L
import torch
from lightning_fabric.utilities.exceptions import MisconfigurationException
from lightning_fabric.utilities.warnings import PossibleUserWarning
from pytorch_lightning.callbacks import Checkpoint

from models import ranks
from models.language_model import IGNORED, Batch, perplexity
from models.memory import keep_freed_memory
from pipeline.run.console import Metrics, UserError, progress, say
from pipeline.run.runtime import Runtime
from pipeline.training.resume import Resumable
from pipeline.training.settings import Training


class Fitted(NamedTuple):
    """The figures of the best epoch, of the test split and of the speed; and those of every epoch."""

    figures: Metrics
    epochs: list[Metrics]


def fit(
    model: L.LightningModule,
    data: L.LightningDataModule,
    *,
    name: str,
    section: str,
    params: Training,
    gradient_clip: float,
    runtime: Runtime,
    checkpoint: Path,
    quiet: bool = False,
) -> Fitted:
    """Train `model` until its validation loss no longer falls, and leave it with its best weights.

    Goes on from `checkpoint` where a killed run left one, and comes to the same end as if it had never been
    stopped. `name` is what messages call it, `section` where params.yaml has its settings; if `quiet`, it says nothing
    of its epochs. Of several processes the first returns. Raises `UserError` where training diverged or the asked
    devices are absent.
    """
    watch = Watch(name, params.patience, quiet)
    trainer = _run(model, data, watch, params.epochs, params.seed, gradient_clip, runtime, checkpoint)
    figures = dict(watch.best)
    if watch.best:
        model.load_state_dict(watch.best_weights)
        trainer.test(model, data, verbose=False)
        figures |= _numbers(trainer, "test_") | watch.speed()
    _end(trainer, name, section, figures, checkpoint)
    return Fitted(figures, watch.epochs)


def fit_whole(
    model: L.LightningModule,
    data: L.LightningDataModule,
    *,
    name: str,
    epochs: int,
    seed: int,
    gradient_clip: float,
    runtime: Runtime,
    checkpoint: Path,
    start_cpu_seconds: float,
    after_epoch: Callable[[int], Metrics],
) -> Fitted:
    """Train `model` for all of `epochs`, without validation; otherwise as `fit`.

    `start_cpu_seconds` were spent before; a run that goes on knows those of the run that was killed.
    `after_epoch` is given the number of epochs done, in the first process; the figures that it returns are kept with
    the training loss.
    """
    scores = Scores(name, start_cpu_seconds, after_epoch)
    trainer = _run(model, data, scores, epochs, seed, gradient_clip, runtime, checkpoint, limit_val_batches=0)
    figures = _numbers(trainer, "train_") | scores.speed()
    figures["start_cpu_seconds"] = scores.start_cpu_seconds
    figures["cpu_seconds"] += scores.start_cpu_seconds
    _end(trainer, name, f"language_models.{name}", figures, checkpoint)
    return Fitted(figures, scores.epochs)


def _run(
    model: L.LightningModule,
    data: L.LightningDataModule,
    shown: "Progress",
    epochs: int,
    seed: int,
    gradient_clip: float,
    runtime: Runtime,
    checkpoint: Path,
    **settings: Any,
) -> L.Trainer:
    keep_freed_memory()
    hush()
    trainer = _trainer(
        runtime,
        max_epochs=epochs,
        gradient_clip_val=gradient_clip or None,
        callbacks=[shown, Resumable(checkpoint, runtime.checkpoint_seconds, seed)],
        **settings,
    )
    try:
        trainer.fit(model, data, ckpt_path=checkpoint if checkpoint.exists() else None)
    except SystemExit:  # Lightning's answer to Ctrl-C
        raise KeyboardInterrupt from None
    return trainer


def _end(trainer: L.Trainer, name: str, section: str, figures: Metrics, checkpoint: Path) -> None:
    """Let the first process alone go on, if what came out is numbers."""
    if not trainer.is_global_zero:
        sys.exit()
    if not figures or not all(map(math.isfinite, figures.values())):
        checkpoint.unlink(missing_ok=True)
        raise UserError(f"{name}: training diverged: a loss is no number; lower {section}.learning_rate")


class Progress(Checkpoint):
    """Shows an epoch's progress, and measures the speed."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.epochs: list[Metrics] = []  # the figures of each
        self.words: int | torch.Tensor = 0  # trained by this process
        self.seconds = self.cpu_seconds = 0.0  # spent on training
        self.start: tuple[float, float] | None = None  # of the epoch, while it trains

    def state_dict(self) -> dict[str, Any]:
        return {
            "epochs": self.epochs,
            "spent": ranks.from_all((int(self.words), *self._spent())),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.epochs = state["epochs"]
        self.words, self.seconds, self.cpu_seconds = ranks.own(state["spent"])

    def _spent(self) -> tuple[float, float]:
        """Seconds of the clock and of this process's CPU time."""
        if self.start is None:
            return self.seconds, self.cpu_seconds
        clock, cpu = self.start
        return self.seconds + time.perf_counter() - clock, self.cpu_seconds + time.process_time() - cpu

    def on_train_batch_start(self, trainer: L.Trainer, module: L.LightningModule, batch: Batch, batch_idx: int) -> None:
        if self.start is None:
            label = f"{self.name}: epoch {trainer.current_epoch + 1}"
            if batch_idx:
                self._say(trainer, f"{label}: goes on at batch {batch_idx + 1:,}")
            self.bar = progress(label, int(trainer.num_training_batches), "batch", quiet=not trainer.is_global_zero)
            self.bar.update(batch_idx)
            self.start = time.perf_counter(), time.process_time()

    def on_train_batch_end(
        self, trainer: L.Trainer, module: L.LightningModule, outputs: Any, batch: Batch, batch_idx: int
    ) -> None:
        self.words += (batch.targets != IGNORED).sum()  # stays on the device: reading it would wait for the step
        self.bar.update()
        if trainer.is_last_batch:  # validation comes next, before the epoch ends
            self.words = int(self.words)
            self.seconds, self.cpu_seconds = self._spent()
            self.start = None
            self.bar.close()

    def speed(self) -> Metrics:
        """Words trained on in all, and a second; all processes' CPU seconds. Validation is left out."""
        each_words, each_cpu = zip(*ranks.from_all((int(self.words), self.cpu_seconds)), strict=True)
        words = sum(each_words)
        return {"words_trained": words, "tokens_per_second": words / self.seconds, "cpu_seconds": sum(each_cpu)}

    def _say(self, trainer: L.Trainer, message: str) -> None:
        if trainer.is_global_zero:
            say(message)


class Watch(Progress):
    """Keeps each epoch's figures and the best one's weights, and stops early."""

    def __init__(self, name: str, patience: int, quiet: bool = False) -> None:
        super().__init__(name)
        self.patience, self.quiet = patience, quiet
        self.best: Metrics = {}
        self.best_weights: dict[str, torch.Tensor] = {}

    def state_dict(self) -> dict[str, Any]:
        return {**super().state_dict(), "best": self.best, "best_weights": self.best_weights}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict(state)
        self.best, self.best_weights = state["best"], state["best_weights"]

    def on_train_epoch_end(self, trainer: L.Trainer, module: L.LightningModule) -> None:
        figures = _numbers(trainer, "train_") | _numbers(trainer, "valid_")
        figures["train_perplexity"] = perplexity(figures["train_loss"])
        self.epochs.append(figures)
        if not self.quiet:
            self._say(
                trainer,
                f"{self.name}: epoch {len(self.epochs)}: perplexity {figures['train_perplexity']:.1f} train, "
                f"{figures['valid_perplexity']:.1f} valid; accuracy {figures['valid_accuracy']:.1%}; "
                f"{self.speed()['tokens_per_second']:,.0f} words/s",
            )
        if figures["valid_loss"] < self.best.get("valid_loss", math.inf):
            self.best = {**figures, "best_epoch": len(self.epochs)}
            self.best_weights = {name: weight.cpu().clone() for name, weight in module.state_dict().items()}
        waited = len(self.epochs) - self.best.get("best_epoch", 0)
        trainer.should_stop = waited >= self.patience or not math.isfinite(figures["valid_loss"])


class Scores(Progress):
    """Keeps each epoch's training loss and what else is found then; stops a training that has diverged."""

    def __init__(self, name: str, start_cpu_seconds: float, after_epoch: Callable[[int], Metrics]) -> None:
        super().__init__(name)
        self.start_cpu_seconds, self.after_epoch = start_cpu_seconds, after_epoch

    def state_dict(self) -> dict[str, Any]:
        return {**super().state_dict(), "start_cpu_seconds": self.start_cpu_seconds}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict(state)
        self.start_cpu_seconds = state["start_cpu_seconds"]

    def on_train_epoch_end(self, trainer: L.Trainer, module: L.LightningModule) -> None:
        figures = _numbers(trainer, "train_")
        trainer.should_stop = not math.isfinite(figures["train_loss"])
        found = self.after_epoch(len(self.epochs) + 1) if trainer.is_global_zero else {}
        self.epochs.append(figures | found)


def write_curves(epochs: list[Metrics], directory: Path) -> None:
    """Write a table of every figure by epoch, from 1, as `dvc plots` reads it: `directory`/plots/metrics/FIGURE.tsv."""
    tables = directory / "plots/metrics"
    tables.mkdir(parents=True)
    for name in epochs[0]:
        lines = [f"step\t{name}", *(f"{step}\t{figures[name]}" for step, figures in enumerate(epochs, 1))]
        (tables / f"{name}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _numbers(trainer: L.Trainer, prefix: str) -> Metrics:
    return {name: float(value) for name, value in trainer.callback_metrics.items() if name.startswith(prefix)}


def _trainer(runtime: Runtime, **settings: Any) -> L.Trainer:
    """Lightning's trainer on the asked devices."""
    accelerator = _accelerator(runtime)
    try:
        return L.Trainer(
            accelerator=accelerator,
            devices=runtime.devices or "auto",
            num_nodes=runtime.nodes,
            strategy=runtime.strategy,
            deterministic=True,
            logger=False,
            use_distributed_sampler=False,
            num_sanity_val_steps=0,
            enable_progress_bar=False,  # `Progress` has one that is quiet without a terminal
            enable_model_summary=False,
            **settings,
        )
    except (MisconfigurationException, ValueError) as error:
        raise UserError(
            f"params.yaml: runtime.devices is {runtime.devices}, runtime.nodes {runtime.nodes}, runtime.strategy "
            f"{runtime.strategy!r}: that does not go here: {' '.join(str(error).split())}"
        ) from None


def _accelerator(runtime: Runtime) -> str:
    if runtime.accelerator == "gpu" and not (torch.cuda.is_available() or torch.backends.mps.is_available()):
        raise UserError("params.yaml: runtime.accelerator is 'gpu': torch finds no GPU here; give auto or cpu")
    return runtime.accelerator


def hush() -> None:
    """Lightning's hints on what it found and would do itself; `Progress` says what a user wants to know."""
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", category=PossibleUserWarning)
    warnings.filterwarnings("ignore", message=".*LeafSpec")  # inside Lightning, with newer torch
