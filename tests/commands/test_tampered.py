"""Tampered files of a run, read by commands: the harness `benchmarks.faults.tampered` in small."""

import contextlib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
import torch

from benchmarks.faults.project import Ended
from benchmarks.faults.tampered import READERS, Reader, problems, tamper_with
from benchmarks.faults.tampering import ways
from pipeline import embeddings
from pipeline.__main__ import main
from pipeline.embeddings import word_matrices
from pipeline.experiments.verse.poems import read_poems
from pipeline.run.console import UserError
from pipeline.run.outputs import read_json
from pipeline.store.vocabulary import Vocabulary
from pipeline.vectors.exported import read_embeddings
from tests.commands.conftest import Ask, Refused

COMMANDS = [reader for reader in READERS if reader.command.startswith("wikilm")]


@pytest.fixture(scope="module")
def whole(made_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of a small run, with vectors that `wikilm pack` wrote."""
    copy = Path(shutil.copytree(made_run, tmp_path_factory.mktemp("whole") / "run"))
    with contextlib.chdir(copy):
        main(["pack", "gru", "packed.npz", "--source", "tests", "--licence", "CC0"])
    return copy


@pytest.mark.parametrize("reader", COMMANDS, ids=lambda reader: f"{reader.files}: {reader.command}")
def test_a_tampered_file_is_named_or_does_no_harm(
    whole: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    reader: Reader,
) -> None:
    chance = Random(reader.files)
    paths = sorted(path.relative_to(whole) for path in whole.glob(reader.files))
    wrong = []
    for name, tamper in ways(paths[0]).items():
        path, project = chance.choice(paths), tmp_path / name.replace("/", "")
        tamper_with(whole, project, reader, path, tamper, chance)
        monkeypatch.chdir(project)
        code = 0
        try:
            main(reader.command.split()[1:])
        except SystemExit as exit_:
            code = int(exit_.code or 0)
        except Exception as error:
            wrong.append(f"{name}: {type(error).__name__}: {error}")
        wrong += [f"{name}: {each}" for each in problems(project, path, Ended(code, "".join(capfd.readouterr())))]
    assert wrong == []


def test_a_flipped_bit_of_weights_is_found(copied: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    path = copied / "models/gru/weights.pt"
    content, weights = bytearray(path.read_bytes()), torch.load(path, weights_only=True)
    content[content.find(weights["embedding.weight"].numpy().tobytes()) + 40] ^= 1
    path.write_bytes(content)
    monkeypatch.chdir(copied.parent)
    again = "run `dvc repro`, which makes it again"
    damaged = r"data/models/gru/weights\.pt: is damaged \(ValueError: the checksum of .* differs\); " + again
    assert re.fullmatch(damaged, refused("next", "the"))
    with pytest.raises(UserError, match=damaged):
        word_matrices("gru", Path("data/models/gru"), len(Vocabulary.read(Path("data/vocabulary.tsv"))))


def test_vectors_of_another_vocabulary_are_found(
    copied: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(copied.parent)
    path = Path("data/vocabulary.tsv")
    path.write_text(path.read_text().replace("king", "ping"))
    with pytest.raises(SystemExit):
        embeddings.main(["gru", "data/models/gru", str(path), "data/embeddings/gru"])
    told = "data/models/gru: was trained with another vocabulary than data/vocabulary.tsv; run `dvc repro train@gru`"
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda vectors: vectors[1:], "output.npy has float32 .* for the .* words"),
        (lambda vectors: vectors[0], "output.npy has float32 .* for the .* words"),
        (lambda vectors: vectors.astype(int), "output.npy has int64 .* for the .* words"),
        (lambda vectors: vectors * np.nan, "output.npy has .* vectors that are not finite numbers"),
    ],
)
def test_vectors_that_do_not_fit_their_words_are_found(
    copied: Path, change: Callable[[np.ndarray], np.ndarray], problem: str
) -> None:
    path = copied / "embeddings/gru/output.npy"
    np.save(path, change(np.load(path)))
    with pytest.raises(UserError, match=rf"embeddings/gru: is damaged \(ValueError: {problem}\)"):
        read_embeddings(path.parent)


def test_poems_that_are_no_text_are_found(tmp_path: Path) -> None:
    path = tmp_path / "poems.jsonl"
    path.write_text('{"poet": "ann", "poem": 0, "title": null, "stanzas": [["A line.", 3]]}\n')
    with pytest.raises(UserError, match=r"poems\.jsonl: is damaged \(ValueError: poem 1 has lines that are no text\)"):
        read_poems(path)


@pytest.mark.parametrize(
    ("file", "change", "command"),
    [
        ("metrics/train/gru.json", {"valid_perplexity": "text"}, ("models",)),
        ("metrics/train/gru.json", {"test_perplexity": None}, ("next", "the")),
        ("models/gru/model.json", {"settings": ["text"]}, ("models",)),
        ("models/gru/model.json", {"settings": {"hidden_sizes": -1}}, ("models",)),
    ],
)
def test_a_value_of_another_type_is_named(
    copied: Path, refused: Refused, file: str, change: dict[str, Any], command: tuple[str, ...]
) -> None:
    path = copied / file
    path.write_text(json.dumps(read_json(path) | change))
    assert refused(*command, "--data", str(copied)).startswith(f"{path}: is damaged (")


def test_a_language_that_is_no_text_does_no_harm(copied: Path, ask: Ask) -> None:
    (copied / "articles.json").write_text('{"language": [], "wiki": 3}')
    assert "3" in ask("stats", "--data", str(copied))[0]
    assert ask("neighbours", "the", "--data", str(copied))[0]
