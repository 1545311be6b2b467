import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import poems
from pipeline.experiments.verse import gutenberg
from pipeline.experiments.verse.poems import read_poems, words_of
from pipeline.run.outputs import read_json
from tests.conftest import ErrorOf, SetParams
from tests.gutenberg import an_ebook
from tests.mirror import Mirror

WEIR = "THE WEIR\n\n\nThe wheel went round;\nNo one was there.\n"
MILL = f"THE MILL\n\n\nThe wheel went round,\nAnd round again.\n\n\n\n{WEIR}"
SEA = "The Sea\n\nO sea, O sea,\nBe kind to me.\n"


def run() -> dict[str, Any]:
    poems.main(["data/poems", "--metrics", "data/metrics/poems.json"])
    return dict(read_json(Path("data/poems/stats.json")))


def has_failed(error_of: ErrorOf) -> str:
    """The error's line, after which nothing may be half-written."""
    error = error_of(poems.main, ["data/poems"])
    assert not Path("data/poems").exists()
    assert not Path("data/.poems.partial").exists()
    return error


def test_the_sample_has_two_poets_of_two_dozen_poems_each(in_tmp: Path) -> None:
    stats = run()
    assert stats["source"] == "sample"
    found = read_poems(Path("data/poems/poems.jsonl"))
    assert [poem.poet for poem in found] == ["ada_fenn"] * 24 + ["corvin_ash"] * 24
    assert {each["told_apart_by"] for each in stats["poets"].values()} == {"poem"}


def test_a_folder_of_any_number_of_poets(in_tmp: Path, set_params: SetParams) -> None:
    Path("verse").mkdir()
    verse = {"bo": "One line alone", "ann": "The wheel\nTHE WHEEL!\n* * *\n\nThe weir\n", "cy": "So\nSo it goes"}
    for poet, text in verse.items():
        Path(f"verse/{poet}.txt").write_text(text)
    set_params({"poems.source": "verse"})
    stats = run()
    found = [(poem.poet, poem.poem, poem.stanzas) for poem in read_poems(Path("data/poems/poems.jsonl"))]
    ann = [("ann", 0, [["The wheel"]]), ("ann", 1, [["The weir"]])]
    assert found == [*ann, ("bo", 0, [["One line alone"]]), ("cy", 0, [["So", "So it goes"]])]
    tags = [json.loads(line) for line in Path("data/poems/tags.jsonl").read_text().splitlines()]
    lines = [(poet, number, sum(map(len, stanzas))) for poet, number, stanzas in found]
    assert [(own["poet"], own["poem"], len(own["lines"])) for own in tags] == lines
    dropped = {"duplicate": 1, "wordless": 1, "no_verse": 0}
    counts = {"poems": 2, "stanzas": 2, "in": 4, "kept": 2, "dropped": dropped, "told_apart_by": "stanza"}
    assert stats["poets"]["ann"] == counts
    figures = read_json(Path("data/metrics/poems.json"))
    assert (figures["poets"], figures["poems"], figures["lines_in"], figures["lines"]) == (3, 4, 7, 5)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"* * *\n", "has no verse; fill it or remove it"),
        ("The sea".encode("utf-16"), "has zero bytes; convert it: iconv -f utf-16"),
    ],
)
def test_a_file_that_is_no_verse(
    in_tmp: Path, set_params: SetParams, error_of: ErrorOf, content: bytes, problem: str
) -> None:
    Path("verse").mkdir()
    Path("verse/ann.txt").write_bytes(content)
    set_params({"poems.source": "verse"})
    assert has_failed(error_of).startswith(f"poems: error: verse/ann.txt: {problem}")


def test_a_source_that_is_not_a_folder(set_params: SetParams, error_of: ErrorOf) -> None:
    set_params({"poems.source": "params.yaml"})
    assert "params.yaml: poems.source is 'params.yaml': is no folder; give" in has_failed(error_of)


Put = Callable[[dict[str, dict[int, str]]], None]


@pytest.fixture
def put(mirror: Mirror, set_params: SetParams, monkeypatch: pytest.MonkeyPatch) -> Put:
    """Return a function that puts ebooks of poets, by number, on a server and into params.yaml."""
    monkeypatch.setattr(gutenberg, "MIRROR", mirror.url)

    def put_all(poets: dict[str, dict[int, str]]) -> None:
        for books in poets.values():
            for number, body in books.items():
                mirror.files[f"/cache/epub/{number}/pg{number}.txt"] = an_ebook(body).encode()
        set_params({"poems.source": "gutenberg", "poems.gutenberg": {poet: [*own] for poet, own in poets.items()}})

    return put_all


def test_books_are_downloaded_once(put: Put, mirror: Mirror) -> None:
    put({"ben": {7: SEA}, "ann": {8: MILL, 9: SEA}})
    stats = run()
    assert stats["source"] == "gutenberg"
    found = [(poem.poet, poem.poem, poem.title) for poem in read_poems(Path("data/poems/poems.jsonl"))]
    assert found == [("ann", 0, "THE MILL"), ("ann", 1, "THE WEIR"), ("ann", 2, "The Sea"), ("ben", 0, "The Sea")]
    assert stats["poets"]["ann"]["dropped"] == {"duplicate": 1, "wordless": 0, "no_verse": 3}
    assert stats["poets"]["ann"]["told_apart_by"] == "heading"
    requests = len(mirror.log)
    assert run() == stats
    assert len(mirror.log) == requests


def test_a_book_without_verse(put: Put, error_of: ErrorOf) -> None:
    put({"ann": {8: "PREFACE\n\nThis is a book of prose and of\nnothing else."}})
    assert "data/downloads/pg8.txt: no verse found; remove its number from poems.gutenberg.ann" in has_failed(error_of)


@given(st.text(max_size=20) | st.text("ab/.-'|,&;:_*#— ()", max_size=20))
def test_a_line_that_has_a_word_has_a_tag(text: str) -> None:
    assert poems.tag_line("He walked back, alone!") == ["PRP", "VBD", "RB", ",", "RB", "."]
    line = " ".join(text.split())
    tags = poems.tag_line(line)
    assert tags or not words_of(line)
    assert all(tag.split() == [tag] for tag in tags)
