"""Commands on a run whose words keep their capitals, whose punctuation marks are words, and whose numbers are all 0."""

import json
from pathlib import Path

import pytest

from pipeline.run.outputs import write_json
from pipeline.settings.text_sections import Tokens
from pipeline.store.joining import join_words
from pipeline.store.sequences import Sequences
from pipeline.store.vocabulary import Vocabulary
from pipeline.words.words import split_words
from tests.commands.conftest import Ask, Refused
from tests.conftest import change_params
from wikilm import Run
from wikilm.scoring import split_as_run


@pytest.fixture
def as_written(as_written_run: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the run, which is the working folder. Tests do not change it."""
    monkeypatch.chdir(as_written_run)
    return as_written_run


@pytest.mark.usefixtures("as_written")
def test_a_generated_text_reads_as_it_was_written(ask: Ask, refused: Refused) -> None:
    words = set(Sequences(Path("data/sequences.db")).vocabulary.words)
    assert {"The", "the", "A", ".", ",", "0"} < words
    texts = [ask("generate", "The king,", "--words", "20", "--seed", str(seed))[0].strip() for seed in range(6)]
    assert all(text.startswith("The king,") for text in texts)
    assert any("." in text for text in texts)
    assert not any(blank in text for text in texts for blank in (" .", " ,", " :"))
    assert json.loads(ask("generate", "In 12", "--words", "3", "--json")[0])["prompt"] == ["In", "0"]
    assert refused("generate", "KING").startswith("not among the 20 words of gru: 'KING'")


@pytest.mark.usefixtures("as_written")
def test_a_text_is_scored_with_its_marks_and_capitals(tmp_path: Path, ask: Ask) -> None:
    (tmp_path / "text").write_text("The king rules the land.\nIn 1999 times, in 7 times.", encoding="utf-8")
    found = json.loads(ask("score", str(tmp_path / "text"), "--json")[0])
    assert found["tokens"] == 6 + 8
    (tmp_path / "text").write_text("tHE kING rULES tHE lAND.", encoding="utf-8")
    found = json.loads(ask("score", str(tmp_path / "text"), "--json")[0])
    assert (found["tokens"], found["unknown"]) == (6, 5)


@pytest.mark.usefixtures("as_written")
def test_neighbours_and_analogies_take_words_as_they_are_spelled(ask: Ask, refused: Refused) -> None:
    assert json.loads(ask("neighbours", "The", "--json")[0])["question"] == "The"
    assert json.loads(ask("neighbours", "1984", "--json")[0])["question"] == "0"
    assert json.loads(ask("analogy", "The", "the", ",", "--json")[0])["question"] == "The - the + ,"
    assert refused("neighbours", "LAND").startswith("not among the 20 words of gru: 'LAND'")


def test_a_users_words_follow_the_runs_language_and_settings(copied: Path) -> None:
    write_json(copied / "articles.json", {"language": "tr"})
    assert Run(copied).words("ISPARTA,  İzmir\n(U.S.)") == ["ısparta", "izmir", "us"]
    assert Run(copied).word("U.S.") == "us"
    assert Run(copied).word("New York") == "new york"
    assert Run(copied).word("—") == "—"
    (copied / "articles.json").unlink()
    assert Run(copied).word("ISPARTA") == "isparta"
    change_params(copied.parent / "params.yaml", {"tokens.lowercase": False, "tokens.digits": "zero"})
    assert Run(copied).words("The 12 U.S.") == ["The", "0", "US"]


def test_a_users_phrases_are_those_of_the_run(copied: Path) -> None:
    (copied / "tokens/phrases.txt").write_text("new_york\n", encoding="utf-8")
    run = Run(copied)
    assert run.word("new_york") == run.word("New York") == "new_york"
    assert run.word("old york") == run.word("old_york") == "old york"
    assert run.words("In New York, new") == ["in", "new_york", "new"]


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n"])
def test_a_text_is_scored_with_the_phrases_and_line_ends_of_the_run(copied: Path, line_end: str) -> None:
    (copied / "tokens/phrases.txt").write_text("new_york\n", encoding="utf-8")
    known = Vocabulary.of([("new_york", 3), ("york", 2), ("new", 1)], rows=1, unknown=0)
    found = split_as_run(Run(copied), line_end.join(["York, New York", "New\x00York!", "Old. New."]), "text", known)
    assert [known.by_id[id] for id in found.ids] == ["york", "new_york", "new_york"]
    assert (found.lengths.tolist(), found.too_short) == ([2, 1], 2)


@pytest.mark.parametrize(
    "text",
    [
        "He said: “It's a well-known fact,” and left (in 1999)...",
        '"Yes", he said; "no?" 5% of it!',
        "„Ja“, sagte er. «Oui» ; »nej«.".replace(" ;", ";"),
        "¿Qué? ¡No! [1]",
        "the us paid 300050",
        "სიტყვა , და".replace(" ,", ","),
        "यह है। वह है।",
    ],
)
def test_words_are_joined_as_they_were_written(text: str) -> None:
    words = split_words([text], "en", Tokens(lowercase=False, punctuation="keep"))[0].to_pylist()
    assert join_words(words) == text
