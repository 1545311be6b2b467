"""Two words that often stand side by side as one word."""

from pathlib import Path

import numpy as np
import pyarrow as pa
from gensim.models.phrases import Phrases
from hypothesis import given
from hypothesis import strategies as st

from pipeline.words.phrases import join_phrases, read_phrases

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


@given(SEQUENCES, st.floats(0.1, 3))
def test_joined_as_gensim_joins(sequences: list[list[str]], threshold: float) -> None:
    learnt = Phrases(sequences, min_count=1, threshold=threshold).freeze()
    assert joined(sequences, sorted(learnt.phrasegrams)) == [learnt[sequence] for sequence in sequences]


def test_phrases_come_back_from_their_file(tmp_path: Path) -> None:
    (tmp_path / "phrases.txt").write_text("a\u2028b_c\nnew_york\n", encoding="utf-8")
    assert read_phrases(tmp_path / "phrases.txt").to_pylist() == ["a\u2028b_c", "new_york"]
    assert read_phrases(tmp_path / "none.txt").to_pylist() == []
