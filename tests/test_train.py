import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pipeline import embeddings, train
from pipeline.corpus.sampling import SequenceData
from pipeline.corpus.sequences import build
from pipeline.corpus.words import write_vocabulary
from pipeline.run.files import read_json
from pipeline.vectors.word2vec import load_vectors
from tests.corpus.test_sequences import META, VOCABULARY, an_article

SMALL: dict[str, Any] = {
    "train.epochs": 2,
    "train.batch_tokens": 64,
    "language_models.gru.embedding_size": 3,
    "language_models.gru.hidden_sizes": [4, 5],
}


@pytest.fixture
def database(in_tmp: Path) -> Path:
    splits = {0: "valid", 1: "test"}
    build(
        in_tmp / "s.db",
        [an_article(n, [[2, 2, 3], [4, 2]], splits.get(n, "train")) for n in range(5)],
        VOCABULARY,
        META,
    )
    return in_tmp / "s.db"


def test_the_unigram_perplexity_of_a_corpus_worked_out_by_hand(database: Path) -> None:
    data = SequenceData(database, batch_tokens=64, end_fraction=0.0, seed=1)
    counts = data.sequences.word_counts("train")
    assert counts.tolist() == [0, 0, 9, 3, 3]
    # One more for each of the five ids: 10, 4 and 4 of 20. The test article is [2, 2, 3], [4, 2].
    by_hand = math.exp(-(3 * math.log(10 / 20) + 2 * math.log(4 / 20)) / 5)
    assert train.unigram_perplexity(data, counts, "test") == pytest.approx(by_hand)


def test_end_counts_for_the_unigram_as_often_as_it_is_a_target(database: Path) -> None:
    data = SequenceData(database, batch_tokens=64, end_fraction=1.0, seed=1)
    counts = data.sequences.word_counts("train")
    # Six training sequences, each with an END: 7 of 26.
    by_hand = math.exp(-(3 * math.log(10 / 26) + 2 * math.log(4 / 26) + 2 * math.log(7 / 26)) / 7)
    assert train.unigram_perplexity(data, counts, "test") == pytest.approx(by_hand)


def test_the_stage_writes_weights_settings_curves_and_figures(database: Path, set_params: Callable[..., None]) -> None:
    set_params(SMALL)
    train.main(["gru", "s.db", "model", "--metrics", "m.json"])
    figures = read_json(Path("m.json"))
    assert figures["train_tokens"] == 15
    assert figures["vocabulary_size"] == 5
    assert {"valid_perplexity", "test_perplexity", "test_accuracy", "unigram_perplexity", "tokens_per_second"} <= set(
        figures
    )
    assert read_json(Path("model/model.json"))["hidden_sizes"] == [4, 5]
    assert torch.load("model/weights.pt", weights_only=True)["output.weight"].shape == (5, 5)
    assert len(Path("model/curves/plots/metrics/valid_perplexity.tsv").read_text().splitlines()) >= 2
    assert sorted(path.name for path in Path("model").iterdir()) == ["curves", "model.json", "weights.pt"]


def test_a_split_without_rows_is_found_out_before_training(
    in_tmp: Path, set_params: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    build(in_tmp / "s.db", [an_article(n, [[2, 3]], "train" if n else "valid") for n in range(5)], VOCABULARY, META)
    with pytest.raises(SystemExit) as exit_:
        train.main(["gru", "s.db", "model"])
    assert exit_.value.code == 1
    errors = capsys.readouterr().err
    assert "s.db: has no test rows" in errors
    assert "epoch" not in errors
    assert not Path("model").exists()


def test_a_database_that_is_not_there(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        train.main(["gru", "s.db", "model"])
    assert capsys.readouterr().err == "train: error: s.db: not found; run `dvc repro index`\n"


@pytest.mark.parametrize("unit_length", [True, False])
def test_embeddings_are_the_input_vectors_of_the_words(
    in_tmp: Path, set_params: Callable[..., None], unit_length: bool
) -> None:
    set_params({"embeddings.unit_length": unit_length})
    weights = torch.arange(15.0).reshape(5, 3)
    Path("model").mkdir()
    torch.save({"embedding.weight": weights}, "model/weights.pt")
    write_vocabulary(Path("v.tsv"), VOCABULARY)
    embeddings.main(["gru", "model", "v.tsv", "embeddings"])
    words, vectors = load_vectors(Path("embeddings/vectors.txt"))
    assert words == ["a", "b"]
    expected = weights[2:4].numpy()
    if unit_length:
        expected = expected / np.linalg.norm(expected, axis=1, keepdims=True)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(vectors, expected, rtol=1e-6)


def test_a_model_of_another_vocabulary_is_a_clear_error(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("model").mkdir()
    torch.save({"embedding.weight": torch.zeros(7, 3)}, "model/weights.pt")
    write_vocabulary(Path("v.tsv"), VOCABULARY)
    with pytest.raises(SystemExit):
        embeddings.main(["gru", "model", "v.tsv", "embeddings"])
    assert "model: has 7 embeddings for 5 words; `dvc repro train@gru`" in capsys.readouterr().err
