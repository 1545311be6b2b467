import pytest

from benchmarks.language_models import ABLATIONS, DROPOUT, OURS, settings_of


@pytest.mark.parametrize("change", ABLATIONS)
def test_every_ablation_can_be_trained_for_an_epoch(change: str) -> None:
    recipe = OURS["gru 256"] | {"dropout": DROPOUT["medium"]} | ABLATIONS[change]
    assert settings_of(recipe, 1).epochs == 1
