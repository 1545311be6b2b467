import gc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as L
import torch

from models.trainable import TrainableLanguageModel
from pipeline import train
from pipeline.run.outputs import read_json
from pipeline.scores.dynamic import Dynamic
from pipeline.scores.figures import perplexity, perplexity_figures
from pipeline.scores.targets import read_targets
from pipeline.store.sequences import Sequences
from pipeline.training import train_language_model
from pipeline.training.learnt import GRADIENTS, read_tensors
from tests.conftest import SetParams
from tests.scores.conftest import repetitive as repetitive  # a fixture

STREAM: dict[str, Any] = {
    "models.gru.epochs": 2,
    "models.gru.batches": {"kind": "stream", "rows": 4},
    "models.gru.embedding_size": 6,
    "models.gru.hidden_sizes": [8],
}


def trained(database: Path, set_params: SetParams, name: str, **changes: Any) -> dict[str, float]:
    set_params(STREAM | {f"models.gru.{key}": value for key, value in changes.items()})
    train.main(["gru", str(database), name, "--metrics", f"metrics/{name}.json"])
    return dict(read_json(Path(f"metrics/{name}.json")))


def test_the_figures_of_at_test_are_added_to_the_plain_ones(
    repetitive: Any, set_params: SetParams, capsys: pytest.CaptureFixture[str]
) -> None:
    database = repetitive.sequences.path
    plain = trained(database, set_params, "plain")
    found = trained(database, set_params, "adapted", at_test=["cache", "dynamic"])
    assert {name: found[name] for name in plain} == plain
    methods = [f"test_{method}_perplexity" for method in ("cache", "dynamic")]
    assert set(found) - set(plain) == {f"{name}{end}" for name in methods for end in ("", "_low", "_high")}
    targets = read_targets(Sequences(database), "test")
    for name in methods:
        scores = np.load(f"adapted/{name.removesuffix('perplexity')}scores.npy")
        assert perplexity(scores, targets) == found[name] < 0.8 * plain["test_perplexity"]
        assert perplexity_figures(scores, targets)["perplexity_low"] == found[f"{name}_low"]
    weights = [torch.load(f"{folder}/weights.pt", weights_only=True) for folder in ("plain", "adapted")]
    assert all(weight.equal(weights[1][name]) for name, weight in weights[0].items())
    chosen = read_json(Path("adapted/model.json"))["at_test"]
    assert {method: set(values) for method, values in chosen.items()} == {
        "cache": {"size", "theta", "share"},
        "dynamic": {"learning_rate", "decay"},
    }
    assert set(read_tensors(Path("adapted") / GRADIENTS)) <= set(weights[0])
    assert not Path("plain/gradient_rms.pt").exists()
    assert "at_test" not in read_json(Path("plain/model.json"))
    told = capsys.readouterr().err.splitlines()
    assert told[-1].startswith(f"gru: {found['test_dynamic_perplexity']:.1f} test with dynamic evaluation (")
    assert f"learning_rate {chosen['dynamic']['learning_rate']:g}, decay {chosen['dynamic']['decay']:g}," in told[-1]
    assert f"chosen on the first {len(np.load('plain/valid_scores.npy'))} places of the validation split" in told[-1]


def test_of_several_seeds_the_best_one_is_measured(repetitive: Any, set_params: SetParams) -> None:
    set_params({"train.seeds": 2})
    found = trained(repetitive.sequences.path, set_params, "seeds", at_test=["cache"])
    targets = read_targets(Sequences(repetitive.sequences.path), "test")
    assert perplexity(np.load("seeds/test_scores.npy"), targets) == found["test_perplexity"]
    assert perplexity(np.load("seeds/test_cache_scores.npy"), targets) == found["test_cache_perplexity"]


def test_of_several_seeds_only_the_best_one_stays_in_memory(
    repetitive: Any, set_params: SetParams, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, learn = [], train_language_model.learn

    def count_and_learn(*arguments: Any, **more: Any) -> Any:
        kinds = [type(each) for each in gc.get_objects()]
        held.append((kinds.count(TrainableLanguageModel), kinds.count(L.Trainer)))
        return learn(*arguments, **more)

    monkeypatch.setattr(train_language_model, "learn", count_and_learn)
    set_params({"train.seeds": 3})
    gc.collect()
    gc.disable()
    try:
        trained(repetitive.sequences.path, set_params, "seeds")
    finally:
        gc.enable()
    (models, trainers), *later = held
    assert later == [(models + 1, trainers)] * 2


def test_a_method_that_diverges_on_the_test_split_is_left_out(
    repetitive: Any, set_params: SetParams, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = repetitive.sequences.path
    plain = trained(database, set_params, "plain")
    monkeypatch.setattr("pipeline.training.at_test.choose_dynamic", lambda *_: Dynamic(1e30, 0.0))
    assert trained(database, set_params, "diverged", at_test=["dynamic"]) == plain
    assert "at_test" not in read_json(Path("diverged/model.json"))
    assert {path.name for path in Path("diverged").iterdir()} == {path.name for path in Path("plain").iterdir()}
