import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.sample import SamplingParams
from pipeline import embeddings, train
from pipeline.batches.rows import SequenceData
from pipeline.records.models import ModelRecord, PerplexityCurves
from pipeline.run.arrays import read_tensors
from pipeline.run.outputs import read_json
from pipeline.scores.figures import perplexity
from pipeline.scores.targets import read_targets
from pipeline.settings.params import load_params
from pipeline.store.building import build
from pipeline.store.sequences import Sequences
from pipeline.trained.learnt import read_language_model
from pipeline.trained.predictions import write_sentences
from pipeline.training import job
from pipeline.training.job import Job
from pipeline.vectors.exported import read_embeddings
from tests.articles import VOCABULARY, an_article, run_train
from tests.conftest import HERE, ROOT, ErrorOf, SetParams
from tests.training.test_fit import SPLITS, perplexity_of

SMALL: dict[str, Any] = {
    "models.gru.epochs": 2,
    "models.gru.batches": {"kind": "random_rows", "tokens": 64},
    "models.gru.embedding_size": 3,
    "models.gru.hidden_sizes": [4, 5],
}


@pytest.fixture
def database(in_tmp: Path) -> Path:
    articles = [an_article(n, [[2, 2, 3], [4, 2]], SPLITS.get(n, "train")) for n in range(5)]
    build(in_tmp / "s.db", articles, VOCABULARY, 0.01)
    return in_tmp / "s.db"


def test_the_stage_writes_weights_settings_curves_and_figures(database: Path, set_params: SetParams) -> None:
    set_params(SMALL)
    run_train("gru", "s.db", "model", "--metrics", "metrics/gru.json")
    figures, times = (read_json(Path(kind, "gru.json")) for kind in ("metrics", "timings"))
    assert (figures["train_tokens"], figures["vocabulary_size"]) == (15, 5)
    assert {"valid_perplexity", "test_perplexity", "test_accuracy", "unigram_perplexity"} <= set(figures)
    assert {"seconds", "tokens_per_second", "cpu_seconds"} <= set(times)
    assert not set(figures) & set(times)
    record = ModelRecord.read(Path("model/model.json"))
    assert (record.seed, record.vocabulary_size, record.settings["hidden_sizes"]) == (1, 5, [4, 5])
    assert read_tensors(Path("model/weights.safetensors"))["output.weight"].shape == (5, 5)
    curves = PerplexityCurves.read(Path("model/curves.json"))
    assert len(curves.train_perplexity) == len(curves.valid_perplexity) == 2
    assert min(curves.valid_perplexity) == pytest.approx(figures["valid_perplexity"], rel=1e-6)
    for split in ("valid", "test"):
        found = perplexity(np.load(f"model/{split}_scores.npy"), read_targets(Sequences(database), split))
        assert found == figures[f"{split}_perplexity"]
    assert np.load("model/target_counts.npy")[2:].sum() == 15
    files = ["curves.json", "guesses.json", "model.json", "sentences.json", "target_counts.npy"]
    files += ["test_scores.npy", "valid_scores.npy", "weights.safetensors"]
    assert sorted(path.name for path in Path("model").iterdir()) == files
    assert not list(Path().glob(".*"))
    written = read_json(Path("model/sentences.json"))
    sentences = write_sentences(read_language_model(Path("model")), record, VOCABULARY, 3, 30, SamplingParams(), seed=1)
    assert written == {"seed": 1, "sentences": [VOCABULARY.text(ids) for ids in sentences]}


KINDS: list[dict[str, Any]] = [
    {"unit": {"kind": "elman", "activation": "relu"}, "learn_initial_state": True},
    {"unit": "rated", "activation_penalty": 1.0, "average_decay": 0.5},
    {"unit": {"kind": "gru", "reset_after": False}, "hidden_sizes": [3], "tie_weights": True},
    {"unit": {"kind": "lstm", "peepholes": True}, "loss": {"kind": "adaptive", "cutoffs": [1, 3]}},
    {"unit": "lstm", "bfloat16": True, "optimizer": "sgd"},
    {"unit": {"kind": "gru", "mogrifier": 3}, "dropout": {"weights": 0.5}},
    {"unit": "mingru", "learn_initial_state": True},
]


@pytest.mark.parametrize("settings", KINDS)
def test_every_kind_of_model_trains_and_gives_its_embeddings(
    database: Path, set_params: SetParams, settings: dict[str, Any]
) -> None:
    set_params(SMALL | {f"models.gru.{key}": value for key, value in settings.items()})
    run_train("gru", "s.db", "gru", "--metrics", "m.json")
    found = perplexity_of(read_language_model(Path("gru")), SequenceData(Path("s.db"), seed=1), "test")
    assert found == pytest.approx(read_json(Path("m.json"))["test_perplexity"], rel=1e-6)
    VOCABULARY.write(Path("v.tsv"))
    embeddings.main(["gru", "gru", "v.tsv", "embeddings"])
    assert len(read_embeddings(Path("embeddings")).words) == len(VOCABULARY.words)


def test_cutoffs_behind_the_last_word_are_one_line(database: Path, set_params: SetParams, error_of: ErrorOf) -> None:
    set_params(SMALL | {"models.gru.loss": {"kind": "adaptive", "cutoffs": [700]}})
    error = error_of(run_train, "gru", "s.db", "gru")
    assert "params.yaml: models.gru: loss.cutoffs is [700]; it must stay below 4: the vocabulary has 5 words" in error


@pytest.mark.parametrize("entry", ["embedding", "skipgram", "svd"])
def test_rows_of_unknown_words_alone_teach_nothing(in_tmp: Path, entry: str, error_of: ErrorOf) -> None:
    build(in_tmp / "s.db", [an_article(n, [[4, 4]], "train") for n in range(3)], VOCABULARY, 0.5)
    error = error_of(train.main, [entry, "s.db", "example.json", "model"])
    assert "train: error: s.db: its training rows hold no word but UNKNOWN; use" in error
    assert sorted(path.name for path in in_tmp.iterdir()) == ["params.yaml", "s.db"]


@pytest.fixture
def tiny(in_tmp: Path, set_params: SetParams) -> Path:
    """A folder with s.db and parameters under which a training takes a fraction of a second."""
    articles = [an_article(n, [[2, 3, 4], [3, 2], [4] * (n % 4 + 1)], SPLITS.get(n, "train")) for n in range(26)]
    build(in_tmp / "s.db", articles, VOCABULARY, 0.01)
    set_params(SMALL | {"models.gru.epochs": 3, "models.gru.batches": {"kind": "stream", "rows": 12, "steps": 4}})
    set_params({"runtime.accelerator": "cpu", "runtime.checkpoint_seconds": 0.0})
    return in_tmp


# Trains again and again in a fork that gets a signal as it names its checkpoint of that number: just before, or just
# after. Prints how each ended.
STOPPED = """
import os, signal, sys
from pathlib import Path
from pipeline import train
from pipeline.learning import language_model  # which a training imports
signal.signal(signal.SIGINT, signal.default_int_handler)  # which programs that a shell starts in the background ignore
replace = Path.replace
for number, before, sent in ((3, True, "SIGKILL"), (2, False, "SIGINT"), (5, False, "SIGKILL"), (0, False, "")):
    def replaced(path, target):
        global number
        number -= 1
        if not number and before:
            os.kill(os.getpid(), signal.Signals[sent])
        replace(path, target)
        if not number:
            os.kill(os.getpid(), signal.Signals[sent])
    if not (fork := os.fork()):
        Path.replace = replaced
        sys.exit(train.main(["gru", "s.db", "s.json", "stopped", "--metrics", "stopped.json"]))
    print(os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1]), flush=True)
"""


@pytest.mark.slow
def test_a_training_that_is_stopped_goes_on_and_ends_with_the_same_bytes(tiny: Path) -> None:
    run_train("gru", "s.db", "whole", "--metrics", "whole.json")
    process = subprocess.run([sys.executable, "-c", STOPPED], env=HERE, text=True, capture_output=True, check=True)
    assert process.stdout.split() == ["-9", "130", "-9", "0"]
    assert process.stderr.count("goes on at batch") == 3
    assert "train: interrupted" in process.stderr.splitlines()
    assert "Traceback" not in process.stderr
    for file in [path for path in Path("whole").rglob("*") if path.is_file()]:
        assert file.read_bytes() == Path("stopped", file.relative_to("whole")).read_bytes()
    assert read_json(Path("whole.json")) == read_json(Path("stopped.json"))
    assert not [path.name for path in tiny.iterdir() if path.name.startswith(".")]


def checkpoint() -> Path:
    params = load_params()
    settings, seed = params.entry("gru"), params.train.seed
    return Job("gru", settings, seed, Path("s.db"), Path("model"), params.runtime, "train", "models.gru").checkpoint()


def test_only_the_very_same_run_is_resumed(tiny: Path, set_params: SetParams, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ROOT / "pipeline/training/fit.py" in job.code_of("train")
    (code := tiny / "code/models").mkdir(parents=True)
    (code / "units.py").write_text("a = 1")
    (tiny / "code/dvc.yaml").write_text("stages: {train: {do: {deps: [data/sequences.db, models]}}}")
    monkeypatch.setattr(job, "ROOT", tiny / "code")
    monkeypatch.setattr("torch.accelerator.is_available", lambda: True)
    found = [checkpoint()]
    set_params({"runtime.workers": 2, "models.lstm.learning_rate": 1.0})
    assert checkpoint() == found[0]
    for changes in ({"train.seed": 2}, {"models.gru.schedule": "decay"}, {"runtime.accelerator": "auto"}):
        set_params(changes)
        found.append(checkpoint())
    (code / "units.py").write_text("a = 2")
    found.append(checkpoint())
    Path("s.db").unlink()
    build(tiny / "s.db", [an_article(n, [[2, 3]], "train") for n in range(3)], VOCABULARY, 0.5)
    assert len({*found, checkpoint()}) == len(found) + 1
    monkeypatch.setattr("torch.accelerator.is_available", lambda: False)
    on_cpu = checkpoint()
    set_params({"runtime.accelerator": "cpu"})
    assert checkpoint() == on_cpu


def test_a_checkpoint_stays_until_the_figures_are_written_and_those_of_other_runs_go(tiny: Path) -> None:
    Path("folder").touch()
    stale, *others = (tiny / f".{name}.0123.checkpoint" for name in ("model", "mod", "model2"))
    for path in (stale, *others):
        path.write_bytes(b"of an interrupted run")
    with pytest.raises(SystemExit):
        run_train("gru", "s.db", "model", "--metrics", "folder/m.json")
    assert [*tiny.glob(".model.*.checkpoint")]
    run_train("gru", "s.db", "model", "--metrics", "m.json")
    assert sorted(tiny.glob(".*")) == others
