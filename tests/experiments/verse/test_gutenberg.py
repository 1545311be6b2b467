"""Books as editions of Project Gutenberg print them, written by hand, with the same two poems inside."""

from pathlib import Path

import pytest

from pipeline.experiments.verse.gutenberg import find_verse, read_book
from pipeline.run.errors import UserError
from tests.gutenberg import an_ebook

MILL = [["The wheel went round, the wheel went round,", "And nobody was there;"], ["The water made the only sound."]]
HERON = [["He stood so still that I could swear", "He was a post, or something there;"], ["And then he flew."]]
POEMS = [("THE MILL", MILL), ("The Heron", HERON)]
BODY = "\n\n\n".join(f"{title}\n\n\n" + "\n\n".join(map("\n  ".join, stanzas)) for title, stanzas in POEMS)
BEFORE = [
    "Produced by Ann Other and the Online\nDistributed Proofreading Team at http://example.org",
    "[Illustration: The Mill in Winter\n\nFrom a drawing by a Friend]",
    "SONGS OF THE WEIR\n\nBY\nANN FENN\n\nFirst printing, May 1913",
    "CONTENTS\n             PAGE\n  The Mill      1\n      The miller is in love with being late.\n  The Heron     3",
    "PREFACE\n\nThese verses were written at the weir, where the writer lived for\nmany years. She used to say of them:"
    "\n\n    They are the water, not the wheel,\n    And what they mean I only feel.\n\nNo more need be said.",
]
AFTER = [
    "INDEX OF FIRST LINES\n\nHe stood so still that I could swear  3\nThe wheel went round, the wheel went round  1",
    "BY THE SAME AUTHOR\n\nSongs of the Sea\nA Book of Herons",
    "THE END",
]
INSIDE = {
    "page numbers in brackets": ("\n\nThe water", "\n[Pg 2]\n\nThe water"),
    "line numbers at the right": ("was there;", "was there;                      2"),
    "line numbers at the left": ("  And nobody", "2   And nobody"),
    "a footnote": ("only sound.", "only sound.[1]\n\n[1] The mill at the weir."),
    "an editor's remark": ("THE MILL\n", "THE MILL\n\n(Written in the spring of 1890.)\n"),
    "an editor's note": ("THE MILL\n", "THE MILL\n\nThis was written in the spring of that\nyear, and printed.\n"),
    "a rule": ("\n\nThe water", "\n\n       *       *       *       *       *\n\nThe water"),
    "italics and bold type": ("THE MILL\n\n\nThe wheel", "=THE MILL=\n\n\nThe _wheel_"),
    "numbers of parts": ("\n\nThe water", "\n\nII\n\nThe water"),
}


def titled(text: str) -> list[tuple[str | None, list[list[str]]]]:
    return [(poem.title, poem.stanzas) for poem in find_verse(text)]


@pytest.mark.parametrize("kind", INSIDE)
def test_what_an_edition_adds_to_a_poem_is_removed(kind: str) -> None:
    old, new = INSIDE[kind]
    assert old in BODY
    assert titled(BODY.replace(old, new, 1)) == POEMS


def test_a_whole_book(tmp_path: Path) -> None:
    text = "\n\n\n".join([*BEFORE, BODY, *AFTER])
    (path := tmp_path / "pg1.txt").write_text(an_ebook(text), encoding="utf-8")
    poems, other = read_book(path)
    assert [(poem.title, poem.stanzas) for poem in poems] == POEMS
    assert other == sum(1 for line in text.split("\n") if line.strip()) - 6


def test_verse_in_notes_is_a_quotation() -> None:
    notes = "NOTES\n\n1. THE MILL\n\n" + "It was written in the spring at the\nweir, and\n" * 4
    assert titled(f"{notes}\n    The Water made\n      And so\n\n\n    All that I had\n    And Nothing\n") == []


def test_a_bracket_that_is_never_closed_takes_no_poem_along() -> None:
    text = "THE MILL\n\n\nThe wheel [and so\nWent round\n\n\nTHE WEIR\n\n\nThe weir\nWent round] too"
    assert [title for title, _ in titled(text)] == ["THE MILL", "THE WEIR"]


def test_a_mark_of_the_licence_may_be_broken_and_old(tmp_path: Path) -> None:
    path = tmp_path / "pg1.txt"
    path.write_text(
        "*** START OF THIS PROJECT GUTENBERG EBOOK SONGS OF\nTHE WEIR ***\n\n\nSONG\n\n\nThe wheel\nWent round\n\n\n"
        "End of Project Gutenberg's Songs, by Ann\n\n*** END OF THIS PROJECT GUTENBERG EBOOK SONGS ***\n\nLicense\nHere"
    )
    poems, other = read_book(path)
    assert ([poem.stanzas for poem in poems], other) == ([[["The wheel", "Went round"]]], 1)


@pytest.mark.parametrize("text", ["SONG\n\nThe wheel\nWent round", "*** END OF THE PROJECT GUTENBERG EBOOK A ***"])
def test_a_page_without_the_marks_is_no_ebook(tmp_path: Path, text: str) -> None:
    (path := tmp_path / "pg1.txt").write_text(text)
    with pytest.raises(UserError, match=r"pg1\.txt: is not an ebook of Project Gutenberg"):
        read_book(path)
