"""Verse in pages laid out as Project Gutenberg's are, written by hand for this test."""

from pathlib import Path

import pytest

from pipeline.experiments.verse.gutenberg import find_verse, read_book
from pipeline.run.errors import UserError
from tests.gutenberg import an_ebook

FRONT = """Produced by Ann Other, Ben Other and the Online
Distributed Proofreading Team at http://example.org


[Illustration: THE POET
  From a drawing by a Friend]


SONGS OF THE WEIR

BY
ANN FENN

NEW YORK
A House and Company
1913

First printing, May 1913
Second printing, June 1913

TO
THOSE WHO WAIT

that before this weir there was another weir, and that the first of all of
them was at the farm, so called by the Man who had it.


CONTENTS
                                     PAGE
    Part I
        The Mill                        1
            The miller is in love with being late.
        THE HERON                       3
        The Long Wait . . . . . . . .   5
            He waits for what will
            not come, and Ann waits.
"""
MILL = """The Mill

THE wheel went round, the wheel went round,
  And nobody was there;
The water made the only sound,      3
  And that was everywhere.[1]

"It stops," he said.

"It never stops," she told him; "it goes on
    and on. I know.
I heard it when my father died.
  I hear it where I go."
"""
HERON = """_THE HERON_

(_A Letter in the Spring_)


_He stood so still that I could swear
He was a post, or Something there;_


II

And when I looked again, the bend
Had only water to defend.

        *       *       *       *       *

1913.
"""
SCENE = """THE LONG WAIT.


_Ann_. Thou art sad, my dear.

_Ben_. Sad? Not I.
       Oh, I am the happiest man in all the land!
       [_He weeps._
       Say nothing of it.]
"""
NOTES = """NOTES

1. THE MILL

"The Mill" was written in the Spring at the house of Mrs. Fenn, where the
poet had been staying, and it was first printed in a newspaper. An earlier
form of the last lines read:

    The Water made another sound
      And it was never there.

It is quoted here from the Papers of her brother. The poem was altered, as
the reader can see, and not for the better.


    All that I had I gave away,
    And Nothing now is mine to say.


This was by somebody else, as were all those verses that she had in her
desk when she died.
"""


def titled(text: str) -> list[tuple[str | None, int, int]]:
    """Of each poem, its title and the number of its stanzas and lines."""
    return [(poem.title, len(poem.stanzas), sum(map(len, poem.stanzas))) for poem in find_verse(text)]


def test_a_whole_book(tmp_path: Path) -> None:
    path = tmp_path / "pg1.txt"
    path.write_text(an_ebook("\n\n\n".join([FRONT, MILL, HERON, SCENE, NOTES])), encoding="utf-8")
    poems, no_verse = read_book(path)
    assert [poem.title for poem in poems] == ["The Mill", "THE HERON", "THE LONG WAIT."]
    mill, heron, wait = (poem.stanzas for poem in poems)
    assert mill == [
        [
            "THE wheel went round, the wheel went round,",
            "And nobody was there;",
            "The water made the only sound,",
            "And that was everywhere.",
        ],
        ['"It stops," he said.'],
        [
            '"It never stops," she told him; "it goes on',
            "and on. I know.",
            "I heard it when my father died.",
            'I hear it where I go."',
        ],
    ]
    assert heron == [
        ["He stood so still that I could swear", "He was a post, or Something there;"],
        ["And when I looked again, the bend", "Had only water to defend."],
    ]
    assert wait == [
        ["Thou art sad, my dear."],
        ["Sad? Not I.", "Oh, I am the happiest man in all the land!"],
    ]
    lines = [line for part in (FRONT, MILL, HERON, SCENE, NOTES) for line in part.split("\n") if line.strip()]
    assert no_verse == len(lines) - 16


@pytest.mark.parametrize("part", [FRONT, NOTES], ids=["front matter", "notes"])
def test_front_matter_and_notes_give_no_poem(part: str) -> None:
    assert titled(part + "\n\n\nThe Heron\n\n\nTHE LONG WAIT\n\n\nThe Mill") == []


def test_verse_goes_on_behind_a_short_note() -> None:
    note = "This was written in the\nspring of that year."
    assert titled(f"THE MILL\n\n{note}\n\nThe wheel\nWent round\n\nAnd so\nDid I") == [("THE MILL", 2, 4)]


def test_a_poem_without_a_title_belongs_to_the_one_before() -> None:
    assert titled("THE MILL\n\n\nThe wheel\nWent round\n\n\n\nAnd so\nDid I") == [("THE MILL", 2, 4)]


def test_a_title_that_a_poem_repeats_is_no_table_of_contents() -> None:
    assert titled("The Mill\n\n\nThe Mill\nWent round,\nAnd so\nDid I") == [("The Mill", 1, 4)]


def test_a_bracket_that_is_never_closed_takes_no_poem_along() -> None:
    text = "THE MILL\n\n\nThe wheel [and so\nWent round\n\n\nTHE WEIR\n\n\nThe weir\nWent round] too"
    assert titled(text) == [("THE MILL", 1, 2), ("THE WEIR", 1, 2)]


def test_a_mark_of_the_license_may_be_broken_and_old(tmp_path: Path) -> None:
    path = tmp_path / "pg1.txt"
    path.write_text(
        "*** START OF THIS PROJECT GUTENBERG EBOOK SONGS OF\nTHE WEIR ***\n\n\nSONG\n\n\nThe wheel\nWent round\n\n\n"
        "End of Project Gutenberg's Songs, by Ann\n\n*** END OF THIS PROJECT GUTENBERG EBOOK SONGS ***\n\nLicense\nHere"
    )
    poems, no_verse = read_book(path)
    assert [poem.stanzas for poem in poems] == [[["The wheel", "Went round"]]]
    assert no_verse == 1


@pytest.mark.parametrize("text", ["SONG\n\nThe wheel\nWent round", "*** END OF THE PROJECT GUTENBERG EBOOK A ***", ""])
def test_a_page_without_the_marks_is_no_ebook(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pg1.txt"
    path.write_text(text)
    with pytest.raises(UserError, match=r"pg1\.txt: is not an ebook of Project Gutenberg"):
        read_book(path)
