from pathlib import Path

import pytest

from pipeline.experiments.verse.poems import (
    Poem,
    RawPoem,
    Stanza,
    deduplicate,
    group_related,
    parse_verse,
    poets_in,
    read_verse,
    words_of,
)
from pipeline.run.errors import UserError


def poem(place: int, *lines: str) -> Poem:
    return Poem("ann", place, place, None, [list(lines)])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Don't go -- the far-off hill, “he said”", ["don't", "go", "the", "far-off", "hill", "he", "said"]),
        ("’Twas no-one’s; not the gods'.", ["twas", "no-one's", "not", "the", "gods"]),
        ("All this—all _this_…or that", ["all", "this", "all", "this", "or", "that"]),
        ("E\u0301te\u0301, ÇA et là", ["été", "ça", "et", "là"]),
        ("‚Ja‘, دل، جان؟ गीत।", ["ja", "دل", "جان", "गीत"]),
        ("* * *", []),
        ("★ ❦ ═══ ∗ ❤\ufe0f 🙂 𝄞", []),
        ("´Twas ♥love♥ + hate™", ["twas", "love", "hate"]),
        ("हिन्दी कविता", ["हिन्दी", "कविता"]),
    ],
)
def test_words_lose_what_does_not_belong_to_them(line: str, words: list[str]) -> None:
    assert words_of(line) == words


@pytest.mark.parametrize(
    ("text", "unit", "stanzas"),
    [
        ("\n One \nTwo\n \t\nThree\n\n", "stanza", [[["One", "Two"]], [["Three"]]]),
        (" \n\n\nOne\n\nTwo\n\n \n  ", "stanza", [[["One"]], [["Two"]]]),  # blank lines at the ends part nothing
        ("One\nTwo\n\nThree\n\n\n\u2009\nFour\n", "poem", [[["One", "Two"], ["Three"]], [["Four"]]]),
        ("One line alone", "stanza", [[["One line alone"]]]),
    ],
)
def test_two_blank_lines_part_poems_else_one_does(text: str, unit: str, stanzas: list[list[Stanza]]) -> None:
    assert parse_verse(text) == ([RawPoem(own) for own in stanzas], unit)


def test_each_line_stays_once_by_its_words_and_poems_keep_their_group() -> None:
    mill = ["The wheel went round, the wheel went round", "And nobody was there"]
    found = [["A heron"], mill, ["* * *", "a HERON --"], [mill[0], "And no one saw it"], mill]
    poems, dropped = deduplicate("ann", [RawPoem([lines], "A") for lines in found])
    kept = [(0, ["A heron"]), (1, mill), (1, ["And no one saw it"])]
    assert poems == [Poem("ann", number, group, "A", [lines]) for number, (group, lines) in enumerate(kept)]
    assert dropped == {"duplicate": 4, "wordless": 1}


def test_poems_that_share_five_words_are_related_and_so_are_those_related_to_them() -> None:
    poems = [
        ["The wheel went round the weir"],
        ["The wheel went round the sea"],  # five of the first
        ["So it went on, and on, and on", "Over the old grey wall we came"],
        ["The wheel went round"],  # only four
        ["A wheel went round the sea", "Over the old grey wall"],  # of the second and the third
        ["Over the", "old grey wall we"],  # not within a line
    ]
    assert group_related([RawPoem([lines]) for lines in poems]) == [0, 0, 0, 3, 0, 5]


def test_a_file_has_line_ends_of_any_system_and_is_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "ann.txt"
    path.write_bytes(b"\xef\xbb\xbfOne\r\nTwo\rThree\n")
    assert read_verse(path) == "One\nTwo\nThree\n"
    path.write_bytes("One\nTwo été\n".encode("latin-1"))
    with pytest.raises(UserError, match=rf"^{path}, line 2: is not UTF-8"):
        read_verse(path)


def test_poets_are_named_by_their_files(tmp_path: Path) -> None:
    for name in ("Robert Frost.txt", "ann.TXT", "notes.md", "._ann.txt", "Seán O'Neill.txt", "कवि.txt"):
        (tmp_path / name).write_text("A line")
    assert [poet for poet, _ in poets_in(tmp_path)] == ["ann", "robert_frost", "seán_o_neill", "कवि"]


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (["notes.md"], "has no NAME.txt"),
        (["Ann.txt", "ann.txt"], "ann.txt: gives the same poet's name as Ann.txt"),
        (["--.txt"], "--.txt: gives no poet's name"),
    ],
)
def test_a_folder_without_poets(tmp_path: Path, names: list[str], problem: str) -> None:
    for name in names:
        (tmp_path / name).write_text("A line")
    with pytest.raises(UserError, match=problem):
        list(poets_in(tmp_path))
