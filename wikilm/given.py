"""Checks of what a user gives: how many words or lines, how they are drawn, the seed, and words that a model knows."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral
from typing import Any, TypeVar

import pydantic

from pipeline.run.errors import UserError
from pipeline.run.section import SEEDS, Section
from pipeline.settings.experiment_sections import Sampling
from pipeline.settings.explain import explain

AT_MOST = 10_000  # words or lines at a time
SUGGESTED = 3  # words of nearly the same spelling

AnySection = TypeVar("AnySection", bound=Section)


def check_number(name: str, number: int) -> int:
    """Return the `number` that is given for `name`; raises `UserError` if it is out of range."""
    return _check_whole(name, number, 1, AT_MOST)


def check_settings(section: type[AnySection], given: Mapping[str, Any]) -> AnySection:
    """Return the `given` settings as a section of params.yaml; raises `UserError` if one is not allowed there."""
    try:
        return section.model_validate(given)
    except pydantic.ValidationError as error:
        raise UserError(explain(error, section)) from None


def check_sampling(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the given temperature, top_k and top_p; raises `UserError` if one is out of range."""
    plain = {key: int(value) if isinstance(value, Integral) else value for key, value in given.items()}  # of NumPy
    return check_settings(Sampling, plain).model_dump()


def choose_seed(given: int | None, name: str = "seed") -> int:
    """Return the seed that is given for `name`, or a new one."""
    return secrets.randbelow(SEEDS) if given is None else _check_whole(name, given, 0, SEEDS - 1)


def _check_whole(name: str, number: Any, least: int, most: int) -> int:
    """Return a whole number, perhaps of NumPy, as Python's; raises `UserError` if it is out of range or not whole."""
    if not isinstance(number, Integral) or int(number) not in range(least, most + 1):
        raise UserError(f"{name} is {number!r}; it must be a whole number from {least} to {most}")
    return int(number)


def check_known(words: Iterable[str], known: Sequence[str], model: str, hint: str = "") -> None:
    """Raise `UserError`, which ends in a `hint`, if some `words` are not among the words that a `model` knows."""
    index = set(known)
    if lacking := [word for word in dict.fromkeys(words) if word not in index]:
        told = "; ".join(f"{word!r}{_suggest(nearest(word, known))}" for word in lacking)
        raise UserError(f"not among the {len(known):,} words of {model}: {told}{hint}")


def _suggest(near: list[str]) -> str:
    return f" (nearest in spelling: {', '.join(near)})" if near else " (no word has a similar spelling)"


def nearest(word: str, known: Sequence[str]) -> list[str]:
    """Return the `known` words with the fewest edits from `word`: the first few of them, so the most frequent.

    An edit adds, removes or changes a letter, or swaps two neighbouring letters. At most a third of the letters may
    differ, or two of a short word, but never all.
    """
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    edits = max(0, min(max(2, len(word) // 3), len(word) - 1))
    found = process.extract(word, known, scorer=OSA.distance, limit=SUGGESTED, score_cutoff=edits)
    return [near for near, distance, _ in found if distance == found[0][1]]
