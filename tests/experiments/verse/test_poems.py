import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.experiments.verse.poems import (
    Poem,
    RawPoem,
    deduplicate,
    parse_verse,
    poets_in,
    read_poems,
    read_text,
    words_of,
)
from pipeline.run.errors import UserError
from pipeline.run.outputs import write_json_lines


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Don't go -- the far-off hill, “he said”", ["don't", "go", "the", "far-off", "hill", "he", "said"]),
        ("’Twas no-one’s; not the gods'.", ["twas", "no-one's", "not", "the", "gods"]),
        ("All this—all _this_…or that", ["all", "this", "all", "this", "or", "that"]),
        ("E\u0301te\u0301, ÇA et là", ["été", "ça", "et", "là"]),
        ("‚Ja‘, دل، جان؟ गीत।", ["ja", "دل", "جان", "गीत"]),
        ("• • •", []),
        ("* * *", []),
        ("★ ❦ ═══ ∗ ❤\ufe0f 🙂 𝄞", []),
        ("´Twas ♥love♥ + hate™", ["twas", "love", "hate"]),
        ("हिन्दी कविता", ["हिन्दी", "कविता"]),
    ],
)
def test_words_lose_what_does_not_belong_to_them(line: str, words: list[str]) -> None:
    assert words_of(line) == words


def test_without_two_blank_lines_each_stanza_is_a_poem() -> None:
    poems, unit = parse_verse("\n One \nTwo\n \t\nThree\n\n")
    assert unit == "stanza"
    assert [poem.stanzas for poem in poems] == [[["One", "Two"]], [["Three"]]]


@pytest.mark.parametrize(("before", "after"), [("\n\n\n", "\n\n\n"), (" \n\n\n", ""), ("", "\n\n \n  ")])
def test_blank_lines_at_the_ends_join_no_stanzas(before: str, after: str) -> None:
    poems, unit = parse_verse(f"{before}One\n\nTwo{after}")
    assert unit == "stanza"
    assert [poem.stanzas for poem in poems] == [[["One"]], [["Two"]]]


def test_two_blank_lines_part_poems_and_one_parts_stanzas() -> None:
    poems, unit = parse_verse("One\nTwo\n\nThree\n\n\n\u2009\nFour\n")
    assert unit == "poem"
    assert [poem.stanzas for poem in poems] == [[["One", "Two"], ["Three"]], [["Four"]]]


def test_a_single_line_is_a_poem() -> None:
    assert parse_verse("One line alone") == ([RawPoem([["One line alone"]])], "stanza")


def test_each_line_stays_once_by_its_words() -> None:
    found = [
        RawPoem([["The sea!", "The hill"], ["* * *", "the SEA --"]], "A"),
        RawPoem([["The hill."]]),
        RawPoem([["New"]]),
    ]
    poems, dropped = deduplicate("ann", found)
    assert poems == [Poem("ann", 0, 0, "A", [["The sea!", "The hill"]]), Poem("ann", 1, 2, None, [["New"]])]
    assert dropped == {"duplicate": 2, "wordless": 1}


lines = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=20)


@settings(deadline=None)
@given(st.lists(st.lists(st.lists(lines, max_size=4), max_size=3), max_size=3))
def test_every_line_is_kept_or_counted_as_dropped(content: list[list[list[str]]]) -> None:
    poems, dropped = deduplicate("ann", [RawPoem(stanzas) for stanzas in content])
    kept = [line for poem in poems for line in poem.lines]
    assert len(kept) + sum(dropped.values()) == sum(len(s) for p in content for s in p)
    assert [poem.poem for poem in poems] == list(range(len(poems)))
    assert all(stanza for poem in poems for stanza in poem.stanzas)
    assert len({tuple(words_of(line)) for line in kept}) == len(kept)


@settings(deadline=None)
@given(st.lists(st.lists(st.lists(lines, min_size=1, max_size=4), min_size=1, max_size=3), max_size=3))
def test_poems_are_read_as_they_were_written(content: list[list[list[str]]]) -> None:
    poems = [Poem("ann", number, number, None, stanzas) for number, stanzas in enumerate(content)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "poems.jsonl"
        write_json_lines(path, (poem._asdict() for poem in poems))
        assert read_poems(path) == poems


def test_line_ends_of_any_system_and_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "ann.txt"
    path.write_bytes(b"\xef\xbb\xbfOne\r\nTwo\rThree\n")
    assert read_text(path) == "One\nTwo\nThree\n"


def test_latin_1_is_named_by_file_line_and_byte(tmp_path: Path) -> None:
    path = tmp_path / "ann.txt"
    path.write_bytes("One\nTwo été\n".encode("latin-1"))
    with pytest.raises(UserError) as error:
        read_text(path)
    assert str(error.value).startswith(f"{path}: line 2: byte 9 of the file (0xe9) is not UTF-8")


def test_poets_are_named_by_their_files(tmp_path: Path) -> None:
    for name in ("Robert Frost.txt", "ann.TXT", "notes.md", "._ann.txt", "Seán O'Neill.txt", "कवि.txt"):
        (tmp_path / name).write_text("A line")
    assert [poet for poet, _ in poets_in(tmp_path)] == ["ann", "robert_frost", "seán_o_neill", "कवि"]


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        ([], "has no NAME.txt"),
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
