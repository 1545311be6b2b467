"""The stage `embeddings`: every file that it writes, read by the program that it is for."""

from collections.abc import Callable
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from gensim.models import KeyedVectors

from pipeline import embeddings
from pipeline.run.arrays import write_tensors
from pipeline.settings.result_sections import VectorScale
from pipeline.store.vocabularies import Words
from pipeline.trained.learnt import as_arrays
from pipeline.vectors.exported import read_embeddings
from pipeline.vectors.scaling import word_vectors
from tests.conftest import ErrorOf, SetParams

WORDS = ["the", "naïve", "日本", "a\u2028b"]
VOCABULARY = Words.of([(word, 1) for word in WORDS], rows=1, unknown=1)
INPUT = torch.randn(7, 3, generator=torch.Generator().manual_seed(0))
OUTPUT = torch.randn(7, 5, generator=torch.Generator().manual_seed(1))
# What a model without them may hold there must not matter.
INPUT[[0, 1, 6]] = 9e9


@pytest.fixture
def run(in_tmp: Path, set_params: SetParams) -> Callable[..., Path]:
    """Export a model of these matrices under these settings; returns the folder."""

    def run(vectors: str = "both", scale: str = "centred", *, output: torch.Tensor | None = OUTPUT) -> Path:
        set_params({"embeddings.vectors": vectors, "embeddings.scale": scale})
        (in_tmp / "model").mkdir(exist_ok=True)
        weights = {"embedding.weight": INPUT} | ({} if output is None else {"output.weight": output})
        write_tensors(Path("model/weights.safetensors"), as_arrays(weights))
        VOCABULARY.write(Path("v.tsv"))
        embeddings.main(["gru", "model", "v.tsv", "out", "--metrics", "m.json"])
        return in_tmp / "out"

    return run


@pytest.mark.parametrize("scale", get_args(VectorScale))
@pytest.mark.parametrize("vectors", ["input", "output", "both"])
def test_the_vectors_are_those_asked_for(run: Callable[..., Path], vectors: str, scale: VectorScale) -> None:
    found = read_embeddings(run(vectors, scale))
    assert found.words == WORDS
    assert (found.chosen, found.scale) == (vectors, scale)
    matrices = {"input": INPUT[2:6].numpy(), "output": OUTPUT[2:6].numpy()}
    np.testing.assert_array_equal(found.matrices["input"], matrices["input"])
    np.testing.assert_array_equal(found.matrices["output"], matrices["output"])
    chosen = list(matrices.values()) if vectors == "both" else [matrices[vectors]]
    np.testing.assert_array_equal(found.vectors, word_vectors(chosen, scale))
    assert found.vectors.shape[1] == {"input": 3, "output": 5, "both": 8}[vectors]


def test_gensim_and_numpy_read_them_and_bytes_repeat(run: Callable[..., Path]) -> None:
    out = run()
    expected, labels = np.load(out / "vectors.npy"), (out / "vocabulary.txt").read_text(encoding="utf-8")
    assert labels.split("\n")[:-1] == WORDS
    for name in ("vectors.txt", "vectors.bin"):
        keyed = KeyedVectors.load_word2vec_format(str(out / name), binary=name.endswith(".bin"))
        assert keyed.index_to_key == WORDS
        np.testing.assert_array_equal(keyed.vectors, expected)
    first = {path.name: path.read_bytes() for path in out.iterdir()}
    assert len(first) == 7
    assert {path.name: path.read_bytes() for path in run().iterdir()} == first


@pytest.mark.parametrize("output", [None, INPUT])  # tied weights are input vectors alone
@pytest.mark.parametrize("vectors", ["input", "output", "both"])
def test_a_model_without_output_vectors_of_its_own(
    run: Callable[..., Path], capsys: pytest.CaptureFixture[str], vectors: str, output: torch.Tensor | None
) -> None:
    found = read_embeddings(out := run(vectors, "raw", output=output))
    assert (found.vectors.shape, found.chosen, list(found.matrices)) == ((4, 3), "input", ["input"])
    assert not (out / "output.npy").exists()
    assert "gru: 4 vectors of 3 values in out: input, raw" in capsys.readouterr().err


def test_a_model_that_does_not_fit(run: Callable[..., Path], error_of: ErrorOf) -> None:
    wrong, infinite = torch.zeros(9, 3), torch.full((7, 3), torch.inf)
    assert "model: has 9 output vectors for 7 ids; run `dvc repro train@gru`" in error_of(run, output=wrong)
    told = "weights.safetensors: is damaged (ValueError: output.weight has values that are not finite numbers)"
    assert told in error_of(run, output=infinite)
    assert not Path("out").exists()
