"""Users' words and texts are split as the run's text, and texts are joined as they were written."""

import json
from pathlib import Path

import pytest

from pipeline.run.outputs import write_json
from pipeline.settings.text_sections import Tokens
from pipeline.store.joining import join_words
from pipeline.store.vocabularies import Words
from pipeline.words.words import split_words
from tests.commands.conftest import Ask
from tests.conftest import change_params
from wikilm import Run
from wikilm.cutting import split_as_run


@pytest.mark.usefixtures("other")
def test_capitals_marks_and_numbers_are_read_and_written_as_the_run_has_them(ask: Ask) -> None:
    found = json.loads(ask("generate", "The king,", "--words", "20", "--seed", "0", "-n", "6", "--json")[0])
    assert all(each["text"].startswith("The king,") for each in found)
    assert "." in "".join(each["text"] for each in found)
    assert json.loads(ask("generate", "In 12", "--words", "3", "--json")[0])["prompt"] == ["In", "0"]
    assert ask("generate", "KING")[1].endswith("; reads UNKNOWN\n")
    assert json.loads(ask("analogy", "The", "the", "1984", "--json")[0])["question"] == "The - the + 0"


def test_a_users_words_follow_the_runs_language_and_settings(copied: Path) -> None:
    write_json(copied / "articles.json", {"wiki": "trwiki", "language": "tr"})
    assert Run(copied).split("ISPARTA,  İzmir\n(U.S.)")[0].to_pylist() == ["ısparta", "izmir", "us"]
    assert [Run(copied).word(text) for text in ("U.S.", "New York", "—")] == ["us", "new york", "—"]
    (copied / "articles.json").unlink()
    assert Run(copied).word("ISPARTA") == "isparta"
    change_params(copied.parent / "params.yaml", {"tokens.lowercase": False, "tokens.digits": "zero"})
    assert Run(copied).split("The 12 U.S.")[0].to_pylist() == ["The", "0", "US"]


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n"])
def test_a_text_is_scored_with_the_line_ends_of_the_run(copied: Path, line_end: str) -> None:
    known = Words.of([("york", 2), ("new", 1)], rows=1, unknown=0)
    found = split_as_run(Run(copied), line_end.join(["York, New York", "New\x00York!", "Old."]), "text", known)
    assert [known.by_id[id] for id in found.ids] == ["york", "new", "york", "new", "york"]
    assert (found.lengths.tolist(), found.too_short) == ([3, 2], 1)


@pytest.mark.parametrize(
    "text",
    [
        "He said: “It's a well-known fact,” and left (in 1999)...",
        '"Yes", he said; "no?" 5% of it!',
        "„Ja“, sagte er. «Oui»; »nej«.",
        "¿Qué? ¡No! [1]",
        "the us paid 300050",
        "სიტყვა, და",
        "यह है। वह है।",
    ],
)
def test_words_are_joined_as_they_were_written(text: str) -> None:
    words = split_words([text], "en", Tokens(lowercase=False, punctuation="keep"))[0].to_pylist()
    assert join_words(words) == text
