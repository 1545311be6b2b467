"""The floors of tests/floors.json: measured quality must not fall silently."""

import json

import pytest

from benchmarks.parser_tests import FILES, OURS, scores
from tests.conftest import ROOT

FLOORS: dict[str, float] = json.loads((ROOT / "tests/floors.json").read_text(encoding="utf-8"))["parser_tests"]


@pytest.fixture(scope="module")
def percents() -> dict[str, float]:
    """The share of MediaWiki's parser tests that this project's text agrees with, by construct."""
    if not FILES.is_dir():
        pytest.skip(f"no parser tests at {FILES}")
    return {construct: row[OURS].percent for construct, row in scores(FILES, [OURS]).items()}


@pytest.mark.parametrize("construct", FLOORS)
def test_parser_tests_stay_right(construct: str, percents: dict[str, float]) -> None:
    percent, floor = percents[construct], FLOORS[construct]
    assert percent >= floor, (
        f"{construct}: {percent:.1f}% of the parser tests agree, the floor is {floor}%. "
        "To lower a floor, edit tests/floors.json in a commit that says why."
    )
