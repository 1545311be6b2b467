import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.ngrams import spelling
from pipeline.ngrams.spelling import CODE_POINTS, LONGEST, RareWords, SpellingModel
from pipeline.store.vocabulary import END, START
from tests.ngrams.test_markov import slow_kneser_ney

words = st.text("abcdé語𝄞", min_size=1, max_size=8)
counts = st.dictionaries(words, st.integers(1, 5), max_size=8)
asked = st.lists(st.text(min_size=1, max_size=8).filter(str.isalnum) | words, min_size=1, max_size=5)


def model_of(counts: dict[str, int]) -> SpellingModel:
    return SpellingModel(pa.array(counts, pa.string()), np.array([*counts.values()], np.int64))


@settings(max_examples=40)
@given(counts, asked)
def test_a_word_costs_what_kneser_ney_over_its_characters_says(counts: dict[str, int], asked: list[str]) -> None:
    alphabet = sorted(set("".join(counts)))
    other = len(alphabet) + 2
    ids = {character: id for id, character in enumerate(alphabet, 2)}
    rows = [[ids[character] for character in word] for word, count in counts.items() for _ in range(count)]
    slow = slow_kneser_ney(rows, LONGEST, other + 1)
    expected = []
    for word in asked:
        row = [START, *(ids.get(character, other) for character in word), END]
        bits = sum(-math.log2(slow(tuple(row[: end + 1][-LONGEST:]))) for end in range(1, len(row)))
        expected.append(bits + row.count(other) * math.log2(CODE_POINTS))
    np.testing.assert_allclose(model_of(counts).bits(pa.array(asked)), expected, rtol=1e-5)


def test_without_rare_words_every_character_costs_the_same() -> None:
    # The end of the word, and a character that no word has: a bit each, then one of all code points.
    (bits,) = model_of({}).bits(pa.array(["né"]))
    assert bits == pytest.approx(3 + 2 * math.log2(CODE_POINTS))


def test_frequent_words_cost_less() -> None:
    model = model_of({"aardvark": 50, "abacus": 2})
    common, rare, new = model.bits(pa.array(["aardvark", "abacus", "zebra"]))
    assert common < rare < new


def test_words_are_spelled_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    model, asked = model_of({"ab": 3, "abc": 1}), pa.array(["ab", "b", "c", "abc", "x"])
    whole = model.bits(asked)
    monkeypatch.setattr(spelling, "WORDS_AT_ONCE", 2)
    assert model.bits(asked).tolist() == whole.tolist()


SHARDS = [
    # Words with counts, articles as sequences of indexes, and the split of each.
    ({"a": 3, "bb": 2, "cc": 1}, [[[0, 1], [0]], [[2, 0, 1]]], ["train", "test"]),
    ({"bb": 2, "dd": 3}, [[[0, 1]], [[1]], [[0, 1]]], ["train", "valid", "test"]),
    ({"bb": 1, "ee": 1}, [[[0, 1]]], ["train"]),
]


def meta_of(scratch: Path) -> dict[str, float]:
    """Of the shards; all words but "a" are rare."""
    scratch.mkdir()
    found = RareWords(scratch)
    for counts, articles, splits in SHARDS:
        table = pa.table({"word": pa.array(counts), "count": pa.array(counts.values())})
        sequences = pa.array(articles, pa.list_(pa.list_(pa.uint32())))
        found.add(table, pa.table({"sequences": sequences}), splits, np.array([word != "a" for word in counts]))
    return found.meta()


def test_each_split_pays_for_its_own_rare_words(tmp_path: Path) -> None:
    # Rare words of the training split: bb three times, dd once, ee once.
    bb, cc, dd = model_of({"bb": 3, "dd": 1, "ee": 1}).bits(pa.array(["bb", "cc", "dd"]))
    assert meta_of(tmp_path / "s") == {
        "unknown_bits_valid": pytest.approx(dd, abs=0.06),
        "unknown_bits_test": pytest.approx(2 * bb + cc + dd, abs=0.06),
        "characters_valid": 3,
        "characters_test": 3 + 2 + 3 + 3 + 3,
    }


def test_merging_after_each_shard_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = meta_of(tmp_path / "whole")
    monkeypatch.setattr(spelling, "ROWS_AT_ONCE", 0)
    assert meta_of(tmp_path / "merged") == whole


def test_the_model_is_made_of_the_most_frequent_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spelling, "MOST_WORDS", 1)
    (dd,) = model_of({"bb": 3}).bits(pa.array(["dd"]))
    assert meta_of(tmp_path / "s")["unknown_bits_valid"] == pytest.approx(dd, abs=0.06)
