"""The checkpoint of a training: its place, and which run it belongs to.

It is next to the model's folder until the stage has succeeded. Its name has a fingerprint of everything that decides
the weights, so that another run never resumes from it.
"""

import glob
import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from ruamel.yaml import YAML

from pipeline.training.job import Job

ROOT = Path(__file__).parents[2]
LIBRARIES = ("torch", "pytorch-lightning", "numpy", "scipy", "scikit-learn")


def checkpoint_path(job: Job, *more: Any) -> Path:
    """Return the path of the checkpoint of `job`, and remove checkpoints of other runs of the same model and seed.

    Its name has a fingerprint of everything that decides the weights: settings and `more` (by their `repr`), the
    devices that train, the database, the libraries, and the code that dvc.yaml lists for the stage.
    """
    runtime = job.runtime
    gpus = 0 if runtime.accelerator == "cpu" else torch.accelerator.device_count()
    settings = (job.settings, job.seed, bool(gpus), runtime.devices or gpus, runtime.nodes, *more)
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
    """Return the Python files that dvc.yaml lists for a stage, including files in listed folders."""
    definition = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"][stage]
    paths = [ROOT / dep for dep in definition.get("do", definition)["deps"] if dep.startswith(("models", "pipeline"))]
    return sorted(file for path in paths for file in (path.rglob("*.py") if path.is_dir() else [path]))


def remove_checkpoints(model: Path, keep: Path | None = None, seed: str = "") -> None:
    """Remove the checkpoints of `model`, or of one of its seeds, except `keep`."""
    for path in model.parent.glob(f".{glob.escape(model.name)}.{seed}*.checkpoint*"):
        if path != keep:
            path.unlink(missing_ok=True)
