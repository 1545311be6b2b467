from pathlib import Path

import numpy as np
import pytest
import torch

from models.language_model import RecurrentLanguageModel
from pipeline.batches.rows import SequenceData
from pipeline.scores.model_scores import score_split
from pipeline.scores.targets import read_targets
from pipeline.settings.model_sections import RandomRows, Stream
from pipeline.store.building import build
from pipeline.store.sequences import Sequences
from tests.articles import VOCABULARY, an_article

ROWS = [[2, 3, 4], [3], [4, 4, 2, 2, 3], [2]]


def log_probabilities(model: RecurrentLanguageModel, inputs: list[int], targets: list[int]) -> list[float]:
    with torch.no_grad():
        found = torch.log_softmax(model.output(model(torch.tensor([inputs]))[0][0]), -1)
    return found[torch.arange(len(targets)), torch.tensor(targets)].tolist()


def test_random_rows_are_scored_one_by_one_and_of_a_stream_the_state_is_carried_through_the_whole_split(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.batches.rows.EVALUATION_STEPS", 3)
    build(tmp_path / "s.db", [an_article(1, ROWS[:2], "test"), an_article(2, ROWS[2:], "test")], VOCABULARY, 0.5)
    torch.manual_seed(0)
    model = RecurrentLanguageModel(5, unit="gru", embedding_size=4, hidden_sizes=[4], dropout={"output": 0.5})
    model.eval()
    line = [id for row in ROWS for id in (*row, 1)]
    counted = read_targets(Sequences(tmp_path / "s.db"), "test").counted
    assert not counted.all()
    one_by_one = [each for row in ROWS for each in log_probabilities(model, [0, *row], [*row, 1])]
    for batches, expected in (
        (RandomRows(kind="random_rows", tokens=8), one_by_one),
        (Stream(kind="stream"), log_probabilities(model, [1, *line[:-1]], line)),
    ):
        data = SequenceData(tmp_path / "s.db", seed=1, batches=batches)
        model.train()
        scores = score_split("gru", model, data, "test")["log_probability"]
        assert scores[counted] == pytest.approx(np.array(expected)[counted], abs=1e-5)
        assert np.isnan(scores[~counted]).all()
