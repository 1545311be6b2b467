"""The quality of the text against the floors of tests/floors.json.

A floor that stops a change which gains more elsewhere is lowered in a commit that says why.
"""

import json
from collections.abc import Callable

import pytest

from benchmarks.text import parser_tests, sentences
from tests.conftest import ROOT

FLOORS: dict[str, dict[str, float]] = json.loads((ROOT / "tests/floors.json").read_text(encoding="utf-8"))


def f1() -> dict[str, float]:
    """F1 of the sentence boundaries inside the paragraphs of each treebank, in per cent."""
    return {language: sentences.score(found, language)[0] for language, found in sentences.treebanks().items()}


def agreement() -> dict[str, float]:
    """The share of MediaWiki's parser tests by construct with which this project's text agrees, in per cent."""
    ours = parser_tests.OURS
    return {name: parser_tests.percent(row[ours]) for name, row in parser_tests.scores([ours]).items()}


@pytest.mark.parametrize(("kind", "measure"), [("sentences", f1), ("parser_tests", agreement)])
@pytest.mark.usefixtures("shared")
def test_no_figure_falls_below_its_floor(kind: str, measure: Callable[[], dict[str, float]]) -> None:
    found = measure()
    assert found.keys() == FLOORS[kind].keys()
    assert {name: (found[name], floor) for name, floor in FLOORS[kind].items() if found[name] < floor} == {}
