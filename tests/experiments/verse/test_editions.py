"""Books as the editions of Project Gutenberg print them, each kind written by hand, with the same two poems inside."""

import pytest

from pipeline.experiments.verse.gutenberg import read_book
from tests.gutenberg import an_ebook

MILL = [["The wheel went round, the wheel went round,", "And nobody was there;"], ["The water made the only sound."]]
HERON = [["He stood so still that I could swear", "He was a post, or something there;"], ["And then he flew."]]
POEMS = [("THE MILL", MILL), ("THE HERON", HERON)]
THE_MILL = """THE MILL


The wheel went round, the wheel went round,
  And nobody was there;

The water made the only sound.
"""
THE_HERON = """THE HERON


He stood so still that I could swear
He was a post, or something there;

And then he flew.
"""
BODY = f"{THE_MILL}\n\n\n{THE_HERON}"
BEFORE = {
    "credits": "Produced by Ann Other and Ben Other.",
    "credits in other words": "This eBook was produced by Ann Other.\n\n\nE-text prepared by Ben Other",
    "where the images are": """Note: Images of the original pages are available through
      Internet Archive. See
      https://archive.example.org/details/songs""",
    "a transcriber's note": """Transcriber's Note:

Obvious errors of the printer were corrected.

The Table of Contents was added.""",
    "a transcriber's note in a box": """+------------------------------------------+
| Transcriber's Note:                      |
|                                          |
| Spelling was kept as it was printed.     |
| Page numbers were removed.               |
+------------------------------------------+""",
    "a transcriber's list of changes": """TRANSCRIBER'S NOTES

Page 12: "weel" was changed to "wheel".
Page 15: A comma was added after "still".
Page 17: The accent of "flew" was removed.

Lines were not changed.""",
    "contents": """CONTENTS

THE MILL
THE HERON""",
    "contents with pages and dots": """TABLE OF CONTENTS

The Mill . . . . . . . . . . 1
The Heron  . . . . . . . . . 3""",
    "contents with Roman pages": """CONTENTS

Preface                             vii
The Mill                              1
The Heron                             3""",
    "a preface that quotes": """PREFACE

These verses were written at the weir, where the writer lived for
many years, and they are printed as they were found. She used to
say of them:

    They are the water, not the wheel,
    And what they mean I only feel.

No more need be said.

A. F.

WEIR, May 1913.""",
    "an introduction over two sections": """INTRODUCTION


It was the habit of this poet to write in the morning and to burn
in the evening what she had written, and few verses escaped.


    The morning wrote, the evening burned,
    And that is all I ever learned.


So she says of it herself.""",
    "illustrations": """LIST OF ILLUSTRATIONS

The Mill in Winter              Frontispiece
The Heron on his Post                      3


[Illustration: The Mill in Winter

From a drawing by a Friend]""",
    "a dedication": "TO\nMY MOTHER",
}
AFTER = {
    "the end": "THE END",
    "an old end line": "End of The Project Gutenberg Etext of Songs of the Weir, by Ann Fenn",
    "footnotes": """FOOTNOTES:

[1] The mill at the weir.

[2] The writer means a bird that
was seen there in the spring.""",
    "footnotes in brackets": """[Footnote 1: The mill at the weir, as the map [in this book] shows.]

[Footnote 2: He was seen there.]""",
    "notes": """NOTES

Page 1. _The Mill._ It stood until 1890.
Page 3. _The Heron._ He was seen in the spring.""",
    "an index of first lines": """INDEX OF FIRST LINES

He stood so still that I could swear                  3
The wheel went round, the wheel went round            1""",
    "a glossary": """GLOSSARY

Weir, a dam in a river.
Mill, a house with a wheel.""",
    "an advertisement": """BY THE SAME AUTHOR

Songs of the Sea
A Book of Herons
Letters to a Miller""",
    "an advertisement with prices": """Works by Ann Fenn

Songs of the Sea. Cloth, 5s. net.
A Book of Herons. Boards, 3s. 6d. net.""",
    "a transcriber's note behind": """Transcriber's Notes

Italics are shown by _underscores_.

Page 3, "stil" was changed to "still".""",
}
INSIDE = {
    "page numbers in brackets": ("\n\nThe water", "\n[Pg 2]\n\nThe water"),
    "page numbers in braces": ("\n\nThe water", "\n{2}\n\nThe water"),
    "a page number alone": ("\n\nThe water", "\n\n                              2\n\nThe water"),
    "a page number between dashes": ("\n\nThe water", "\n\n                              - 2 -\n\nThe water"),
    "a page number in a sentence": ("went round,\n", "went round,[Pg 2]\n"),
    "line numbers at the right": ("was there;", "was there;                      2"),
    "line numbers close to the line": ("was there;", "was there;  2"),
    "line numbers at the left": ("  And nobody", "2   And nobody"),
    "a footnote's mark": ("only sound.", "only sound.[1]"),
    "a footnote's mark before the stop": ("only sound.", "only sound[A]."),
    "a footnote's star": ("only sound.", "only sound.*"),
    "a footnote below the poem": ("only sound.", "only sound.[1]\n\n[1] The mill at the weir."),
    "a starred footnote below the poem": ("only sound.", "only sound.*\n\n* The mill at the weir."),
    "an editor's note in brackets": ("THE MILL\n", "THE MILL\n\n[This was written in the spring.]\n"),
    "an editor's note in parentheses": ("THE MILL\n", "THE MILL\n\n(Written in the spring of 1890.)\n"),
    "an editor's note in prose": (
        "THE MILL\n",
        "THE MILL\n\nThis was written in the spring of that year, and it was first\nprinted in a newspaper.\n",
    ),
    "a date below the poem": ("only sound.", "only sound.\n\nWeir, May 1890."),
    "a year below the poem": ("only sound.", "only sound.\n\n1890."),
    "a rule": ("\n\nThe water", "\n\n       *       *       *       *       *\n\nThe water"),
    "a rule of dashes": ("\n\nThe water", "\n\n----------\n\nThe water"),
    "italics": ("And nobody was there;", "And _nobody_ was there;"),
    "bold type": ("THE MILL\n", "=THE MILL=\n"),
    "numbers of parts": ("\n\nThe water", "\n\nII\n\nThe water"),
    "no blank line but one below the title": ("THE MILL\n\n\n", "THE MILL\n\n"),
}


def found(body: str, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str | None, list[list[str]]]]:
    path = tmp_path_factory.mktemp("book") / "pg1.txt"
    path.write_text(an_ebook(body), encoding="utf-8")
    return [(poem.title, poem.stanzas) for poem in read_book(path)[0]]


@pytest.mark.parametrize("kind", BEFORE)
def test_what_stands_before_the_poems_is_no_verse(kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert found(f"{BEFORE[kind]}\n\n\n\n{BODY}", tmp_path_factory) == POEMS


@pytest.mark.parametrize("kind", AFTER)
def test_what_stands_behind_the_poems_is_no_verse(kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert found(f"{BODY}\n\n\n\n{AFTER[kind]}", tmp_path_factory) == POEMS


@pytest.mark.parametrize("kind", INSIDE)
def test_what_an_edition_adds_to_a_poem_is_removed(kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    old, new = INSIDE[kind]
    assert old in BODY
    assert found(BODY.replace(old, new, 1), tmp_path_factory) == POEMS


def test_a_whole_edition(tmp_path_factory: pytest.TempPathFactory) -> None:
    body = BODY
    for kind in ("page numbers in brackets", "line numbers at the right", "an editor's note in prose", "bold type"):
        body = body.replace(*INSIDE[kind], 1)
    assert found("\n\n\n\n".join([*BEFORE.values(), body, *AFTER.values()]), tmp_path_factory) == POEMS
