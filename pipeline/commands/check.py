"""Check every setting of a parameter file, and the files that it names."""

import argparse
import json
from pathlib import Path

from pipeline.commands.answer import Answer
from pipeline.commands.run_folder import from_here
from pipeline.run.errors import reading
from pipeline.settings import PARAMS, load_params
from pipeline.settings.checks import check_every_stage

LOCK = Path(".dvc/tmp/rwlock")  # which DVC writes in place


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "params",
        nargs="?",
        type=from_here,
        default=PARAMS,
        metavar="FILE",
        help="the file of settings (default: params.yaml)",
    )


def check(arguments: argparse.Namespace) -> Answer:
    """Return the models of a parameter file; raises `UserError` if a setting is wrong or a file is missing.

    So it does if a killed DVC left its lock half-written: DVC itself does not say what to do then.
    """
    params = load_params(Path(arguments.params))
    check_every_stage(params)
    if LOCK.is_file():
        with reading(LOCK, "delete it if no DVC runs here"):
            json.loads(LOCK.read_text(encoding="utf-8"))
    models = list(params.models)
    line = f"{arguments.params}: valid; models: {', '.join(models)}"
    return Answer({"params": str(arguments.params), "models": models}, [line])
