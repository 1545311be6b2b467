import numpy as np
import pytest

from pipeline.scores import mixture
from pipeline.scores.figures import SCORE, perplexity
from pipeline.scores.mixture import mix, mixture_weights
from pipeline.scores.targets import Targets


def scored(chances: np.ndarray) -> np.ndarray:
    scores = np.zeros(len(chances), SCORE)
    scores["log_probability"] = np.log(chances)
    return scores


def targets(places: int) -> Targets:
    """One article; every third place is no target."""
    return Targets(np.full(places, 2), np.arange(places) % 3 > 0, np.array([0]), 4)


def components(seed: int, places: int = 600) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [scored(random.uniform(0.001, high, places)) for high in (0.5, 0.4)]


@pytest.mark.parametrize("seed", range(5))
def test_the_weights_of_two_are_those_of_a_search_over_all(seed: int) -> None:
    both, of = components(seed), targets(600)
    tried = np.linspace(0, 1, 1001)
    found = [perplexity(mix(both, np.array([weight, 1 - weight])), of) for weight in tried]
    weights = mixture_weights(both, of)
    assert weights.sum() == pytest.approx(1)
    assert weights[0] == pytest.approx(tried[np.argmin(found)], abs=0.002)
    assert perplexity(mix(both, weights), of) <= min(found) * (1 + 1e-6)


def test_places_that_are_no_targets_count_for_nothing() -> None:
    both, of = components(0), targets(600)
    weights = mixture_weights(both, of)
    both[0]["log_probability"][~of.counted] = np.nan
    both[1]["log_probability"][~of.counted] = -np.inf
    assert mixture_weights(both, of).tolist() == weights.tolist()
    assert np.isfinite(perplexity(mix(both, weights), of))


def test_a_mixture_is_of_chances_and_of_so_many_places_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    both, of = components(1), targets(600)
    whole = mixture_weights(both, of)
    monkeypatch.setattr(mixture, "PLACES_AT_ONCE", 7)
    assert mixture_weights(both, of) == pytest.approx(whole, abs=1e-9)
    for weights in (whole, np.array([0.0, 1.0])):
        mixed = sum(weight * np.exp(own["log_probability"]) for own, weight in zip(both, weights, strict=True))
        np.testing.assert_allclose(np.exp(mix(both, weights)["log_probability"]), mixed, rtol=1e-6)
