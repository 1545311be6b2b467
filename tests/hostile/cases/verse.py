"""Ebooks on which a pattern would look through the rest of the text from each place again."""

from pathlib import Path

from tests.conftest import change_params
from tests.gutenberg import an_ebook
from tests.hostile.case import Case, Make, writes

MARK = "*** START OF THE PROJECT GUTENBERG EBOOK A"
POEMS = {"poems.source": "gutenberg", "poems.gutenberg": {"ada": [1]}}
BOOK = "data/downloads/pg1.txt"


def book(text: str) -> Make:
    """Return what puts an ebook where an earlier download would have left it."""

    def make(folder: Path) -> None:
        writes(BOOK, text)(folder)
        change_params(folder / "params.yaml", POEMS)

    return make


SONG = "THE MILL\n\n\nThe wheel went round\nAnd nobody was there\n\n\n"
CASES = [
    Case(name, book(text), "pipeline.poems data/poems", tuple(says))
    for name, text, *says in (
        ("an ebook", an_ebook(SONG)),
        ("marks that an ebook starts", f"{MARK} ***\n" * 5000, BOOK, "is not an ebook"),
        ("marks that never close", f"{MARK}\n" * 5000, BOOK, "is not an ebook"),
        ("stars without an end", an_ebook(f"{SONG}{'*' * 200_000}x")),
        ("a bracket around many lines", an_ebook(f"{SONG}[" + "a b\n" * 15_000)),
        ("a title as long as its poem", an_ebook(f"{'A ' * 40_000}MILL\n\n" + "He came\nShe went\n\n" * 4000)),
    )
]
