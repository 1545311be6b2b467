"""The quality of the text against the floors of tests/floors.json.

Floors named `hand_written_*` need no shared files: in tests/words/gold_*.txt a bar stands where a sentence or a word
ends. The golden cases of tests/wikitext are the floor of markup.
A floor that stops a change which gains more elsewhere is lowered in a commit that says why.
"""

import json
from collections.abc import Callable

import pytest

from benchmarks.text import parser_tests, sentences
from pipeline.settings.text_sections import Tokens
from pipeline.words.sentences import split_sentences
from pipeline.words.words import split_words
from tests.conftest import ROOT

FLOORS: dict[str, dict[str, float]] = json.loads((ROOT / "tests/floors.json").read_text(encoding="utf-8"))
MARKS = Tokens(punctuation="keep")
SPLITTERS: dict[str, sentences.Splitter] = {
    "sentences": split_sentences,
    "words": lambda text, language: split_words([text], language, MARKS)[0].to_pylist(),
}


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


@pytest.mark.parametrize(("kind", "language"), [(k, code) for k in SPLITTERS for code in FLOORS[f"hand_written_{k}"]])
def test_no_hand_written_text_falls_below_its_floor(kind: str, language: str) -> None:
    lines = (ROOT / f"tests/words/gold_{kind}.txt").read_text(encoding="utf-8").splitlines()
    assert {line.split()[0] for line in lines} == FLOORS[f"hand_written_{kind}"].keys()
    texts = [line.partition(" ")[2].split("|") for line in lines if line.split()[0] == language]
    found, missed, made_up = sentences.score(texts, language, SPLITTERS[kind], gap="")
    assert found >= FLOORS[f"hand_written_{kind}"][language], f"{missed} missed, {made_up} made up"
