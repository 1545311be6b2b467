"""A slice of `python -m benchmarks.settings`."""

from pathlib import Path

import pytest

from benchmarks.settings import outcome, values
from tests.settings.test_every_field import PLACES


@pytest.mark.parametrize("name", list(PLACES)[::8])
def test_odd_values_are_refused_in_one_line_or_accepted(in_tmp: Path, name: str) -> None:
    for value in values(PLACES[name].schema):
        assert outcome(PLACES[name].params(value)) in {"refused", "accepted"}
