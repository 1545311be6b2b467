from pathlib import Path

import pytest
import torch

from models.language_model import SCALE
from pipeline.run.arrays import read_tensors
from pipeline.run.outputs import read_json
from pipeline.store.building import build
from pipeline.trained.learnt import as_torch
from tests.articles import VOCABULARY, an_article, run_train
from tests.conftest import SetParams


@pytest.mark.parametrize("size", [3, 8])
@pytest.mark.parametrize("tied", [True, False])
def test_a_language_model_starts_from_the_counts_of_its_text(
    size: int, tied: bool, in_tmp: Path, set_params: SetParams
) -> None:
    splits = {0: "valid", 1: "test"}
    articles = [an_article(n, [[2] * 200, [3] * 200], splits.get(n, "train")) for n in range(12)]
    build(in_tmp / "s.db", articles, VOCABULARY, 0.5)
    gru = {"hidden_sizes": [size], "tie_weights": tied, "epochs": 1, "learning_rate": 1e-12, "average_decay": 0.0}
    set_params({"models.gru": gru, "models.svd.embedding_size": min(size, 5), "models.svd.subsample": 0.001})
    run_train("gru", "s.db", "model", "--metrics", "metrics/m.json")
    run_train("svd", "s.db", "svd")
    model, svd = (as_torch(read_tensors(Path(name) / "weights.safetensors")) for name in ("model", "svd"))
    for side in ("embedding.weight",) if tied else ("embedding.weight", "output.weight"):
        started, counted = model[side][2:4], svd[side][2:4]
        counted = torch.nn.functional.pad(counted, (0, size - counted.shape[1]))
        assert counted.any()
        torch.testing.assert_close(started, torch.nn.functional.normalize(counted) * SCALE * size**0.5)
    torch.testing.assert_close(model["output.bias"].exp().sum(), torch.tensor(1.0))  # the words' shares
    assert read_json(in_tmp / "timings/m.json")["start_cpu_seconds"] > 0
