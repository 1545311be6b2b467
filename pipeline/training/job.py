"""A training: its description, and the checkpoint from which it resumes.

The checkpoint is next to the model's folder until the stage has succeeded. Its name has a fingerprint of everything
that decides the weights, so that another run never resumes from it.
"""

import glob
import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from ruamel.yaml import YAML

from pipeline.run.runtime import Runtime
from pipeline.run.section import Section

ROOT = Path(__file__).parents[2]
TRAIN_WITH = ("torch", "pytorch-lightning", "numpy", "scipy", "scikit-learn")

Settings = TypeVar("Settings", bound=Section, covariant=True)


class Job(NamedTuple, Generic[Settings]):
    """The training of the entry `name` with its `settings` on a database; `folder` is where the model goes.

    `stage` is the stage that trains it, `key` the place of the entry in params.yaml. A language model is trained with
    `seeds` seeds, from `seed` on.
    """

    name: str
    settings: Settings
    seed: int
    database: Path
    folder: Path
    runtime: Runtime
    stage: str
    key: str
    seeds: int = 1

    def checkpoint(self, *more: Any) -> Path:
        """Return the path of the checkpoint, and remove checkpoints of other runs of the same model and seed.

        Its name has a fingerprint of the settings and `more` (by their `repr`), whether a GPU trains, the database,
        the libraries, and the code that dvc.yaml lists for the stage.
        """
        import torch  # takes a second, which word2vec and svd spare

        on_gpu = self.runtime.accelerator != "cpu" and torch.accelerator.is_available()
        fingerprint = hashlib.blake2b(repr((self.settings, self.seed, on_gpu, *more)).encode(), digest_size=8)
        for library in TRAIN_WITH:
            fingerprint.update(version(library).encode())
        for path in [self.database, *code_of(self.stage)]:
            with path.open("rb") as file:
                fingerprint.update(hashlib.file_digest(file, "blake2b").digest())
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        checkpoint = self.folder.with_name(f".{self.folder.name}.{self.seed}-{fingerprint.hexdigest()}.checkpoint")
        remove_checkpoints(self.folder, keep=checkpoint, seed=f"{self.seed}-")
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
