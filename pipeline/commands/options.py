"""Options of the command line, checked before anything slow: how many words, how they are drawn, by which seed."""

import argparse
import secrets
from collections.abc import Mapping
from typing import Any

import pydantic

from pipeline.experiments.generation.settings import Sampling
from pipeline.run.console import UserError

SEEDS = 2**32
MOST = 10_000  # words or lines at a time


def choose_sampling(arguments: argparse.Namespace, otherwise: Mapping[str, Any]) -> dict[str, Any]:
    """The options --temperature, --top-k and --top-p; where one was not given, what holds `otherwise`."""
    given = {key: value for key in Sampling.model_fields if (value := getattr(arguments, key)) is not None}
    try:
        return Sampling.model_validate({**otherwise, **given}).model_dump()
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        option = str(first["loc"][0]).replace("_", "-")
        raise UserError(f"--{option} is {first['input']}: {first['msg'].lower()}") from None


def choose_seed(given: int | None) -> int:
    """The option --seed, or a new one."""
    if given is None:
        return secrets.randbelow(SEEDS)
    if not 0 <= given < SEEDS:
        raise UserError(f"--seed is {given}: give a number from 0 to {SEEDS - 1}")
    return given


def how_many(option: str, number: int) -> int:
    """The number that an option gives; raises `UserError` where it is none to work with."""
    if not 1 <= number <= MOST:
        raise UserError(f"{option} is {number}: give a number from 1 to {MOST}")
    return number
