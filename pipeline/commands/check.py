"""Check every setting of a parameter file, and the files that it names."""

import argparse
from pathlib import Path

from pipeline.commands.answer import Answer
from pipeline.commands.run_folder import from_here
from pipeline.settings import PARAMS, load_params
from pipeline.settings.checks import check_every_stage


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
    """Return the models of a parameter file; raises `UserError` if a setting is wrong or a file is missing."""
    params = load_params(Path(arguments.params))
    check_every_stage(params)
    models = list(params.models)
    line = f"{arguments.params}: valid; models: {', '.join(models)}"
    return Answer({"params": str(arguments.params), "models": models}, [line])
