"""Training of all kinds with Lightning: seeds, resuming, early stopping, the best weights."""

import logging
import math
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytorch_lightning as L
import torch
from lightning_fabric.utilities.exceptions import MisconfigurationException
from lightning_fabric.utilities.warnings import PossibleUserWarning
from pytorch_lightning.callbacks import Checkpoint
from pytorch_lightning.loggers import TensorBoardLogger

from models import ranks
from models.batch import IGNORED, Batch
from models.recurrent.devices import keep_freed_memory, multiply_by_onednn
from models.trainable import TrainableLanguageModel
from pipeline.batches.rows import RowData
from pipeline.run.console import Metrics, progress, say
from pipeline.run.errors import UserError, reading
from pipeline.run.outputs import check_members
from pipeline.run.runtime import Runtime
from pipeline.training.devices import check_gpu
from pipeline.training.job import Job
from pipeline.training.live import Live
from pipeline.training.loading import Loading
from pipeline.training.resume import DivergedError, Resumable

LOGS = Path("data/tensorboard")  # not an output of a stage


class ShareDone(SystemExit):
    """Ends a process other than the first after it has trained its share."""


def fit(job: Job, model: L.LightningModule, data: RowData, watch: "Watch", checkpoint: Path) -> Metrics:
    """Train `model` on `data` for the epochs of the job's settings, and return the figures of `watch`.

    If a killed run left a `checkpoint`, resumes from it and ends as if it had never been stopped. With several
    processes only the first returns; the others exit, by `ShareDone` if all went well. Raises `UserError` if a loss of
    any epoch is not a finite number, even if an earlier epoch was good: the learning rate is too high, and the best
    epoch would be an accident.
    """
    hush()
    keep_freed_memory()
    multiply_by_onednn()
    trainer = _trainer(
        job.runtime,
        logger=_logger(job),
        max_epochs=job.settings.epochs,
        gradient_clip_val=job.settings.gradient_clip or None,
        accumulate_grad_batches=getattr(job.settings, "accumulate", 1),
        limit_val_batches=1.0 if watch.validates else 0,
        callbacks=[watch, Resumable(checkpoint, job.runtime.checkpoint_seconds, job.seed)],
    )
    resumed = checkpoint if checkpoint.exists() else None
    if resumed:
        with reading(resumed, "delete it and run this again"):
            check_members(resumed)
            torch.load(resumed, mmap=True, weights_only=True)  # Lightning's own error has no name, and many lines
    try:
        trainer.fit(model, Loading(data), ckpt_path=resumed, weights_only=True)
        bad = watch.diverged()
    except SystemExit:  # Lightning's exception for Ctrl-C
        raise KeyboardInterrupt from None
    except DivergedError as error:
        bad = str(error)
    if not bad:
        figures = watch.figures(trainer, model)
    # Under DDP Lightning starts this command once for each device; only the first writes the outputs.
    if not trainer.is_global_zero:
        raise SystemExit if bad else ShareDone
    if bad:
        checkpoint.unlink(missing_ok=True)
        raise UserError(f"{job.name}: training diverged: {bad} is not a finite number; lower {job.key}.learning_rate")
    return figures


class Watch(Checkpoint):
    """Shows an epoch's progress, measures the speed, keeps the figures of every epoch, also for `wikilm watch`.

    `start_cpu_seconds` were spent before training; a resumed run also counts those of the killed run.

    It is a `Checkpoint` because Lightning calls only checkpoints after the module's own hook at an epoch's end, which
    logs the training loss. Lightning's progress bar is not used, because it has no quiet lines for a log.
    """

    validates: bool  # after each epoch?

    def __init__(self, job: Job, start_cpu_seconds: float) -> None:
        self.name, self.live, self.start_cpu_seconds = job.name, Live(job), start_cpu_seconds
        self.epochs: list[Metrics] = []  # the figures of each
        self.words: int | torch.Tensor = 0  # trained by this process
        self.seconds = self.cpu_seconds = 0.0  # spent on training
        self.start: tuple[float, float] | None = None  # of the epoch, while it trains

    def state_dict(self) -> dict[str, Any]:
        return {
            "epochs": self.epochs,
            "spent": ranks.from_all((int(self.words), *self._spent())),
            "start_cpu_seconds": self.start_cpu_seconds,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.epochs = state["epochs"]
        self.words, self.seconds, self.cpu_seconds = ranks.own(state["spent"])
        self.start_cpu_seconds = state["start_cpu_seconds"]

    def _spent(self) -> tuple[float, float]:
        """Return the seconds of the clock and of this process's CPU time."""
        if self.start is None:
            return self.seconds, self.cpu_seconds
        clock, cpu = self.start
        return self.seconds + time.perf_counter() - clock, self.cpu_seconds + time.process_time() - cpu

    def on_train_start(self, trainer: L.Trainer, module: L.LightningModule) -> None:
        if trainer.is_global_zero:
            self.live.start(self.epochs)

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

    def on_train_epoch_end(self, trainer: L.Trainer, module: L.LightningModule) -> None:
        epoch = self.epochs[-1]  # which the subclass has just added
        if trainer.is_global_zero and all(map(math.isfinite, epoch.values())):  # else the training is about to fail
            self.live.add(epoch)

    def speed(self) -> Metrics:
        """Return the words trained, also per second, and the CPU seconds of all processes and of the start."""
        each_words, each_cpu = zip(*ranks.from_all((int(self.words), self.cpu_seconds)), strict=True)
        words, start = sum(each_words), self.start_cpu_seconds
        return {
            "words_trained": words,
            "tokens_per_second": words / self.seconds,
            "cpu_seconds": sum(each_cpu) + start,
            "start_cpu_seconds": start,
        }

    def diverged(self) -> str | None:
        """Return the name of the first figure of an epoch that is not a finite number, in words."""
        for number, figures in enumerate(self.epochs, start=1):
            for name, value in figures.items():
                if not math.isfinite(value):
                    return f"{name} of epoch {number}"
        return None

    def figures(self, trainer: L.Trainer, model: L.LightningModule) -> Metrics:
        """Return the figures of the finished training; a subclass may add others and give `model` other weights."""
        return self.speed()

    def _say(self, trainer: L.Trainer, message: str) -> None:
        if trainer.is_global_zero:
            say(message)


class BestEpoch(Watch):
    """Validates after each epoch, keeps the best epoch's weights, and stops early."""

    validates = True

    def __init__(self, job: Job, start_cpu_seconds: float, quiet: bool = False) -> None:
        super().__init__(job, start_cpu_seconds)
        self.patience, self.quiet = job.settings.patience, quiet
        self.best: Metrics = {}
        self.best_weights: dict[str, torch.Tensor] = {}

    def state_dict(self) -> dict[str, Any]:
        return {**super().state_dict(), "best": self.best, "best_weights": self.best_weights}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict(state)
        self.best, self.best_weights = state["best"], state["best_weights"]

    def on_train_epoch_end(self, trainer: L.Trainer, module: L.LightningModule) -> None:
        figures = _numbers(trainer, "train_") | _numbers(trainer, "valid_")
        self.epochs.append(figures)
        if not self.quiet:
            train = f"{figures['train_perplexity']:.1f} train, " if "train_perplexity" in figures else ""
            self._say(
                trainer,
                f"{self.name}: epoch {len(self.epochs)}: perplexity {train}{figures['valid_perplexity']:.1f} valid; "
                f"accuracy {figures['valid_accuracy']:.1%}; {self.speed()['tokens_per_second']:,.0f} words/s",
            )
        if figures["valid_loss"] < self.best.get("valid_loss", math.inf):
            self.best = {**figures, "best_epoch": len(self.epochs)}
            assert isinstance(module, TrainableLanguageModel)
            self.best_weights = module.evaluated_weights()
        waited = len(self.epochs) - self.best.get("best_epoch", 0)
        trainer.should_stop = waited >= self.patience or not all(map(math.isfinite, figures.values()))
        super().on_train_epoch_end(trainer, module)

    def figures(self, trainer: L.Trainer, model: L.LightningModule) -> Metrics:
        """Return the best epoch and the speed, and give `model` that epoch's weights, on the device that trained it."""
        model.load_state_dict(self.best_weights)
        model.to(trainer.strategy.root_device)
        return {"best_epoch": self.best["best_epoch"]} | self.speed()


class EveryEpoch(Watch):
    """Trains for all epochs without validation; keeps the training loss of each, and the result of `after_epoch`.

    `after_epoch` is called with the number of finished epochs, in the first process.
    """

    validates = False

    def __init__(self, job: Job, start_cpu_seconds: float, after_epoch: Callable[[int], Metrics]) -> None:
        super().__init__(job, start_cpu_seconds)
        self.after_epoch = after_epoch

    def on_train_epoch_end(self, trainer: L.Trainer, module: L.LightningModule) -> None:
        figures = _numbers(trainer, "train_")
        trainer.should_stop = not math.isfinite(figures["train_loss"])
        found = self.after_epoch(len(self.epochs) + 1) if trainer.is_global_zero else {}
        self.epochs.append(figures | found)
        super().on_train_epoch_end(trainer, module)


def _numbers(trainer: L.Trainer, prefix: str) -> Metrics:
    return {name: float(value) for name, value in trainer.callback_metrics.items() if name.startswith(prefix)}


def _trainer(runtime: Runtime, **settings: Any) -> L.Trainer:
    """Return Lightning's trainer for the devices of `runtime`."""
    if runtime.accelerator == "gpu":
        check_gpu()
    try:
        return L.Trainer(
            accelerator=runtime.accelerator,
            devices=runtime.devices or "auto",
            num_nodes=runtime.nodes,
            deterministic=True,
            use_distributed_sampler=False,
            num_sanity_val_steps=0,
            enable_progress_bar=False,  # `Watch` has one that is quiet without a terminal
            enable_model_summary=False,
            **settings,
        )
    except (MisconfigurationException, ValueError) as error:
        raise UserError(
            f"params.yaml: runtime.devices is {runtime.devices} and runtime.nodes {runtime.nodes}: not possible here: "
            f"{' '.join(str(error).split())}"
        ) from None


def _logger(job: Job) -> TensorBoardLogger | Literal[False]:
    """Return the logger that `runtime.logger` names; each training has a folder of its own."""
    if job.runtime.logger == "none":
        return False
    try:
        return TensorBoardLogger(LOGS, job.name)
    except ModuleNotFoundError:
        raise UserError(
            "params.yaml: runtime.logger is tensorboard, which is not installed here: pip install tensorboard"
        ) from None


def hush() -> None:
    """Silence Lightning's hints; `Watch` prints what a user needs to know."""
    for package in "pytorch_lightning", "lightning_fabric.utilities":  # the launcher's message about a death stays
        logging.getLogger(package).setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", category=PossibleUserWarning)
    warnings.filterwarnings("ignore", message=".*LeafSpec")  # inside Lightning, with newer torch
