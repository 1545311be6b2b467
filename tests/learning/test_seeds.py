import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.learning import language_model
from pipeline.run.arrays import read_tensors
from pipeline.run.outputs import read_json
from pipeline.scores.figures import perplexity, perplexity_figures
from pipeline.scores.targets import read_targets
from pipeline.store.sequences import Sequences
from pipeline.trained.files import GRADIENTS
from tests.articles import run_train
from tests.conftest import SetParams
from tests.scores.conftest import repetitive as repetitive  # a fixture

STREAM: dict[str, Any] = {
    "models.gru.epochs": 2,
    "models.gru.batches": {"kind": "stream", "rows": 4},
    "models.gru.embedding_size": 6,
    "models.gru.hidden_sizes": [8],
    "models.gru.start": "random",  # no word of the test split is in the training split
}


def trained(database: Path, set_params: SetParams, name: str, **changes: Any) -> dict[str, float]:
    set_params(STREAM | {f"models.gru.{key}": value for key, value in changes.items()})
    run_train("gru", str(database), name, "--metrics", f"metrics/{name}.json")
    return dict(read_json(Path(f"metrics/{name}.json")))


def test_dynamic_evaluation_adds_figures_and_changes_none(
    repetitive: Any, set_params: SetParams, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of several seeds the best one's weights are updated; where they diverge on the test split, nothing is added."""
    set_params({"train.seeds": 2})
    database = repetitive.sequences.path
    plain = trained(database, set_params, "plain")
    found = trained(database, set_params, "adapted", dynamic_evaluation=True)
    assert {name: found[name] for name in plain} == plain
    name = "test_dynamic_perplexity"
    assert set(found) - set(plain) == {f"{name}{end}" for end in ("", "_low", "_high")}
    targets = read_targets(Sequences(database), "test")
    scores = np.load("adapted/test_dynamic_scores.npy")
    assert perplexity(scores, targets) == found[name] < 0.8 * plain["test_perplexity"]
    assert perplexity_figures(scores, targets).perplexity_low == found[f"{name}_low"]
    assert perplexity(np.load("adapted/test_scores.npy"), targets) == found["test_perplexity"]
    weights = [read_tensors(Path(folder) / "weights.safetensors") for folder in ("plain", "adapted")]
    assert all(np.array_equal(weight, weights[1][name]) for name, weight in weights[0].items())
    assert read_json(Path("adapted/model.json"))["dynamic_evaluation"] > 0
    assert set(read_tensors(Path("adapted") / GRADIENTS)) <= set(weights[0])
    monkeypatch.setattr("pipeline.scores.measured.choose_rate", lambda *_: 1e30)
    assert trained(database, set_params, "diverged", dynamic_evaluation=True) == plain
    assert "dynamic_evaluation" not in read_json(Path("diverged/model.json"))
    assert {path.name for path in Path("diverged").iterdir()} == {path.name for path in Path("plain").iterdir()}


def test_of_several_seeds_only_the_best_one_stays_in_memory(
    repetitive: Any, set_params: SetParams, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: weakref.WeakSet[Any] = weakref.WeakSet()
    held, learn = [], language_model.learn

    def learn_and_note(*arguments: Any, **more: Any) -> Any:
        held.append(len(made))
        found = learn(*arguments, **more)
        made.update((found[1], found[1].trainer))
        return found

    monkeypatch.setattr(language_model, "learn", learn_and_note)
    set_params({"train.seeds": 3})
    trained(repetitive.sequences.path, set_params, "seeds")
    assert held == [0, 1, 1]
