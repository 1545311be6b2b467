import csv
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models.sample import Sampling
from pipeline import embeddings, train
from pipeline.batches.rows import SequenceData
from pipeline.run.outputs import read_json
from pipeline.scores.figures import perplexity
from pipeline.scores.targets import read_targets
from pipeline.settings import load_params
from pipeline.store.building import build
from pipeline.store.joining import join_words
from pipeline.store.sequences import Sequences
from pipeline.training import job
from pipeline.training.job import Job
from pipeline.training.learnt import read_language_model
from pipeline.training.written import write_sentences
from pipeline.vectors.exported import read_embeddings
from tests.articles import VOCABULARY, an_article
from tests.conftest import HERE, ROOT, ErrorOf, SetParams
from tests.training.test_fit import SPLITS, perplexity_of

ONE_ROW = {"kind": "sentences", "tokens": 6}
SMALL: dict[str, Any] = {
    "models.gru.epochs": 2,
    "models.gru.batches": {"kind": "sentences", "tokens": 64},
    "models.gru.embedding_size": 3,
    "models.gru.hidden_sizes": [4, 5],
}


@pytest.fixture
def database(in_tmp: Path) -> Path:
    return a_corpus(in_tmp, 0.01).sequences.path


def a_corpus(folder: Path, end_fraction: float) -> SequenceData:
    articles = [an_article(n, [[2, 2, 3], [4, 2]], SPLITS.get(n, "train")) for n in range(5)]
    build(folder / "s.db", articles, VOCABULARY, end_fraction)
    return SequenceData(folder / "s.db", seed=1)


def test_end_is_counted_as_often_as_it_is_a_target(in_tmp: Path) -> None:
    assert a_corpus(in_tmp, 0.0).target_counts().tolist() == [0, 0, 9, 3, 3]
    (in_tmp / "s.db").unlink()
    assert a_corpus(in_tmp, 1.0).target_counts().tolist() == [0, 6, 9, 3, 3]


def test_the_stage_writes_weights_settings_curves_and_figures(database: Path, set_params: SetParams) -> None:
    set_params(SMALL)
    train.main(["gru", "s.db", "model", "--metrics", "metrics/gru.json"])
    figures, times = read_json(Path("metrics/gru.json")), read_json(Path("timings/gru.json"))
    assert figures["train_tokens"] == 15
    assert figures["vocabulary_size"] == 5
    assert {"valid_perplexity", "test_perplexity", "test_accuracy", "unigram_perplexity"} <= set(figures)
    assert {"seconds", "tokens_per_second", "cpu_seconds"} <= set(times)
    assert not set(figures) & set(times)
    record = read_json(Path("model/model.json"))
    assert (record["seed"], record["vocabulary_size"], record["settings"]["hidden_sizes"]) == (1, 5, [4, 5])
    assert torch.load("model/weights.pt", weights_only=True)["output.weight"].shape == (5, 5)
    epochs = list(csv.DictReader(Path("model/curves.tsv").read_text().splitlines(), delimiter="\t"))
    assert [int(row["epoch"]) for row in epochs] == list(range(1, 1 + len(epochs)))
    assert min(float(row["valid_perplexity"]) for row in epochs) == pytest.approx(figures["valid_perplexity"], rel=1e-6)
    for split in ("valid", "test"):
        targets = read_targets(Sequences(database), split)
        scores = np.load(f"model/{split}_scores.npy")
        assert perplexity(scores, targets) == figures[f"{split}_perplexity"]
    assert np.load("model/target_counts.npy")[2:].sum() == 15
    files = ["curves.tsv", "model.json", "sentences.json", "target_counts.npy", "test_scores.npy"]
    assert sorted(path.name for path in Path("model").iterdir()) == [*files, "valid_scores.npy", "weights.pt"]
    assert not list(Path().glob(".*"))
    written = read_json(Path("model/sentences.json"))
    model = read_language_model(Path("model"))
    sentences = write_sentences(model, record, VOCABULARY, 3, 30, Sampling(), seed=written["seed"])
    assert written == {"seed": 1, "sentences": [join_words(words) for words in sentences]}
    assert {word for words in sentences for word in words} <= {"a", "b"}


@pytest.mark.parametrize(
    "settings",
    [
        {"unit": {"kind": "elman", "activation": "relu"}, "learn_initial_state": True},
        {"unit": "rated", "activation_penalty": 1.0, "average_decay": 0.5},
        {"unit": {"kind": "gru", "reset_after": False}, "tie_weights": True, "embedding_size": 5},
        {
            "unit": {"kind": "lstm", "peepholes": True},
            "hidden_sizes": [4, 16],
            "loss": {"kind": "adaptive", "cutoffs": [1, 3]},
        },
        {"unit": "lstm", "bfloat16": True, "optimizer": "sgd"},
        {"unit": {"kind": "gru", "mogrifier": 3}, "hidden_sizes": [4, 3], "dropout.weights": 0.5},
        {"unit": "mingru", "hidden_sizes": [4, 3], "learn_initial_state": True},
    ],
)
def test_every_kind_of_model_trains_and_gives_its_embeddings(
    database: Path, set_params: SetParams, settings: dict[str, Any]
) -> None:
    changes = {f"models.gru.{key}": value for key, value in settings.items()}
    set_params(SMALL | changes)
    train.main(["gru", "s.db", "gru", "--metrics", "m.json"])
    assert math.isfinite(read_json(Path("m.json"))["test_perplexity"])
    data = SequenceData(Path("s.db"), seed=1)
    again = read_language_model(Path("gru"))
    assert perplexity_of(again, data, "test") == pytest.approx(read_json(Path("m.json"))["test_perplexity"], rel=1e-6)
    VOCABULARY.write(Path("v.tsv"))
    embeddings.main(["gru", "gru", "v.tsv", "embeddings"])
    assert len(read_embeddings(Path("embeddings")).words) == len(VOCABULARY.words)


def test_cutoffs_behind_the_last_word_are_one_line(database: Path, set_params: SetParams, error_of: ErrorOf) -> None:
    set_params(SMALL | {"models.gru.loss": {"kind": "adaptive", "cutoffs": [700]}})
    error = error_of(train.main, ["gru", "s.db", "gru"]).splitlines()[-1]
    assert error == (
        "train: error: params.yaml: models.gru: loss.cutoffs is [700]; it must stay below 4: the vocabulary has 5 words"
    )


def test_a_split_without_rows_is_found_out_before_training(
    in_tmp: Path, set_params: SetParams, error_of: ErrorOf
) -> None:
    build(in_tmp / "s.db", [an_article(n, [[2, 3]], "train" if n else "valid") for n in range(5)], VOCABULARY, 0.5)
    errors = error_of(train.main, ["gru", "s.db", "model"])
    assert "s.db: the test split, which takes whole articles, has no words" in errors
    assert "epoch" not in errors
    assert not Path("model").exists()


@pytest.mark.parametrize("entry", ["embedding", "skipgram", "svd"])
def test_rows_of_unknown_words_alone_teach_nothing(in_tmp: Path, entry: str, error_of: ErrorOf) -> None:
    build(in_tmp / "s.db", [an_article(n, [[4, 4]], "train") for n in range(3)], VOCABULARY, 0.5)
    error = error_of(train.main, [entry, "s.db", "model"])
    assert "train: error: s.db: its training rows hold no word but UNKNOWN; use" in error
    assert sorted(path.name for path in in_tmp.iterdir()) == ["params.yaml", "s.db"]


def test_a_database_that_is_not_there(in_tmp: Path, error_of: ErrorOf) -> None:
    assert error_of(train.main, ["gru", "s.db", "model"]) == "train: error: s.db: not found; run `dvc repro index`\n"


@pytest.fixture
def tiny(in_tmp: Path, set_params: SetParams) -> Path:
    """A folder with s.db and parameters under which a training takes a fraction of a second."""
    articles = [an_article(n, [[2, 3, 4], [3, 2], [4] * (n % 4 + 1)], SPLITS.get(n, "train")) for n in range(26)]
    build(in_tmp / "s.db", articles, VOCABULARY, 0.01)
    set_params(
        {
            "models.gru.epochs": 3,
            "models.gru.batches": {"kind": "sentences", "tokens": 64},
            "models.gru.embedding_size": 4,
            "models.gru.hidden_sizes": [4],
            "models.gru.dropout.output": 0.3,
            "runtime.accelerator": "cpu",
            "runtime.checkpoint_seconds": 0.0,
        }
    )
    return in_tmp


def run(module: str, *arguments: str, **variables: str) -> str:
    """Run a module in a process of its own; returns what it printed."""
    return subprocess.run(
        [sys.executable, "-m", module, *arguments], env=HERE | variables, text=True, capture_output=True, check=True
    ).stdout


@pytest.mark.slow
def test_a_training_killed_at_twelve_moments_goes_on_and_ends_with_the_same_bytes(
    tiny: Path, set_params: SetParams
) -> None:
    set_params({"models.gru.batches": {"kind": "stream", "rows": 12, "steps": 4}})
    outcome = json.loads(run("tests.training.killing", "12", "1", OMP_NUM_THREADS="1"))
    assert outcome["killed"] == 12
    assert len(outcome["weights"]) == 1
    log = Path("killed.log").read_text()
    assert log.count("goes on at batch") == outcome["resumed"] > 8
    assert "Traceback" not in log
    files = [path.relative_to("whole") for path in Path("whole").rglob("*") if path.is_file()]
    assert all(Path("whole", file).read_bytes() == Path("killed", file).read_bytes() for file in files)
    whole, killed = (read_json(Path(f"{name}.json")) for name in ("whole", "killed"))
    assert whole == killed
    assert not [path.name for path in tiny.iterdir() if path.name.startswith(".")]


def checkpoint() -> Path:
    params = load_params()
    settings, seed = params.entry("gru"), params.train.seed
    trained = Job("gru", settings, seed, Path("s.db"), Path("model"), params.runtime, stage="train", key="models.gru")
    return trained.checkpoint()


@pytest.mark.parametrize("change", ["seed", "model", "data", "code", "nothing"])
def test_only_the_very_same_run_is_resumed(
    tiny: Path, set_params: SetParams, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    code = tiny / "code/models"
    code.mkdir(parents=True)
    (code / "units.py").write_text("a = 1")
    (tiny / "code/dvc.yaml").write_text("stages: {train: {do: {deps: [data/sequences.db, models]}}}")
    monkeypatch.setattr(job, "ROOT", tiny / "code")
    before = checkpoint()
    if change == "seed":
        set_params({"train.seed": 2})
    elif change == "model":
        set_params({"models.gru.schedule": "decay"})
    elif change == "data":
        build(tiny / "s2.db", [an_article(n, [[2, 3]], "train") for n in range(3)], VOCABULARY, 0.5)
        (tiny / "s2.db").replace("s.db")
    elif change == "code":
        (code / "units.py").write_text("a = 2")
    set_params({"runtime.workers": 2, "models.lstm.learning_rate": 1.0})  # neither concerns the run
    assert (checkpoint() == before) == (change == "nothing")


def test_a_run_is_not_resumed_on_another_device(
    tiny: Path, set_params: SetParams, monkeypatch: pytest.MonkeyPatch
) -> None:
    def on(accelerator: str, *, gpu: bool) -> Path:
        monkeypatch.setattr("torch.accelerator.is_available", lambda: gpu)
        set_params({"runtime.accelerator": accelerator})
        return checkpoint()

    assert on("auto", gpu=False) == on("cpu", gpu=True) != on("auto", gpu=True) == on("gpu", gpu=True)


def test_the_code_of_a_checkpoint_is_what_dvc_yaml_lists() -> None:
    code = {path.relative_to(ROOT).as_posix() for path in job.code_of("train")}
    assert {"pipeline/train.py", "models/losses.py", "pipeline/training/fit.py", "pipeline/batches/rows.py"} <= code
    assert not any(path.startswith(("pipeline/page", "wikilm/commands", "tests")) for path in code)


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
    assert [*tiny.glob(".model.*.checkpoint")]
    train.main(["gru", "s.db", "model", "--metrics", "m.json"])
    assert not [*tiny.glob(".model.*")]
