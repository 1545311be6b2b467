from pathlib import Path

import pytest

from benchmarks.language_models import ABLATIONS, DROPOUT, OURS, main, settings_of
from pipeline.store.building import build
from tests.articles import VOCABULARY, an_article


@pytest.mark.parametrize("change", ABLATIONS)
def test_every_ablation_can_be_trained_for_an_epoch(change: str) -> None:
    recipe = OURS["gru 256"] | {"dropout": DROPOUT["medium"]} | ABLATIONS[change]
    assert settings_of(recipe, 1).epochs == 1


def test_a_peer_is_not_compared_on_other_targets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path / "s.db", [an_article(1, [[2, 3]])], VOCABULARY, 0.01)
    monkeypatch.setattr("sys.argv", ["language_models", str(tmp_path / "s.db"), "--models", "gru 256", "2 x 200"])
    with pytest.raises(SystemExit, match=r"s\.db: index\.end_fraction is 0\.01; the peer.* needs 1$"):
        main()
