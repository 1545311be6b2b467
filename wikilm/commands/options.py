"""The options and arguments that several commands share."""

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.run.errors import UserError
from pipeline.settings.experiment_sections import Sampling
from pipeline.settings.params import PARAMS
from wikilm.given import check_sampling
from wikilm.packed_model import ZIP
from wikilm.run import Run
from wikilm.run_folder import find_project


def from_here(path: str) -> str:
    """Return a path that a user gave as seen from the project's folder, in which every command runs.

    Raises `UserError` if it is empty.
    """
    if not path:
        raise UserError("the name of a file or folder is empty; leave it out, or give one")
    root = find_project()
    return path if root in (None, Path()) or Path(path).is_absolute() else os.path.relpath(path, root)


def file_or_name(given: str) -> str:
    """Return a file of `wikilm pack` as seen from the project's folder, or the name of a model."""
    return from_here(given) if given.endswith(ZIP) else given


def add_params(parser: argparse.ArgumentParser) -> None:
    """Add the argument FILE, by default params.yaml."""
    parser.add_argument(
        "params",
        nargs="?",
        type=from_here,
        default=PARAMS,
        metavar="FILE",
        help="the file of settings (default: params.yaml)",
    )


def add_data(parser: argparse.ArgumentParser) -> None:
    """Add the option --data."""
    parser.add_argument(
        "--data",
        type=lambda folder: Run(from_here(folder)),
        default=Run(),
        metavar="FOLDER",
        help="the folder of a run, next to its params.yaml (default: data)",
    )


def add_language_model(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose a run and one of its language models."""
    add_data(parser)
    parser.add_argument(
        "--model",
        type=file_or_name,
        metavar="NAME",
        help="the model (default: the one with the lowest validation perplexity), one that comes with wikilm, or a "
        "file of `wikilm pack`",
    )


def add_sampling(parser: argparse.ArgumentParser, default: str) -> None:
    """Add the options of sampling; `default` describes the values that hold without them."""
    parser.add_argument("--temperature", type=float, metavar="T", help="below 1, likely words become likelier")
    parser.add_argument("--top-k", type=int, metavar="K", help="draw from the K likeliest words; 0: all")
    parser.add_argument(
        "--top-p",
        type=float,
        metavar="P",
        help=f"draw from the likeliest words whose probabilities add up to P; 1: all (default of the three: {default})",
    )
    parser.add_argument("--seed", type=int, metavar="N", help="the same seed draws the same words (default: a new one)")


def choose_sampling(arguments: argparse.Namespace, default: Mapping[str, Any]) -> dict[str, Any]:
    """Return temperature, top_k and top_p: the options, or the `default` of an option that is missing."""
    given = {key: value for key in Sampling.model_fields if (value := getattr(arguments, key)) is not None}
    try:
        return check_sampling({**default, **given})
    except UserError as error:
        hint = "; --top-k 1 always takes the likeliest word" if arguments.temperature == 0 else ""
        raise UserError(f"--{error}{hint}".replace("_", "-")) from None
