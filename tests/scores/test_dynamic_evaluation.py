from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from models.language_model import RecurrentLanguageModel
from pipeline.batches.rows import SequenceData
from pipeline.scores import dynamic_evaluation
from pipeline.scores.dynamic_evaluation import SEGMENT, choose_rate, dynamic_scores, gradient_rms
from pipeline.scores.figures import perplexity
from pipeline.scores.model_scores import read_batches, score_split
from pipeline.scores.targets import read_targets
from pipeline.settings.model_sections import Stream


def weights_of(model: RecurrentLanguageModel) -> dict[str, Tensor]:
    return {name: weight.detach().clone() for name, weight in model.named_parameters()}


def gradients_of(model: RecurrentLanguageModel, read: Any) -> dict[str, Tensor]:
    """By the exact softmax, written out."""
    counted = read.batch.targets != -100
    log_probabilities = torch.log_softmax(model.output(read.hidden), -1)[counted]
    loss = -log_probabilities.gather(1, read.batch.targets[counted][:, None]).mean()
    names, weights = zip(*model.named_parameters(), strict=True)
    return dict(zip(names, torch.autograd.grad(loss, weights), strict=True))


def test_the_papers_formula_on_a_text(repetitive: SequenceData) -> None:
    torch.manual_seed(0)
    size = len(repetitive.sequences.vocabulary)
    model = RecurrentLanguageModel(size, unit="gru", embedding_size=4, hidden_sizes=[4]).double().eval()
    first, rms = weights_of(model), gradient_rms("gru", model, repetitive)
    draws = list(repetitive.order("train", dynamic_evaluation.TRAINING, shuffle=True))
    assert len(draws) < dynamic_evaluation.BATCHES
    each = [gradients_of(model, read) for read in read_batches("", model, repetitive, draws)]
    for name, value in rms.items():
        expected = torch.stack([gradients[name] ** 2 for gradients in each]).mean(0).sqrt()
        torch.testing.assert_close(value, expected, atol=1e-10, rtol=0)
    found = dynamic_scores("gru", model, repetitive, "test", rms, 0.01)
    assert all(weight.equal(first[name]) for name, weight in model.named_parameters())
    mean = torch.cat([value.flatten() for value in rms.values()]).mean()
    by_hand = np.full(len(found), np.nan)
    stream = repetitive.order("test", Stream(kind="stream", rows=1, steps=SEGMENT))
    for read in read_batches("", model, repetitive, stream):
        score = model.output.score(read.hidden, read.batch.targets)
        by_hand[read.places] = -score.loss[score.counts].detach().numpy()
        gradients = gradients_of(model, read)
        with torch.no_grad():
            for name, weight in model.named_parameters():
                step = 0.01 * gradients[name] / (rms[name] + mean)
                weight.add_((0.001 * rms[name] / mean).clamp(max=1) * (first[name] - weight) - step)
    np.testing.assert_allclose(found["log_probability"], by_hand, rtol=1e-5)
    model.load_state_dict(first, strict=False)
    plain = score_split("gru", model, repetitive, "test")
    close = np.isclose(found["log_probability"], plain["log_probability"], equal_nan=True, atol=1e-5)
    assert close[:SEGMENT].all()  # a segment is scored before it is learnt
    assert close[SEGMENT:].mean() < 0.5


def test_frozen_weights_stay(repetitive: SequenceData, model: RecurrentLanguageModel) -> None:
    model.embedding.weight.requires_grad_(False)
    assert "embedding.weight" not in (rms := gradient_rms("gru", model, repetitive))
    assert np.isfinite(dynamic_scores("", model, repetitive, "valid", rms, 1e-4)["log_probability"]).any()


def test_what_is_chosen_is_the_best_on_the_first_places_of_validation(
    repetitive: SequenceData, model: RecurrentLanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dynamic_evaluation, "SEGMENTS", 10)
    first = read_targets(repetitive.sequences, "valid").first(10 * SEGMENT)
    rms = gradient_rms("gru", model, repetitive)
    chosen = choose_rate("gru", model, repetitive, rms)

    def reached(rate: float) -> float:
        whole = dynamic_scores("gru", model, repetitive, "valid", rms, rate)
        some = dynamic_scores("gru", model, repetitive, "valid", rms, rate, 10)
        assert np.isnan(some["log_probability"][10 * SEGMENT :]).all()
        return perplexity(whole, first)

    by_rate = {chosen * times: reached(chosen * times) for times in (0.5, 1, 2)}
    assert min(by_rate, key=by_rate.__getitem__) == chosen


def test_a_learning_rate_at_which_the_weights_overflow_is_not_chosen(
    repetitive: SequenceData, model: RecurrentLanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = score_split("gru", model, repetitive, "valid")

    def scores(*arguments: Any) -> np.ndarray:
        found, rate = plain.copy(), arguments[-2]
        found["log_probability"] = np.nan if rate > 8e-4 else -8e-4 / rate
        return found

    monkeypatch.setattr(dynamic_evaluation, "dynamic_scores", scores)
    assert choose_rate("gru", model, repetitive, {}) == 8e-4
