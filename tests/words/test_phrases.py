"""Two words that often stand side by side as one word."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from gensim.models.phrases import Phrases
from hypothesis import given
from hypothesis import strategies as st

from pipeline.words.phrases import join_phrases, learn_phrases, read_phrases

SEQUENCES = st.lists(st.lists(st.sampled_from(["a", "b", "c", "a_b"]), max_size=9), min_size=1, max_size=9)


def joined(sequences: list[list[str]], found: list[str]) -> list[list[str]]:
    """The sequences with these phrases joined."""
    words = pa.array([word for sequence in sequences for word in sequence], pa.string()).dictionary_encode()
    lengths = np.array([len(sequence) for sequence in sequences])
    words, lengths = join_phrases(words, lengths, pa.array(found, pa.string()))
    assert len(set(words.dictionary.to_pylist())) == len(words.dictionary)
    every = words.to_pylist()
    assert lengths.sum() == len(every)
    ends = np.cumsum(lengths)
    return [every[end - length : end] for end, length in zip(ends, lengths, strict=True)]


def test_phrases_are_joined_from_the_left_and_within_a_sequence() -> None:
    text = [line.split() for line in ("in new york city", "york hall is new", "york", "new york new york")]
    assert joined(text, ["new_york", "york_city", "york_hall"]) == [
        line.split() for line in ("in new_york city", "york_hall is new", "york", "new_york new_york")
    ]
    assert joined([["a", "a", "a", "a", "a"]], ["a_a"]) == [["a_a", "a_a", "a"]]
    assert joined(text, []) == text
    assert joined(text, ["old_york"]) == text
    assert joined([[], ["a"], [], ["a"], []], ["a_a"]) == [[], ["a"], [], ["a"], []]


@given(SEQUENCES, st.floats(0.1, 3))
def test_joined_as_gensim_joins(sequences: list[list[str]], threshold: float) -> None:
    learnt = Phrases(sequences, min_count=1, threshold=threshold).freeze()
    assert joined(sequences, sorted(learnt.phrasegrams)) == [learnt[sequence] for sequence in sequences]


def text() -> Iterator[list[str]]:
    """Sentences in which `new` always precedes `york`, and `the` and `of` occur before and after many words."""
    for number in range(300):
        yield ["the", f"w{number}", "of", "the", f"v{number}"]
        if number % 10 == 0:
            yield ["the", f"w{number}", "of", "new", "york"]


def test_phrases_are_those_that_gensim_learns() -> None:
    assert learn_phrases(text()) == ["new_york"]


def test_phrases_come_back_from_their_file(tmp_path: Path) -> None:
    (tmp_path / "phrases.txt").write_text("a\u2028b_c\nnew_york\n", encoding="utf-8")
    assert read_phrases(tmp_path / "phrases.txt").to_pylist() == ["a\u2028b_c", "new_york"]
    (tmp_path / "phrases.txt").write_text("", encoding="utf-8")
    assert read_phrases(tmp_path / "phrases.txt").to_pylist() == []
    assert read_phrases(tmp_path / "none.txt").to_pylist() == []
