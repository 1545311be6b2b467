"""Options that several commands share: how many words or lines, how words are drawn, and the seed."""

import argparse
import secrets
from collections.abc import Mapping
from typing import Any

import pydantic

from pipeline.experiments.generation.settings import Sampling
from pipeline.run.console import UserError
from pipeline.settings.explain import explain

SEEDS = 2**32
MOST = 10_000  # words or lines at a time


def add_sampling(parser: argparse.ArgumentParser, default: str) -> None:
    """Add the options of sampling; `default` describes the values that hold without them."""
    parser.add_argument("--temperature", type=float, metavar="T", help="below 1, likely words become likelier")
    parser.add_argument("--top-k", type=int, metavar="K", help="draw from the K likeliest words; 0: all")
    parser.add_argument(
        "--top-p",
        type=float,
        metavar="P",
        help=f"draw from the likeliest words that hold the share P; 1: all (default of the three: {default})",
    )
    parser.add_argument("--seed", type=int, metavar="N", help="the same seed draws the same words (default: a new one)")


def choose_sampling(arguments: argparse.Namespace, default: Mapping[str, Any]) -> dict[str, Any]:
    """Return temperature, top_k and top_p: the options, or the `default` of an option that is missing."""
    given = {key: value for key in Sampling.model_fields if (value := getattr(arguments, key)) is not None}
    try:
        return Sampling.model_validate({**default, **given}).model_dump()
    except pydantic.ValidationError as error:
        raise UserError(f"--{explain(error, Sampling).replace('_', '-')}") from None


def choose_seed(given: int | None) -> int:
    """Return the option --seed, or a new seed."""
    if given is None:
        return secrets.randbelow(SEEDS)
    if not 0 <= given < SEEDS:
        raise UserError(f"--seed is {given}; it must be a number from 0 to {SEEDS - 1}")
    return given


def check_number(option: str, number: int) -> int:
    """Return the `number` that an `option` gives; raises `UserError` if it is out of range."""
    if not 1 <= number <= MOST:
        raise UserError(f"{option} is {number}; it must be a number from 1 to {MOST}")
    return number
