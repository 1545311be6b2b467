"""Resuming a killed training: what is saved, when, and which run it belongs to.

A checkpoint is next to the model's folder until the stage has succeeded. Its name holds a fingerprint of all that
decides the weights, so that another run never takes it up. It is taken in the middle of an epoch alone: the
ends of epochs are Lightning's hardest place to resume, and a run that was killed there only trains again
what is newer than its last checkpoint.
"""

import glob
import hashlib
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as L
import torch
from pytorch_lightning.callbacks import Checkpoint
from ruamel.yaml import YAML

from pipeline.run.errors import writing
from pipeline.training.job import Job

ROOT = Path(__file__).parents[2]
STEPS_APART = 20  # at which several processes ask the first whether a checkpoint is due, and wait for its answer
LIBRARIES = ("torch", "pytorch-lightning", "numpy", "scipy", "scikit-learn")


def checkpoint_path(job: Job, *more: Any) -> Path:
    """Where the run of `job` keeps its checkpoint; removes those of other runs of the same model and seed.

    Its name holds a fingerprint of what decides the weights: settings and `more` (by their `repr`), the database, the
    libraries, and the code that dvc.yaml lists for the stage.
    """
    runtime = job.runtime
    settings = (job.settings, job.seed, runtime.accelerator, runtime.devices, runtime.nodes, *more)
    fingerprint = hashlib.blake2b(repr(settings).encode(), digest_size=8)
    for library in LIBRARIES:
        fingerprint.update(version(library).encode())
    for path in [job.database, *code_of(job.stage)]:
        with path.open("rb") as file:
            fingerprint.update(hashlib.file_digest(file, "blake2b").digest())
    job.folder.parent.mkdir(parents=True, exist_ok=True)
    checkpoint = job.folder.with_name(f".{job.folder.name}.{job.seed}-{fingerprint.hexdigest()}.checkpoint")
    remove_checkpoints(job.folder, keep=checkpoint, seed=f"{job.seed}-")
    return checkpoint


def code_of(stage: str) -> list[Path]:
    """The Python files that dvc.yaml lists for a stage, those of its folders too."""
    definition = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"][stage]
    paths = [ROOT / dep for dep in definition.get("do", definition)["deps"] if dep.startswith(("models", "pipeline"))]
    return sorted(file for path in paths for file in (path.rglob("*.py") if path.is_dir() else [path]))


def remove_checkpoints(model: Path, keep: Path | None = None, seed: str = "") -> None:
    """Remove the checkpoints of `model`, or of one of its seeds, but for `keep`."""
    for path in model.parent.glob(f".{glob.escape(model.name)}.{seed}*.checkpoint*"):
        if path != keep:
            path.unlink(missing_ok=True)


class DivergedError(Exception):
    """What is not a finite number, in words."""


class Resumable(Checkpoint):
    """Saves a checkpoint every so many seconds, and lets each batch's random numbers depend on its number alone.

    Raises `DivergedError` instead where the loss is not a finite number.
    """

    def __init__(self, path: Path, seconds: float, seed: int) -> None:
        self.path, self.seconds, self.seed = path, seconds, seed
        self.saved = time.monotonic()

    def on_train_batch_start(self, trainer: L.Trainer, module: L.LightningModule, batch: Any, batch_idx: int) -> None:
        number = trainer.current_epoch * int(trainer.num_training_batches) + batch_idx
        entropy = np.random.SeedSequence((self.seed, number, trainer.global_rank))
        # torch.manual_seed keeps a stack trace for GPUs that it has not met: a millisecond, at every batch.
        reseed = torch.default_generator.manual_seed if module.device.type == "cpu" else torch.manual_seed
        reseed(int(entropy.generate_state(1, np.uint64)[0]))

    def on_train_batch_end(
        self, trainer: L.Trainer, module: L.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        within_a_step = (batch_idx + 1) % trainer.accumulate_grad_batches  # gradients are in no checkpoint
        early = trainer.world_size > 1 and trainer.global_step % STEPS_APART
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
