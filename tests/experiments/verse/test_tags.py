import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.experiments.verse.poems import words_of
from pipeline.poems import tag_line


@pytest.mark.parametrize(
    ("line", "tags"),
    [
        ("The red boat sank.", ["DT", "JJ", "NN", "VBD", "."]),
        ("A cold, grey stone", ["DT", "JJ", ",", "JJ", "NN"]),
        ("He walked to the river and back!", ["PRP", "VBD", "TO", "DT", "NN", "CC", "RB", "."]),
    ],
)
def test_every_word_and_mark_of_a_line_has_a_tag(line: str, tags: list[str]) -> None:
    assert tag_line(line) == tags


@given(st.text(max_size=20) | st.text("ab/.-'|,&;:_*#— ()", max_size=20))
def test_a_line_that_has_a_word_has_a_tag(text: str) -> None:
    line = " ".join(text.split())
    tags = tag_line(line)
    assert tags or not words_of(line)
    assert all(tag.split() == [tag] for tag in tags)
