"""Checks of the numbers that a user gives: how many words or lines, how they are drawn, and the seed."""

import secrets
from collections.abc import Mapping
from typing import Any

import pydantic

from pipeline.experiments.generation.settings import Sampling
from pipeline.run.console import UserError
from pipeline.settings.explain import explain

SEEDS = 2**32
MOST = 10_000  # words or lines at a time


def check_number(name: str, number: int) -> int:
    """Return the `number` that is given for `name`; raises `UserError` if it is out of range."""
    if not 1 <= number <= MOST:
        raise UserError(f"{name} is {number}; it must be a number from 1 to {MOST}")
    return number


def check_sampling(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the given temperature, top_k and top_p; raises `UserError` if one is out of range."""
    try:
        return Sampling.model_validate(given).model_dump()
    except pydantic.ValidationError as error:
        raise UserError(explain(error, Sampling)) from None


def choose_seed(given: int | None, name: str = "seed") -> int:
    """Return the seed that is given for `name`, or a new one."""
    if given is None:
        return secrets.randbelow(SEEDS)
    if not 0 <= given < SEEDS:
        raise UserError(f"{name} is {given}; it must be a number from 0 to {SEEDS - 1}")
    return given
