from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from models.language_model import LanguageModel
from pipeline.batches.rows import SequenceData
from pipeline.scores import dynamic
from pipeline.scores.dynamic import Dynamic, choose_dynamic, dynamic_scores, training_gradients
from pipeline.scores.figures import perplexity
from pipeline.scores.model_scores import score_split
from pipeline.scores.targets import read_targets


def weights_of(model: LanguageModel) -> list[Tensor]:
    return [weight.detach().clone() for weight in model.parameters()]


def test_a_learning_rate_of_zero_gives_the_plain_scores(
    repetitive: SequenceData, model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.batches.rows.EVALUATION_STEPS", dynamic.STEPS)
    before, rms = weights_of(model), training_gradients("gru", model, repetitive)
    plain = score_split("gru", model, repetitive, "test")
    found = dynamic_scores("gru", model, repetitive, "test", rms, Dynamic(0.0, 0.01))
    assert np.array_equal(found["log_probability"], plain["log_probability"], equal_nan=True)
    assert np.array_equal(found["right"], plain["right"])
    assert all(map(torch.equal, model.parameters(), before))


def test_a_segment_is_scored_before_it_is_learnt(repetitive: SequenceData, model: LanguageModel) -> None:
    before, rms = weights_of(model), training_gradients("gru", model, repetitive)
    plain = score_split("gru", model, repetitive, "test")
    found = dynamic_scores("gru", model, repetitive, "test", rms, Dynamic(0.01, 0.01))
    first, second = slice(0, dynamic.STEPS), slice(dynamic.STEPS, None)
    close = np.isclose(found["log_probability"], plain["log_probability"], equal_nan=True, atol=1e-5)
    assert close[first].all()
    assert close[second].mean() < 0.5
    assert all(map(torch.equal, model.parameters(), before))


def test_a_text_that_repeats_itself_is_predicted_better(repetitive: SequenceData, model: LanguageModel) -> None:
    targets = read_targets(repetitive.sequences, "test")
    rms = training_gradients("gru", model, repetitive)
    chosen = choose_dynamic("gru", model, repetitive, rms, 200)
    found = dynamic_scores("gru", model, repetitive, "test", rms, chosen)
    plain = score_split("gru", model, repetitive, "test")
    assert perplexity(found, targets) < 0.8 * perplexity(plain, targets)


def test_what_is_chosen_is_the_best_on_the_first_places_of_validation(
    repetitive: SequenceData, model: LanguageModel, splits_read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dynamic, "START", Dynamic(0.01, 0.001))
    monkeypatch.setattr(dynamic, "MOST", 1)
    targets = read_targets(repetitive.sequences, "valid")
    rms = training_gradients("gru", model, repetitive)
    chosen = choose_dynamic("gru", model, repetitive, rms, 110)
    assert set(splits_read) == {"train", "valid"}
    reached = {
        tried: perplexity(dynamic_scores("gru", model, repetitive, "valid", rms, tried), targets.first(110))
        for tried in (Dynamic(rate, 0.001) for rate in (0.005, 0.01, 0.02))
    }
    best = min(reached, key=reached.__getitem__)
    assert chosen.learning_rate == best.learning_rate
    reached |= {
        tried: perplexity(dynamic_scores("gru", model, repetitive, "valid", rms, tried), targets.first(110))
        for tried in (best._replace(decay=decay) for decay in dynamic.OTHER_DECAYS)
    }
    assert chosen == min(reached, key=reached.__getitem__)


@pytest.mark.parametrize("times", [1, 1 / 8])
def test_a_learning_rate_at_which_the_weights_overflow_is_not_chosen(
    repetitive: SequenceData, model: LanguageModel, monkeypatch: pytest.MonkeyPatch, times: float
) -> None:
    plain, most = score_split("gru", model, repetitive, "valid"), dynamic.START.learning_rate * times

    def scores(*arguments: Any, places: int) -> np.ndarray:
        found, rate = plain.copy(), arguments[-1].learning_rate
        found["log_probability"] = np.nan if rate > most else -most / rate
        return found

    monkeypatch.setattr(dynamic, "dynamic_scores", scores)
    assert choose_dynamic("gru", model, repetitive, {}, 200) == dynamic.START._replace(learning_rate=most)


def test_of_the_first_places_alone_no_more_is_read(repetitive: SequenceData, model: LanguageModel) -> None:
    rms = training_gradients("gru", model, repetitive)
    found, whole = (
        dynamic_scores("gru", model, repetitive, "valid", rms, Dynamic(0.01, 0.01), places=places)
        for places in (110, None)
    )
    places = 6 * dynamic.STEPS
    assert np.isnan(found["log_probability"][places:]).all()
    assert np.array_equal(found[:places]["log_probability"], whole[:places]["log_probability"], equal_nan=True)
