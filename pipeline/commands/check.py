"""Check every setting of a parameter file, and the files that it names."""

import argparse
import json
from pathlib import Path

from pipeline.commands.answer import Answer
from pipeline.commands.options import add_params
from pipeline.run.errors import reading
from pipeline.settings import load_params
from pipeline.settings.checks import check_every_stage

LOCK = Path(".dvc/tmp/rwlock")  # which DVC writes in place


add_arguments = add_params


def check(arguments: argparse.Namespace) -> Answer:
    """Return the models of a parameter file; raises `UserError` if a setting is wrong or a file is missing.

    Also raises `UserError` if a killed DVC left its lock half-written: DVC itself does not say what to do then.
    """
    params = load_params(Path(arguments.params))
    check_every_stage(params)
    if LOCK.is_file():
        with reading(LOCK, "delete it if no DVC runs here"):
            json.loads(LOCK.read_text(encoding="utf-8"))
    models = list(params.models)
    line = f"{arguments.params}: valid; models: {', '.join(models)}"
    return Answer({"params": str(arguments.params), "models": models}, [line])
