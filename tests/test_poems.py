import hashlib
from pathlib import Path
from typing import Any

import pytest

from pipeline import poems
from pipeline.experiments.verse.poems import read_poems
from pipeline.run.outputs import read_json
from tests.conftest import ErrorOf, SetParams
from tests.gutenberg import an_ebook
from tests.mirror import Mirror

WEIR = "THE WEIR\n\n\nThe wheel went round;\nNo one was there.\n"
MILL = f"THE MILL\n\n\nThe wheel went round,\nAnd round again.\n\n\n\n{WEIR}"
SEA = "The Sea\n\nO sea, O sea,\nBe kind to me.\n"


def run() -> dict[str, Any]:
    poems.main(["data/poems", "--metrics", "data/metrics/poems.json"])
    stats: dict[str, Any] = read_json(Path("data/poems/stats.json"))
    return stats


def has_failed(error_of: ErrorOf) -> str:
    """The error's line, after which nothing may be half-written."""
    error = error_of(poems.main, ["data/poems"])
    assert not Path("data/poems").exists()
    assert not Path("data/.poems.partial").exists()
    return error


def test_the_sample_has_two_poets_of_some_two_dozen_poems_each(in_tmp: Path) -> None:
    stats = run()
    assert stats["source"] == "sample"
    found = read_poems(Path("data/poems/poems.jsonl"))
    assert [poem.poet for poem in found] == ["ada_fenn"] * 24 + ["corvin_ash"] * 24
    assert all(8 <= len(poem.lines) <= 16 for poem in found)
    for each in stats["poets"].values():
        assert each["in"] == each["kept"] > 250
        assert each["told_apart_by"] == "poem"


def test_a_folder_of_any_number_of_poets(in_tmp: Path, set_params: SetParams) -> None:
    Path("verse").mkdir()
    Path("verse/bo.txt").write_text("One line alone")
    Path("verse/ann.txt").write_text("The wheel\nTHE WHEEL!\n* * *\n\nThe weir\n")
    Path("verse/cy.txt").write_text("So\nIt goes\n\n\nSo\nIt went")
    set_params({"poems.source": "verse"})
    stats = run()
    assert [(poem.poet, poem.poem, poem.stanzas) for poem in read_poems(Path("data/poems/poems.jsonl"))] == [
        ("ann", 0, [["The wheel"]]),
        ("ann", 1, [["The weir"]]),
        ("bo", 0, [["One line alone"]]),
        ("cy", 0, [["So", "It goes"]]),
        ("cy", 1, [["It went"]]),
    ]
    assert stats["poets"]["ann"] == {
        "poems": 2,
        "stanzas": 2,
        "in": 4,
        "kept": 2,
        "dropped": {"duplicate": 1, "wordless": 1, "no_verse": 0},
        "told_apart_by": "stanza",
    }
    assert stats["poets"]["cy"]["told_apart_by"] == "poem"
    figures = read_json(Path("data/metrics/poems.json"))
    assert (figures["poets"], figures["poems"], figures["lines_in"], figures["lines"]) == (3, 5, 9, 6)


def test_the_books_poets(in_tmp: Path, set_params: SetParams, shared: Path) -> None:
    set_params({"poems.source": str(shared / "data/poems")})
    stats = run()["poets"]
    assert {poet: (each["in"], each["dropped"]["duplicate"]) for poet, each in stats.items()} == {
        "edgar_allan_poe": (718, 144),
        "robert_frost": (1370, 4),
    }


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "has no verse; fill it or remove it"),
        (b"\n \n", "has no verse; fill it or remove it"),
        (b"* * *\n", "has no verse; fill it or remove it"),
        ("Où\nça".encode("latin-1"), "line 1: byte 2 of the file (0xf9) is not UTF-8"),
        ("The sea".encode("utf-16"), "has zero bytes, so it is not UTF-8 but perhaps UTF-16;"),
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
    assert "params.yaml: poems.source is 'params.yaml': it is not a folder; give" in has_failed(error_of)


class Shelf:
    """Ebooks on a server, and the parameters that name them."""

    def __init__(self, mirror: Mirror, set_params: SetParams) -> None:
        self.mirror, self.set_params = mirror, set_params

    def put(self, **poets: dict[int, str]) -> None:
        """The books of each poet: what is between header and license, by number."""
        for books in poets.values():
            for number, body in books.items():
                self.mirror.files[self.path(number)] = an_ebook(body).encode()
        self.list({poet: [{"ebook": number, "sha256": None} for number in books] for poet, books in poets.items()})

    def list(self, poets: dict[str, Any]) -> None:
        settings = {"source": "gutenberg", "gutenberg.mirror": self.mirror.url, "gutenberg.poets": poets}
        self.set_params({f"poems.{key}": value for key, value in settings.items()})

    def path(self, number: int) -> str:
        return f"/cache/epub/{number}/pg{number}.txt"

    def sha256(self, number: int) -> str:
        return hashlib.sha256(self.mirror.files[self.path(number)]).hexdigest()


@pytest.fixture
def shelf(mirror: Mirror, set_params: SetParams) -> Shelf:
    return Shelf(mirror, set_params)


def test_books_are_downloaded_and_their_checksums_printed(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    shelf.put(ben={7: SEA}, ann={8: MILL, 9: SEA})
    stats = run()
    said = capsys.readouterr().err
    for number in (7, 8, 9):
        assert f"ebook {number}: accepted without a checksum; to pin it, set sha256: {shelf.sha256(number)}\n" in said
    assert stats["source"] == "gutenberg"
    found = read_poems(Path("data/poems/poems.jsonl"))
    assert [(poem.poet, poem.poem, poem.title) for poem in found] == [
        ("ann", 0, "THE MILL"),
        ("ann", 1, "THE WEIR"),
        ("ann", 2, "The Sea"),
        ("ben", 0, "The Sea"),
    ]
    assert found[1].stanzas == [["No one was there."]]
    assert stats["poets"]["ann"]["dropped"] == {"duplicate": 1, "wordless": 0, "no_verse": 3}
    assert stats["poets"]["ann"]["told_apart_by"] == "heading"


def test_what_was_fetched_is_not_fetched_again(shelf: Shelf) -> None:
    shelf.put(ann={8: MILL})
    run()
    shelf.list({"ann": [{"ebook": 8, "sha256": shelf.sha256(8)}]})
    requests = len(shelf.mirror.log)
    run()
    assert len(shelf.mirror.log) == requests


def test_a_book_that_is_not_as_pinned(shelf: Shelf, error_of: ErrorOf) -> None:
    shelf.put(ann={8: MILL})
    shelf.list({"ann": [{"ebook": 8, "sha256": "0" * 64}]})
    assert f"differs from what is listed: its sha256 is {shelf.sha256(8)}, not 000" in has_failed(error_of)


def test_a_book_without_verse(shelf: Shelf, error_of: ErrorOf) -> None:
    shelf.put(ann={8: "PREFACE\n\nThis is a book of prose and of\nnothing else."})
    assert "data/downloads/pg8.txt: no verse found; remove ebook 8" in has_failed(error_of)


def test_a_book_that_is_listed_twice(shelf: Shelf, error_of: ErrorOf) -> None:
    shelf.put(ann={8: MILL}, ben={8: MILL})
    assert "params.yaml: poems.gutenberg.poets: ebook 8 occurs twice" in has_failed(error_of)
