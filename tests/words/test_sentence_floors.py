"""What is known to be right stays right: F1 on the shared treebanks, against the floors of tests/floors.json."""

import json
from pathlib import Path

import pytest

from benchmarks.sentences import SPLITTERS, read_paragraphs, score
from tests.conftest import ROOT

FLOORS: dict[str, float] = json.loads((ROOT / "tests/floors.json").read_text(encoding="utf-8"))["sentences"]
LEAST_MEAN = 95.0


def f1(treebanks: Path, language: str, splitter: str = "ours") -> float:
    """F1 of the boundaries inside a treebank's paragraphs, in per cent."""
    return score(read_paragraphs(treebanks / f"{language}-dev.jsonl"), SPLITTERS[splitter], language).f1


@pytest.fixture
def treebanks(shared: Path) -> Path:
    """The folder of the treebanks."""
    path = shared / "data/sentences"
    if not path.is_dir():
        pytest.skip(f"no treebanks at {path}")
    return path


@pytest.mark.parametrize("language", FLOORS)
def test_a_languages_floor_is_just_below_what_is_measured(treebanks: Path, language: str) -> None:
    found = f1(treebanks, language)
    assert found >= FLOORS[language], (
        f"sentences in {language}: F1 {found:.2f} is below the floor of {FLOORS[language]} in tests/floors.json. Find "
        "what broke with `python -m benchmarks.sentences`. If the loss buys more elsewhere, lower the floor and say "
        "why in the commit."
    )
    assert found < FLOORS[language] + 1, "a floor far below the measured value protects nothing: raise it"


def test_the_mean_holds_and_no_language_falls_behind_its_peers(treebanks: Path) -> None:
    ours = {language: f1(treebanks, language) for language in FLOORS}
    assert sum(ours.values()) / len(ours) >= LEAST_MEAN
    for language, found in ours.items():
        peers = max(f1(treebanks, language, peer) for peer in ("sentencex", "ICU"))
        assert found >= peers - 0.5, f"{language}: {found:.2f}, the better peer {peers:.2f}"
