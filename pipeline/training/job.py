"""The description of a training."""

from pathlib import Path
from typing import Any, NamedTuple

from pipeline.run.runtime import Runtime


class Job(NamedTuple):
    """The training of the entry `name` with its `settings` on a database; `folder` is where the model goes.

    `stage` is the stage that trains it, `key` the place of the entry in params.yaml. A language model is trained with
    `seeds` seeds, from `seed` on.
    """

    name: str
    settings: Any
    seed: int
    database: Path
    folder: Path
    runtime: Runtime
    stage: str
    key: str
    seeds: int = 1
