"""A small run, made by the stages themselves: twelve articles, a language model and counted vectors."""

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline import analogies, embeddings
from pipeline.vectors.exported import ExportedVectors, write_embeddings
from pipeline.words.splits import split_of
from tests.conftest import ROOT, ErrorOf, change_params
from tests.picture import PICTURE
from tests.to_page import to_example, train_model
from wikilm.__main__ import main

SMALL: dict[str, Any] = {
    "vocabulary.size": 22,
    "models.embedding.start": "random",
    "index": {"valid_fraction": 0.3, "test_fraction": 0.3, "end_fraction": 0.5},
    "models.gru": {"embedding_size": 6, "hidden_sizes": [5, 4], "epochs": 2},
    "models.gru.batches": {"kind": "random_rows", "tokens": 64},
    "models.svd": {"kind": "svd", "embedding_size": 8, "subsample": 0.0},
}
TEXT = """The king rules the land. A man works, and a woman works.
The queen rules the sea {n} times. So! Men and women, the boy and the girl: all {word} the king.
In {n} days the {word} woman saw the king, the man and the land."""
ODD = ("saw", "feared", "loved")
QUESTION = "man king woman queen\n"


def text_of(number: int) -> str:
    """The prose of an article; some of its words are too rare for the vocabulary."""
    return TEXT.format(n=number, word=ODD[number % len(ODD)])


def held_out_text() -> str:
    """The prose of the articles of the test split, in order."""
    return "\n".join(text_of(n) for n in range(12) if split_of(n, 0.3, 0.3) == "test")


@pytest.fixture(scope="session")
def made_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with params.yaml, dvc.yaml and the data/ of the stages up to analogies, for two models of the six."""
    return make_run(tmp_path_factory.mktemp("run"), SMALL)


@pytest.fixture(scope="session")
def other_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that keeps capitals and punctuation marks, with 0 for each number; its `gru` adapts to the text at test."""
    as_written = {"tokens.lowercase": False, "tokens.punctuation": "keep", "tokens.digits": "zero"}
    adapting = {"models.gru.batches": {"kind": "stream", "rows": 2}, "models.gru.dynamic_evaluation": True}
    return make_run(tmp_path_factory.mktemp("other"), SMALL | as_written | adapting)


def make_run(root: Path, changes: dict[str, Any]) -> Path:
    for name in ("params.yaml", "dvc.yaml"):
        (root / name).write_bytes((ROOT / name).read_bytes())
    change_params(root / "params.yaml", changes)
    with contextlib.chdir(root):
        Path("questions").mkdir()
        Path("questions/mine.txt").write_text(QUESTION)
        to_example(map(text_of, range(12)), wiki="tinywiki", language="en")
        for name in ("gru", "svd"):
            model, vectors = f"data/models/{name}", f"data/embeddings/{name}"
            report, metrics = (f"data/{kind}/analogies/{name}.json" for kind in ("reports", "metrics"))
            train_model(name)
            embeddings.main([name, model, "data/vocabulary.tsv", vectors])
            analogies.main([name, vectors, "questions", report, "--metrics", metrics])
    return root


@pytest.fixture
def copied(made_run: Path, tmp_path: Path) -> Path:
    """The data folder of a test's own copy of a small run."""
    return shutil.copytree(made_run, tmp_path / "copied") / "data"


@pytest.fixture
def run(copied: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a test's own copy of a small run, which is the working folder."""
    monkeypatch.chdir(copied.parent)
    return copied.parent


@pytest.fixture
def other(other_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a test's own copy of the other run, which is the working folder."""
    monkeypatch.chdir(other := shutil.copytree(other_run, tmp_path / "other"))
    return other


@pytest.fixture
def picture(in_tmp: Path) -> Path:
    """The vectors of `gru` are a picture, drawn by hand, in which analogies hold."""
    vectors = np.array(list(PICTURE.values()), np.float32)
    folder = Path("data/embeddings/gru")
    folder.mkdir(parents=True)
    write_embeddings(folder, ExportedVectors(list(PICTURE), vectors, {"input": vectors}, "input", "raw"))
    return folder


Ask = Callable[..., tuple[str, str]]
Refused = Callable[..., str]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """Return a function that runs a command and returns its stdout and stderr."""

    def ask(*arguments: str) -> tuple[str, str]:
        capsys.readouterr()
        main(arguments)
        return capsys.readouterr()

    return ask


@pytest.fixture
def refused(error_of: ErrorOf) -> Refused:
    """Return a function that runs a command that fails and returns its error, which must be one line."""

    def refused(*arguments: str) -> str:
        error = error_of(main, arguments)
        assert error.count("\n") == 1
        return error.removeprefix("wikilm: error: ").rstrip("\n")

    return refused
