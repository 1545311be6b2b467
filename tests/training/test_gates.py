from pathlib import Path

from models.language_model import LanguageModel
from pipeline.store.building import build
from pipeline.store.sequences import Sequences
from pipeline.store.vocabulary import END
from pipeline.training.gates import example_gates
from tests.articles import VOCABULARY, an_article


def test_the_example_has_words_where_most_rows_are_empty(tmp_path: Path) -> None:
    build(tmp_path / "s.db", [an_article(1, [[], [4, 4], [2, 3, 4], []], "test")], VOCABULARY, 1.0)
    model = LanguageModel(len(VOCABULARY), unit="rated", embedding_size=2, hidden_sizes=[2])
    found = example_gates(model, Sequences(tmp_path / "s.db"), END)
    assert found["words"] == ["a", "b", "UNKNOWN"]
    assert [len(row["openness"]) for row in found["gates"]] == [3]
