"""Training of language and embedding models with Lightning: resuming, early stopping, the best weights."""

import logging
import math
import os
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytorch_lightning as L
import torch
from lightning_fabric.utilities.warnings import PossibleUserWarning
from pytorch_lightning.callbacks import Checkpoint

from models.batch import IGNORED, Batch
from models.recurrent.devices import keep_freed_memory, multiply_by_onednn
from models.trainable import TrainableLanguageModel
from pipeline.batches.rows import RowData
from pipeline.run.arrays import check_members
from pipeline.run.console import Metrics, progress, say
from pipeline.run.errors import UserError, reading
from pipeline.settings.model_sections import RecurrentModel
from pipeline.training.job import Job
from pipeline.training.resume import DivergedError, Resumable

COPIES = 2  # of the weights that training holds at least: themselves, and gradients or mean squares
FLOAT32 = 4  # bytes
SMALL_NETWORK = 1_000_000  # weights of a network that one thread trains, such as the sample's
MEASURED = 50  # batches, after which the time of all is foretold
Model = TypeVar("Model", bound=torch.nn.Module)
if TYPE_CHECKING:
    from pipeline.settings.vector_sections import EmbeddingEntry

    FitJob = Job[RecurrentModel] | Job[EmbeddingEntry]


def fit(
    job: "FitJob", model: TrainableLanguageModel, data: RowData, watch: "Watch", checkpoint: Path, clip: float
) -> Metrics:
    """Train `model` on `data` for the epochs of the job's settings, and return the figures of `watch`.

    The norm of the gradient is at most `clip`; 0: no clipping.

    If a killed run left a `checkpoint`, resumes from it and ends as if it had never been stopped. Raises `UserError` if
    a loss of any epoch is not a finite number, even if an earlier epoch was good: the learning rate is too high, and
    the best epoch would be an accident.
    """
    hush()
    keep_freed_memory()
    multiply_by_onednn()
    limit_threads(model)
    order, epochs = data.train_order(), math.ceil(job.settings.epochs)
    share = job.settings.epochs / epochs
    trainer = L.Trainer(
        accelerator=job.runtime.accelerator,
        devices=1,
        logger=False,
        max_epochs=epochs,
        limit_train_batches=1.0 if share == 1 else max(1, int(share * len(order))),
        gradient_clip_val=clip or None,
        callbacks=[watch, resumable := Resumable(checkpoint, job.runtime.checkpoint_seconds, job.seed, order)],
        deterministic=True,
        num_sanity_val_steps=0,
        enable_progress_bar=False,  # `Watch` has one that is quiet without a terminal
        enable_model_summary=False,
    )
    resumed = checkpoint if checkpoint.exists() else None
    if resumed:
        with reading(resumed, "delete it and run this again"):
            check_members(resumed)
            torch.load(resumed, mmap=True, weights_only=True)  # Lightning's own error has no name, and many lines
    try:
        with resumable.saving_at_ctrl_c():
            trainer.fit(model, data.loader(order), data.valid_loader(), ckpt_path=resumed, weights_only=True)
        if resumable.interrupted:  # too late for a checkpoint
            raise KeyboardInterrupt
    except SystemExit:  # Lightning's exception for Ctrl-C
        raise KeyboardInterrupt from None
    except DivergedError as error:
        checkpoint.unlink(missing_ok=True)
        raise UserError(
            f"{job.name}: training diverged: {error} is not a finite number; lower {job.key}.learning_rate"
        ) from None
    return watch.figures(trainer, model)


def limit_threads(model: torch.nn.Module) -> None:
    """Let one thread of this process compute if the model is small: several wait for one another more than they gain.

    So its weights do not depend on the number of processors, which decides in what order sums are taken.
    """
    if sum(weights.numel() for weights in model.parameters()) < SMALL_NETWORK:
        torch.set_num_threads(1)


def make_if_it_fits(make: Callable[[], Model], key: str) -> Model:
    """Return the model that `make` returns; `key` names its settings.

    Raises `UserError` where training it takes more memory than this machine has. A system that has promised more memory
    than it has would kill the training without a word.
    """
    with torch.random.fork_rng(devices=[]), torch.device("meta"):  # on which weights have shapes alone
        weights = sum(weight.numel() for weight in make().parameters())
    needed, memory = COPIES * FLOAT32 * weights, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if needed > memory:
        raise UserError(
            f"params.yaml: {key}: training its {weights:,} weights takes at least {needed / 1e9:,.1f} GB of memory; "
            f"this machine has {memory / 1e9:,.1f} GB; use smaller layers or a smaller vocabulary"
        )
    return make()


class Watch(Checkpoint):
    """Shows an epoch's progress, measures the speed, and keeps the figures of every epoch.

    `start_cpu_seconds` were spent before training; a resumed run also counts those of the killed run.

    It is a `Checkpoint` because Lightning calls only checkpoints after the module's own hook at an epoch's end, which
    logs the training loss. Lightning's progress bar is not used, because it has no quiet lines for a log.
    """

    def __init__(self, job: "FitJob", start_cpu_seconds: float) -> None:
        self.name, self.start_cpu_seconds = job.name, start_cpu_seconds
        self.epochs: list[Metrics] = []  # the figures of each
        self.words: int | torch.Tensor = 0  # trained
        self.seconds = self.cpu_seconds = 0.0  # spent on training
        self.began: tuple[float, float] | None = None  # the two clocks, less the seconds before; None between epochs

    def state_dict(self) -> dict[str, Any]:
        kept = ("epochs", "seconds", "cpu_seconds", "start_cpu_seconds")
        return {"words": int(self.words)} | {name: getattr(self, name) for name in kept}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        vars(self).update(state)

    def on_train_batch_start(self, trainer: L.Trainer, module: L.LightningModule, batch: Batch, batch_idx: int) -> None:
        if self.began is None:
            label = f"{self.name}: epoch {trainer.current_epoch + 1}"
            if batch_idx:
                say(f"{label}: goes on at batch {batch_idx + 1:,}")
            self.bar = progress(label, int(trainer.num_training_batches), "batch")
            self.bar.update(batch_idx)
            self.began = time.perf_counter() - self.seconds, time.process_time() - self.cpu_seconds

    def on_train_batch_end(
        self, trainer: L.Trainer, module: L.LightningModule, outputs: Any, batch: Batch, batch_idx: int
    ) -> None:
        assert self.began
        self.words += (batch.targets != IGNORED).sum()  # stays on the device: reading it would wait for the step
        if trainer.is_last_batch:
            self.words = int(self.words)
        self.seconds, self.cpu_seconds = time.perf_counter() - self.began[0], time.process_time() - self.began[1]
        self.bar.update()
        if not trainer.current_epoch and batch_idx + 1 == MEASURED:
            batches = int(trainer.num_training_batches) * (trainer.max_epochs or 1)
            if (minutes := self.seconds * batches / MEASURED / 60) >= 2:
                say(f"{self.name}: {batches:,} batches, about {minutes:.0f} minutes")
        if trainer.is_last_batch:  # validation comes next, before the epoch ends
            self.began = None
            self.bar.close()

    def add_epoch(self, figures: Metrics) -> None:
        """Keep the figures of an epoch; raises `DivergedError` if one is not a finite number."""
        self.epochs.append(figures)
        for name, value in figures.items():
            if not math.isfinite(value):
                raise DivergedError(f"{name} of epoch {len(self.epochs)}")

    def figures(self, trainer: L.Trainer, model: TrainableLanguageModel) -> Metrics:
        """Return the words trained, also per second, and the CPU seconds of training and of the start."""
        return {
            "words_trained": int(self.words),
            "tokens_per_second": int(self.words) / self.seconds,
            "cpu_seconds": self.cpu_seconds + self.start_cpu_seconds,
            "start_cpu_seconds": self.start_cpu_seconds,
        }


class BestEpoch(Watch):
    """Validates after each epoch, keeps the best epoch's weights, and stops early.

    `after_epoch` is called with the model that is validated; `noted` keeps what it returns after each epoch.
    Messages call what it reads `many`; `losses` puts an epoch's figures in words.
    """

    def __init__(
        self,
        job: Job[RecurrentModel],
        start_cpu_seconds: float,
        after_epoch: Callable[[TrainableLanguageModel], Any] | None = None,
        losses: Callable[[Metrics], str] = str,
        many: str = "words",
    ) -> None:
        super().__init__(job, start_cpu_seconds)
        self.patience, self.after_epoch = job.settings.patience, after_epoch
        self.noted: list[Any] = []
        self.many, self.losses = many, losses
        self.best: Metrics = {}
        self.best_weights: dict[str, torch.Tensor] = {}

    def state_dict(self) -> dict[str, Any]:
        own = {"best": self.best, "best_weights": self.best_weights, "noted": self.noted}
        return {**super().state_dict(), **own}

    def on_validation_epoch_end(self, trainer: L.Trainer, module: L.LightningModule) -> None:
        if self.after_epoch:
            assert isinstance(module, TrainableLanguageModel)
            self.noted.append(self.after_epoch(module))

    def on_train_epoch_end(self, trainer: L.Trainer, module: L.LightningModule) -> None:
        figures = numbers_of(trainer, "train_") | numbers_of(trainer, "valid_")
        self.add_epoch(figures)
        if self.after_epoch:
            say(
                f"{self.name}: epoch {len(self.epochs)}: {self.losses(figures)} valid; "
                f"accuracy {figures['valid_accuracy']:.1%}; {int(self.words) / self.seconds:,.0f} {self.many}/s"
            )
        if figures["valid_loss"] < self.best.get("valid_loss", math.inf):
            assert isinstance(module, TrainableLanguageModel)
            self.best, self.best_weights = {**figures, "best_epoch": len(self.epochs)}, module.evaluated_weights()
        trainer.should_stop = len(self.epochs) - self.best["best_epoch"] >= self.patience

    def figures(self, trainer: L.Trainer, model: TrainableLanguageModel) -> Metrics:
        """Return the best epoch and the speed, and give `model` that epoch's weights, on the device that trained it."""
        model.load_state_dict(self.best_weights)
        model.to(trainer.strategy.root_device)
        return {"best_epoch": self.best["best_epoch"]} | super().figures(trainer, model)


def numbers_of(trainer: L.Trainer, prefix: str) -> Metrics:
    """Return what the model logged in an epoch under names with this prefix."""
    return {name: float(value) for name, value in trainer.callback_metrics.items() if name.startswith(prefix)}


def hush() -> None:
    """Silence Lightning's hints; `Watch` prints what a user needs to know."""
    for package in "pytorch_lightning", "lightning_fabric.utilities":
        logging.getLogger(package).setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", category=PossibleUserWarning)
    warnings.filterwarnings("ignore", message=".*LeafSpec")  # inside Lightning, with newer torch
