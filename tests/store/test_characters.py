from pathlib import Path

from pipeline.store.building import add_meta, build
from pipeline.store.characters import Spelling, spelling
from pipeline.store.sequences import Sequences
from tests.store.test_sequences import VOCABULARY, an_article


def test_a_database_without_spellings_has_none(tmp_path: Path) -> None:
    build(tmp_path / "s.db", [an_article(1, [[2]])], VOCABULARY, 1.0)
    assert spelling(Sequences(tmp_path / "s.db"), "test") is None
    add_meta(tmp_path / "s.db", {"unknown_bits_test": 20.5, "characters_test": 7})
    assert spelling(Sequences(tmp_path / "s.db"), "test") == Spelling(20.5, 7)
    assert spelling(Sequences(tmp_path / "s.db"), "valid") is None
