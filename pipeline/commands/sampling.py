"""The options of commands that draw words."""

import argparse
from collections.abc import Mapping
from typing import Any

from pipeline.experiments.generation.settings import Sampling
from pipeline.run.console import UserError
from wikilm.checks import check_sampling


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
        raise UserError(f"--{error}".replace("_", "-")) from None
