from pathlib import Path

import numpy as np
import pytest
import torch

from models.language_model import LanguageModel
from pipeline.batches.rows import SequenceData
from pipeline.scores.model_scores import score_split
from pipeline.scores.targets import read_targets
from pipeline.settings.model_sections import Sentences, Stream
from pipeline.store.building import build
from pipeline.store.sequences import Sequences
from tests.articles import VOCABULARY, an_article

ROWS = [[2, 3, 4], [3], [4, 4, 2, 2, 3], [2]]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    build(tmp_path / "s.db", [an_article(1, ROWS[:2], "test"), an_article(2, ROWS[2:], "test")], VOCABULARY, 0.5)
    return tmp_path / "s.db"


def a_model() -> LanguageModel:
    torch.manual_seed(0)
    return LanguageModel(5, unit="gru", embedding_size=4, hidden_sizes=[4])


def log_probabilities(model: LanguageModel, inputs: list[int], targets: list[int]) -> list[float]:
    with torch.no_grad():
        found = torch.log_softmax(model.output(model(torch.tensor([inputs]))[0][0]), -1)
    return found[torch.arange(len(targets)), torch.tensor(targets)].tolist()


def test_sentences_are_scored_one_by_one_in_the_databases_order(database: Path) -> None:
    model, data = a_model(), SequenceData(database, seed=1, batches=Sentences(kind="sentences", tokens=8))
    scores = score_split("gru", model, data, "test")["log_probability"]
    expected = np.concatenate([log_probabilities(model, [0, *row], [*row, 1]) for row in ROWS])
    counted = read_targets(Sequences(database), "test").counted
    assert not counted.all()
    assert scores[counted] == pytest.approx(expected[counted], abs=1e-5)
    assert np.isnan(scores[~counted]).all()


def test_of_a_stream_the_state_is_carried_through_the_whole_split(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.batches.rows.EVALUATION_STEPS", 3)
    model, data = a_model(), SequenceData(database, seed=1, batches=Stream(kind="stream"))
    found = score_split("gru", model, data, "test")
    line = [id for row in ROWS for id in (*row, 1)]
    expected = np.array(log_probabilities(model, [1, *line[:-1]], line))
    counted = read_targets(Sequences(database), "test").counted
    assert found["log_probability"][counted] == pytest.approx(expected[counted], abs=1e-5)
