"""Training a language model: seeded, stopped early, watched, resumed, its best weights kept."""

import logging
import math
import sys
import time
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import pytorch_lightning as L
import torch
from lightning_fabric.utilities.exceptions import MisconfigurationException
from lightning_fabric.utilities.warnings import PossibleUserWarning
from pytorch_lightning.callbacks import Checkpoint

from models import ranks
from models.language_model import IGNORED, Batch, perplexity
from pipeline.run.console import Metrics, UserError, progress, say
from pipeline.run.params.runtime import Runtime
from pipeline.run.params.training import Training
from pipeline.run.resume import Resumable


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
    hush()
    watch = Watch(name, params.patience, quiet)
    trainer = _trainer(
        runtime,
        max_epochs=params.epochs,
        gradient_clip_val=gradient_clip or None,
        callbacks=[watch, Resumable(checkpoint, runtime.checkpoint_seconds, params.seed)],
    )
    try:
        trainer.fit(model, data, ckpt_path=checkpoint if checkpoint.exists() else None)
    except SystemExit:  # Lightning's answer to Ctrl-C
        raise KeyboardInterrupt from None
    figures = dict(watch.best)
    if watch.best:
        model.load_state_dict(watch.best_weights)
        trainer.test(model, data, verbose=False)
        figures |= _numbers(trainer, "test_") | watch.speed()
    if not trainer.is_global_zero:
        sys.exit()
    if not figures or not all(map(math.isfinite, figures.values())):
        checkpoint.unlink(missing_ok=True)
        raise UserError(f"{name}: training diverged: a loss is no number; lower {section}.learning_rate")
    return Fitted(figures, watch.epochs)


class Watch(Checkpoint):
    """Shows progress, keeps each epoch's figures and the best one's weights, stops early, measures the speed."""

    def __init__(self, name: str, patience: int, quiet: bool = False) -> None:
        self.name, self.patience, self.quiet = name, patience, quiet
        self.epochs: list[Metrics] = []
        self.best: Metrics = {}
        self.best_weights: dict[str, torch.Tensor] = {}
        self.words: int | torch.Tensor = 0  # trained by this process
        self.seconds = 0.0
        self.start: float | None = None  # of the epoch, while it trains

    def state_dict(self) -> dict[str, Any]:
        return {
            "epochs": self.epochs,
            "best": self.best,
            "best_weights": self.best_weights,
            "words": ranks.from_all(int(self.words)),
            "seconds": self.seconds + time.perf_counter() - (self.start or time.perf_counter()),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.epochs, self.best, self.best_weights = state["epochs"], state["best"], state["best_weights"]
        self.words, self.seconds = ranks.own(state["words"]), state["seconds"]

    def on_train_batch_start(self, trainer: L.Trainer, module: L.LightningModule, batch: Batch, batch_idx: int) -> None:
        if self.start is None:
            label = f"{self.name}: epoch {trainer.current_epoch + 1}"
            if batch_idx:
                self._say(trainer, f"{label}: goes on at batch {batch_idx + 1:,}")
            self.bar = progress(label, int(trainer.num_training_batches), "batch", quiet=not trainer.is_global_zero)
            self.bar.update(batch_idx)
            self.start = time.perf_counter()

    def on_train_batch_end(
        self, trainer: L.Trainer, module: L.LightningModule, outputs: Any, batch: Batch, batch_idx: int
    ) -> None:
        self.words += (batch.targets != IGNORED).sum()  # stays on the device: reading it would wait for the step
        self.bar.update()
        if trainer.is_last_batch:  # validation comes next, before the epoch ends
            self.words = int(self.words)
            self.seconds += time.perf_counter() - (self.start or 0)
            self.start = None
            self.bar.close()

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

    def speed(self) -> Metrics:
        """Words trained on in all, and a second, validation left out."""
        words = sum(ranks.from_all(int(self.words)))
        return {"words_trained": words, "tokens_per_second": words / self.seconds}

    def _say(self, trainer: L.Trainer, message: str) -> None:
        if trainer.is_global_zero:
            say(message)


def write_curves(epochs: list[Metrics], directory: Path) -> None:
    """Write a table of every figure by epoch, as `dvc plots` reads it: `directory`/plots/metrics/FIGURE.tsv."""
    tables = directory / "plots/metrics"
    tables.mkdir(parents=True)
    for name in epochs[0]:
        lines = [f"step\t{name}", *(f"{step}\t{figures[name]}" for step, figures in enumerate(epochs))]
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
            enable_progress_bar=False,  # `Watch` has one that is quiet without a terminal
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
    """Lightning's hints on what it found and would do itself; `Watch` says what a user wants to know."""
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", category=PossibleUserWarning)
    warnings.filterwarnings("ignore", message=".*LeafSpec")  # inside Lightning, with newer torch
