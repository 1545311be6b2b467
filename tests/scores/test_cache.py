import numpy as np
import pytest
import torch

from models.adaptive import NeuralCache
from models.language_model import LanguageModel
from pipeline.batches.rows import SequenceData
from pipeline.scores import cache
from pipeline.scores.cache import Cache, cache_chances, cache_scores, choose_cache, mixed
from pipeline.scores.figures import SCORE, perplexity
from pipeline.scores.model_scores import score_split
from pipeline.scores.targets import read_targets


def test_a_mixture_worked_out_by_hand() -> None:
    scores = np.array([(np.log(0.5), True), (np.log(0.25), False), (np.log(0.1), False), (np.nan, False)], SCORE)
    found = mixed(scores, np.array([np.nan, 0.75, 0.0, np.nan], np.float32), 0.2)
    assert np.exp(found["log_probability"]) == pytest.approx([0.5, 0.35, 0.08, np.nan], nan_ok=True)
    assert np.array_equal(found["right"], scores["right"])
    assert scores["log_probability"][1] == pytest.approx(np.log(0.25))


def test_only_targets_are_cached_and_batches_change_nothing(
    repetitive: SequenceData, model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    targets = read_targets(repetitive.sequences, "test")
    assert not targets.counted.all()
    whole = cache_chances("gru", model, repetitive, "test", [50], [0.3])[0, 0]
    monkeypatch.setattr(cache, "EVALUATION_STEPS", 7)
    assert cache_chances("gru", model, repetitive, "test", [50], [0.3])[0, 0] == pytest.approx(
        whole, nan_ok=True, abs=1e-5
    )
    line = [1, *targets.ids.tolist()]
    with torch.no_grad():
        hidden = model.eval()(torch.tensor([line[:-1]]))[0][0]
    counted = torch.from_numpy(targets.counted)
    expected = NeuralCache([50], [0.3]).read(hidden[counted], torch.from_numpy(targets.ids.astype(int))[counted])
    assert whole[targets.counted] == pytest.approx(expected[0, 0].numpy(), nan_ok=True, abs=1e-5)
    assert np.isnan(whole[~targets.counted]).all()


def test_a_text_that_repeats_itself_is_predicted_better(repetitive: SequenceData, model: LanguageModel) -> None:
    targets = {split: read_targets(repetitive.sequences, split) for split in ("valid", "test")}
    plain = {split: score_split("gru", model, repetitive, split) for split in targets}
    chosen = choose_cache("gru", model, repetitive, plain["valid"], 200)
    found = cache_scores("gru", model, repetitive, "test", plain["test"], chosen)
    assert perplexity(found, targets["test"]) < 0.7 * perplexity(plain["test"], targets["test"])


def test_what_is_chosen_is_the_best_on_the_first_places_of_validation(
    repetitive: SequenceData, model: LanguageModel, splits_read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "SIZES", (3, 30))
    monkeypatch.setattr(cache, "THETAS", (0.1, 3.0))
    monkeypatch.setattr(cache, "SHARES", (0.05, 0.5))
    targets, plain = read_targets(repetitive.sequences, "valid"), score_split("gru", model, repetitive, "valid")
    splits_read.clear()
    chosen = choose_cache("gru", model, repetitive, plain, 110)
    assert splits_read == ["valid"]
    reached = {
        tried: perplexity(cache_scores("gru", model, repetitive, "valid", plain, tried), targets.first(110))
        for tried in (Cache(size, theta, share) for size in (3, 30) for theta in (0.1, 3.0) for share in (0.05, 0.5))
    }
    assert chosen == min(reached, key=reached.__getitem__)
