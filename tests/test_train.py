import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models.language_model import LanguageModel
from pipeline import embeddings, train
from pipeline.batches.rows import SequenceData
from pipeline.run.outputs import read_json
from pipeline.settings import load_params
from pipeline.store.sequences import build
from pipeline.store.vocabulary import write_vocabulary
from pipeline.training import resume
from pipeline.training.language_model import unigram_perplexity
from pipeline.vectors.exported import read_embeddings
from tests.conftest import ROOT
from tests.store.test_sequences import META, VOCABULARY, an_article

SPLITS = {0: "valid", 1: "test"}
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
    counts = data.target_counts()
    assert counts.tolist() == [0, 0, 9, 3, 3]
    # One more for each of the five ids: 10, 4 and 4 of 20. The test article is [2, 2, 3], [4, 2].
    by_hand = math.exp(-(3 * math.log(10 / 20) + 2 * math.log(4 / 20)) / 5)
    assert unigram_perplexity(data, counts, "test") == pytest.approx(by_hand)


def test_end_counts_for_the_unigram_as_often_as_it_is_a_target(database: Path) -> None:
    data = SequenceData(database, batch_tokens=64, end_fraction=1.0, seed=1)
    counts = data.target_counts()
    assert counts.tolist() == [0, 6, 9, 3, 3]
    # Six training sequences, each with an END: 7 of 26.
    by_hand = math.exp(-(3 * math.log(10 / 26) + 2 * math.log(4 / 26) + 2 * math.log(7 / 26)) / 7)
    assert unigram_perplexity(data, counts, "test") == pytest.approx(by_hand)


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
    header, *epochs = Path("model/curves/plots/metrics/valid_perplexity.tsv").read_text().splitlines()
    assert header == "step\tvalid_perplexity"
    assert [int(line.split("\t")[0]) for line in epochs] == list(range(1, 1 + len(epochs)))
    assert figures["valid_perplexity"] in [float(line.split("\t")[1]) for line in epochs]
    assert read_json(Path("model/train.json"))["end_fraction"] == load_params().train.end_fraction
    assert np.load("model/target_counts.npy")[2:].sum() == 15
    files = ["curves", "model.json", "target_counts.npy", "train.json", "weights.pt"]
    assert sorted(path.name for path in Path("model").iterdir()) == files


def perplexity_of(model: LanguageModel, data: SequenceData) -> float:
    """By hand, on the test split."""
    scores = [model.output.score(model.contexts(batch), batch.targets) for batch in data.loader("test")]
    return math.exp(sum(score.loss.item() for score in scores) / sum(int(score.words) for score in scores))


@pytest.mark.parametrize(
    "settings",
    [
        {"unit": "elman", "activation": "relu", "learn_initial_state": True},
        {"unit": "rated", "loss": {"kind": "sampled", "negatives": 3}},
        {"unit": "gru", "reset_after": False, "tie_weights": True, "embedding_size": 5},
        {"unit": "lstm", "peepholes": True, "hidden_sizes": [4, 16], "loss": {"kind": "adaptive", "cutoffs": [2, 4]}},
        {"unit": "lstm", "path": "torch", "loss": {"kind": "exact", "bfloat16": True}},
    ],
)
def test_every_kind_of_model_trains_and_gives_its_embeddings(
    database: Path, set_params: Callable[..., None], settings: dict[str, Any]
) -> None:
    vectors = "input" if settings.get("loss", {}).get("kind") == "adaptive" else "both"
    changes = {f"language_models.gru.{key}": value for key, value in settings.items()}
    set_params(SMALL | changes | {"embeddings.vectors": vectors})
    train.main(["gru", "s.db", "gru", "--metrics", "m.json"])
    assert math.isfinite(read_json(Path("m.json"))["test_perplexity"])
    again = LanguageModel(**read_json(Path("gru/model.json")), counts=torch.ones(5))
    again.load_state_dict(torch.load("gru/weights.pt", weights_only=True))
    data = SequenceData(Path("s.db"), batch_tokens=64, end_fraction=load_params().train.end_fraction, seed=1)
    assert perplexity_of(again.eval(), data) == pytest.approx(read_json(Path("m.json"))["test_perplexity"], rel=1e-6)
    write_vocabulary(Path("v.tsv"), VOCABULARY)
    embeddings.main(["gru", "gru", "v.tsv", "embeddings"])
    assert len(read_embeddings(Path("embeddings")).words) == len(VOCABULARY) - 3


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"path": "torch", "reset_after": False}, "torch.nn has no such unit; choose auto, loop or reference"),
        ({"loss": {"kind": "adaptive", "cutoffs": [700]}}, "cutoffs should be"),
        (
            {"loss": {"kind": "adaptive", "cutoffs": [1, 2, 3]}},
            "cutoffs: 3 clusters need a last layer of 64 or more, not 5",
        ),
    ],
)
def test_settings_that_do_not_go_together_are_one_line(
    database: Path,
    set_params: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
    settings: dict[str, Any],
    message: str,
) -> None:
    changes = {f"language_models.gru.{key}": value for key, value in settings.items()}
    set_params(SMALL | changes | {"embeddings.vectors": "input"})
    with pytest.raises(SystemExit) as exit_:
        train.main(["gru", "s.db", "gru"])
    assert exit_.value.code == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("train: error: params.yaml: language_models.gru: ")
    assert message in error


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


@pytest.mark.parametrize("entry", ["embedding", "skipgram", "svd"])
def test_rows_of_unknown_words_alone_teach_nothing(
    in_tmp: Path, entry: str, capsys: pytest.CaptureFixture[str]
) -> None:
    build(in_tmp / "s.db", [an_article(n, [[4, 4]], "train") for n in range(3)], VOCABULARY, META)
    with pytest.raises(SystemExit) as exit_:
        train.main([entry, "s.db", "model"])
    assert exit_.value.code == 1
    assert "train: error: s.db: its training rows hold no word but UNKNOWN; use" in capsys.readouterr().err
    assert sorted(path.name for path in in_tmp.iterdir()) == ["params.yaml", "s.db"]


def test_a_database_that_is_not_there(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        train.main(["gru", "s.db", "model"])
    assert capsys.readouterr().err == "train: error: s.db: not found; run `dvc repro index`\n"


@pytest.fixture
def tiny(in_tmp: Path, set_params: Callable[..., None]) -> Path:
    """A folder with s.db and parameters under which a training takes a fraction of a second."""
    articles = [an_article(n, [[2, 3, 4], [3, 2], [4] * (n % 4 + 1)], SPLITS.get(n, "train")) for n in range(26)]
    build(in_tmp / "s.db", articles, VOCABULARY, META)
    set_params(
        {
            "train.epochs": 3,
            "train.batch_tokens": 64,
            "train.stream_rows": 12,
            "train.bptt": 4,
            "language_models.gru.embedding_size": 4,
            "language_models.gru.hidden_sizes": [4],
            "language_models.gru.dropout.output": 0.3,
            "runtime.accelerator": "cpu",
            "runtime.checkpoint_seconds": 0.0,
        }
    )
    return in_tmp


def run(module: str, *arguments: str, **variables: str) -> str:
    """Run a module in a process of its own; returns what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(
        [sys.executable, "-m", module, *arguments], env=environment, text=True, capture_output=True, check=True
    ).stdout


@pytest.mark.slow
def test_a_training_killed_at_thirty_moments_goes_on_and_ends_with_the_same_bytes(
    tiny: Path, set_params: Callable[..., None]
) -> None:
    set_params({"train.draw": "stream"})
    outcome = json.loads(run("tests.training.killing", "30", "1", OMP_NUM_THREADS="1"))
    assert outcome["killed"] == 30
    assert len(outcome["weights"]) == 1
    log = Path("killed.log").read_text()
    assert log.count("goes on at batch") == outcome["resumed"] > 20
    assert "Traceback" not in log
    files = [path.relative_to("whole") for path in Path("whole").rglob("*") if path.is_file()]
    assert all(Path("whole", file).read_bytes() == Path("killed", file).read_bytes() for file in files)
    whole, killed = (read_json(Path(f"{name}.json")) for name in ("whole", "killed"))
    timeless = {"seconds": 0, "tokens_per_second": 0, "cpu_seconds": 0}
    assert whole | timeless == killed | timeless
    assert not [path.name for path in tiny.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("change", ["parameter", "model", "data", "code", "nothing"])
def test_only_the_very_same_run_is_gone_on_with(
    tiny: Path, set_params: Callable[..., None], monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    def path() -> Path:
        params = load_params()
        return resume.checkpoint_path(Path("model"), Path("s.db"), params.train, params.language_model("gru"))

    code = tiny / "code/models"
    code.mkdir(parents=True)
    (code / "units.py").write_text("a = 1")
    monkeypatch.setattr(resume, "ROOT", tiny / "code")
    before = path()
    if change == "parameter":
        set_params({"train.end_fraction": 0.02})
    elif change == "model":
        set_params({"language_models.gru.schedule": {"kind": "decay", "rate": 0.9}})
    elif change == "data":
        build(tiny / "s2.db", [an_article(n, [[2, 3]], "train") for n in range(3)], VOCABULARY, META)
        (tiny / "s2.db").replace("s.db")
    elif change == "code":
        (code / "units.py").write_text("a = 2")
    set_params({"runtime.loader_workers": 1, "language_models.lstm.learning_rate": 1.0})  # neither concerns the run
    assert (path() == before) == (change == "nothing")


def test_checkpoints_of_other_runs_of_a_model_are_removed(tiny: Path) -> None:
    stale, others = Path(".model.0123.checkpoint"), [Path(".model2.0123.checkpoint"), Path(".mod.0123.checkpoint")]
    for path in (stale, *others):
        path.write_bytes(b"of an interrupted run")
    train.main(["gru", "s.db", "model"])
    assert sorted(tiny.glob(".*")) == sorted(tiny / path for path in others)


def test_a_checkpoint_stays_until_the_figures_are_written(tiny: Path) -> None:
    Path("folder").touch()
    with pytest.raises(SystemExit):
        train.main(["gru", "s.db", "model", "--metrics", "folder/m.json"])
    (checkpoint,) = tiny.glob(".model.*")
    train.main(["gru", "s.db", "model", "--metrics", "m.json"])
    assert not checkpoint.exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "how",
    [
        {"train.batch_tokens": 10_000},
        {"train.draw": "stream", "train.stream_rows": 5},
        # Batches of a row or two: one process often has none, or none of a cluster. As many negatives as words: exact.
        {"train.batch_tokens": 6, "language_models.gru.loss": {"kind": "sampled", "negatives": 5}},
        {
            "train.batch_tokens": 6,
            "embeddings.vectors": "input",
            "language_models.gru.loss": {"kind": "adaptive", "cutoffs": [2, 4]},
            "language_models.gru.hidden_sizes": [16],
        },
    ],
    ids=["one step", "a stream", "sampled", "adaptive"],
)
def test_two_processes_train_as_one_does_on_their_batches_together(
    tiny: Path, set_params: Callable[..., None], how: dict[str, Any]
) -> None:
    """Under gloo; with a learning rate of 1 one step moves the weights by the gradient."""
    plain = {"optimizer": "sgd", "learning_rate": 1.0, "momentum": 0.0, "gradient_clip": 0.0, "dropout.output": 0.0}
    set_params({"train.epochs": 1} | how | {f"language_models.gru.{key}": value for key, value in plain.items()})
    train.main(["gru", "s.db", "one", "--metrics", "one.json"])
    set_params({"runtime.devices": 2})
    run("pipeline.train", "gru", "s.db", "two", "--metrics", "two.json")
    one, two = (torch.load(f"{name}/weights.pt", weights_only=True) for name in ("one", "two"))
    for name in one:
        torch.testing.assert_close(one[name], two[name], atol=1e-6, rtol=0)
    one, two = (read_json(Path(f"{name}.json")) for name in ("one", "two"))
    timeless = {"seconds": 0, "tokens_per_second": 0, "cpu_seconds": 0}
    assert two | timeless == pytest.approx(one | timeless, rel=1e-6)
    assert not list(tiny.glob(".*"))
