"""The floors of tests/floors.json: measured quality must not fall silently."""

import json

import pytest

from benchmarks.parser_tests import FILES, OURS, scores
from tests.conftest import ROOT
from tests.wikitext.test_golden import CASES

FLOORS = json.loads((ROOT / "tests/floors.json").read_text(encoding="utf-8"))
LOWER = "To lower a floor, edit tests/floors.json in a commit that says why."


def test_golden_cases_stay() -> None:
    """Whether each is right, test_golden.py tells."""
    assert len(CASES) >= FLOORS["golden"], f"{len(CASES)} golden cases, the floor is {FLOORS['golden']}. {LOWER}"


@pytest.fixture(scope="module")
def percents() -> dict[str, float]:
    """The share of MediaWiki's parser tests that this project's text agrees with, by construct."""
    if not FILES.is_dir():
        pytest.skip(f"no parser tests at {FILES}")
    return {construct: row[OURS].percent for construct, row in scores(FILES, [OURS]).items()}


@pytest.mark.parametrize("construct", FLOORS["parser_tests"])
def test_parser_tests_stay_right(construct: str, percents: dict[str, float]) -> None:
    floor = FLOORS["parser_tests"][construct]
    percent = percents[construct]
    assert percent >= floor, f"{construct}: {percent:.1f}% of the parser tests agree, the floor is {floor}%. {LOWER}"
