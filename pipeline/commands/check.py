"""Check every setting of a parameter file, and the files that it names."""

import argparse
import json
from pathlib import Path

from pipeline.commands.answer import Answer
from pipeline.commands.options import add_params
from pipeline.run.errors import UserError, reading
from pipeline.settings import load_params, read_yaml
from pipeline.settings.checks import check_every_stage

# A kill can leave half of the first two, which DVC writes in place, and an empty folder in the third.
RWLOCK = Path(".dvc/tmp/rwlock")
LOCK = Path("dvc.lock")
RUNS = Path(".dvc/cache/runs")


add_arguments = add_params


def check(arguments: argparse.Namespace) -> Answer:
    """Return the models of a parameter file; raises `UserError` if a setting is wrong or a file is missing.

    Also raises `UserError` if a killed DVC left a half-written file or an empty folder: DVC itself does not say what to
    do then.
    """
    params = load_params(Path(arguments.params))
    check_every_stage(params)
    if RWLOCK.is_file():
        with reading(RWLOCK, "delete it if no DVC runs here"):
            json.loads(RWLOCK.read_text(encoding="utf-8"))
    if LOCK.is_file():
        from dvc.schema import COMPILED_LOCKFILE_SCHEMA  # other commands start without DVC

        with reading(LOCK, "restore it: git checkout dvc.lock"):
            COMPILED_LOCKFILE_SCHEMA(read_yaml(LOCK))
    for folder in RUNS.glob("*/*/"):
        if not any(folder.iterdir()):
            raise UserError(f"{folder}: is empty, so DVC fails; delete it if no DVC runs here")
    models = list(params.models)
    line = f"{arguments.params}: valid; models: {', '.join(models)}"
    return Answer({"params": str(arguments.params), "models": models}, [line])
