import math
from pathlib import Path

import pytest

from pipeline.store.building import add_meta, build
from pipeline.store.characters import Spelling, bits_per_character, spelling
from pipeline.store.sequences import Sequences
from tests.store.test_sequences import VOCABULARY, an_article


def test_bits_per_character_by_hand() -> None:
    # "the cat\nsat\n": 12 characters, 5 targets with END. A model that knows the text pays only for its unknown words.
    assert bits_per_character(0.0, Spelling(24.0, 12)) == 2
    # One that takes all of 8 ids for equally probable: 5 * 3 bits.
    assert bits_per_character(5 * math.log(8), Spelling(0.0, 12)) == pytest.approx(15 / 12)
    assert bits_per_character(5 * math.log(8), Spelling(9.0, 12)) == pytest.approx(2)
    assert bits_per_character(5 * math.log(8), Spelling(9.0, 14), uncounted=2) == pytest.approx(2)


def test_a_database_without_spellings_has_none(tmp_path: Path) -> None:
    build(tmp_path / "s.db", [an_article(1, [[2]])], VOCABULARY, 1.0)
    assert spelling(Sequences(tmp_path / "s.db"), "test") is None
    add_meta(tmp_path / "s.db", {"unknown_bits_test": 20.5, "characters_test": 7})
    assert spelling(Sequences(tmp_path / "s.db"), "test") == Spelling(20.5, 7)
    assert spelling(Sequences(tmp_path / "s.db"), "valid") is None
