"""Check every setting of a parameter file."""

import argparse
from pathlib import Path

from pipeline.commands.answer import Answer
from pipeline.settings import PARAMS, load_params


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("params", nargs="?", type=Path, default=PARAMS, metavar="FILE", help="default: params.yaml")


def check(arguments: argparse.Namespace) -> Answer:
    """Return the models of a parameter file; raises `UserError` if a setting is wrong."""
    models = list(load_params(arguments.params).models)
    line = f"{arguments.params}: in order; models: {', '.join(models)}"
    return Answer({"params": str(arguments.params), "models": models}, [line])
