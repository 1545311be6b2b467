from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.store.vocabularies import Words, read_vocabulary


def of(words: list[str]) -> Words:
    return Words.of([(word, 1) for word in words], rows=2, unknown=3)


@given(st.lists(st.text(min_size=1, max_size=3), unique=True, max_size=30), st.randoms())
@settings(max_examples=30)
def test_the_remap_gives_each_word_its_id_or_unknown(words: list[str], random: Random) -> None:
    known = random.sample(words, len(words) // 2)
    vocabulary = of(known)
    new = vocabulary.remap(words)
    assert [vocabulary.by_id[id_] for id_ in new] == [word if word in known else "UNKNOWN" for word in words]
    assert new.dtype == np.dtype("<u2")


@pytest.mark.parametrize(("size", "dtype"), [(3, "<u2"), (65_536, "<u2"), (65_537, "<u4")])
def test_ids_are_two_bytes_wide_while_they_fit(size: int, dtype: str) -> None:
    vocabulary = of(list(map(str, range(size - 3))))
    assert (len(vocabulary), vocabulary.dtype.str) == (size, dtype)
    assert vocabulary.remap(["never"]).tolist() == [vocabulary.unknown] == [size - 1]
    assert vocabulary.unknown <= np.iinfo(vocabulary.dtype).max


def test_a_vocabulary_file_reads_back(tmp_path: Path) -> None:
    vocabulary = Words.of([("né", 7), ("a\x1cb", 3)], rows=2, unknown=1)
    vocabulary.write(tmp_path / "v.tsv")
    content = "id\tword\tcount\n0\tSTART\t2\n1\tEND\t2\n2\tné\t7\n3\ta\x1cb\t3\n4\tUNKNOWN\t1\n"
    assert (tmp_path / "v.tsv").read_text(encoding="utf-8") == content
    assert read_vocabulary(tmp_path / "v.tsv") == vocabulary
