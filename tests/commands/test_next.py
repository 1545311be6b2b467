"""`wikilm next` and `wikilm shell`."""

import contextlib
import io
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from models.language_model import LanguageModel
from pipeline.store.vocabulary import Vocabulary
from pipeline.training.learnt import WEIGHTS, read_language_model, read_tensors, write_tensors
from tests.commands.conftest import Ask, Refused
from tests.conftest import SetParams


def test_the_likeliest_words_are_listed_with_their_probabilities(run: Path, ask: Ask) -> None:
    printed, note = ask("next", "The king", "--top", "3")
    found = json.loads(ask("next", "the", "king", "--top", "3", "--json")[0])
    assert found["prompt"] == ["the", "king"]
    shown = [f"{each['word']} {each['probability']:.1%}" for each in found["words"]]
    assert [" ".join(line.split()) for line in printed.splitlines()] == shown
    assert note.startswith("gru (validation perplexity ")
    assert note.endswith(f"UNKNOWN {found['unknown']:.1%}, the sentence ends {found['end']:.1%}\n")
    assert len(json.loads(ask("next", "--json")[0])["words"]) == 10


def test_a_mistake_is_an_error_of_one_line(run: Path, refused: Refused) -> None:
    assert refused("next", "kings") == "not among the 20 words of gru: 'kings' (nearest in spelling: king)"
    assert refused("next", "the", "--top", "0") == "--top is 0; it must be a whole number from 1 to 10000"
    assert refused("next", "the", "--model", "svd").startswith("svd: is of kind svd")


def test_settings_without_a_language_model_are_told(set_params: SetParams, refused: Refused) -> None:
    set_params({"models": {"svd": {"kind": "svd"}}})  # as the preset embeddings has no language model
    told = "params.yaml: models has no language model; add one, such as `gru: {unit: gru}`, and run `dvc repro`"
    assert refused("next", "the") == refused("next", "the", "--model", "svd") == told


def test_the_shell_runs_commands_and_continues_sentences(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from wikilm.__main__ import main

    loaded = []

    def read(folder: Path) -> LanguageModel:
        loaded.append(folder)
        return read_language_model(folder)

    monkeypatch.setattr("pipeline.training.learnt.read_language_model", read)
    lines = [
        "analogy king man woman --top 1",
        "",
        "The king",
        "neighbours kings",
        'next "the king" --top 10',
        "nonsense",
        "generate the",
    ]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join([*lines, "generate 'the"])))
    main(["shell"])
    printed, errors = capsys.readouterr()
    answers = printed.splitlines()
    assert len(answers) == 1 + 10 + 10 + 1
    assert answers[1:11] == answers[11:21]
    assert loaded == [Path("data/models/gru")]
    told = [line for line in errors.splitlines() if line.startswith("wikilm: error: ")]
    assert told == [
        "wikilm: error: not among the 20 words of gru: 'kings' (nearest in spelling: king)",
        "wikilm: error: not among the 20 words of gru: 'nonsense' (no word has a similar spelling)",
        "wikilm: error: generate 'the: no closing quotation",
    ]


def test_the_shell_knows_help_and_quit(run: Path, monkeypatch: pytest.MonkeyPatch, ask: Ask) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("help\nquit\nnonsense"))
    printed, errors = ask("shell")
    assert "\n    analogy " in printed
    assert not errors


def test_a_text_cannot_be_read_from_where_the_shells_lines_come(
    run: Path, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"score -\nneighbours king --top 1 --model svd")))
    printed, errors = ask("shell")
    assert len(printed.splitlines()) == 1
    assert errors.startswith("wikilm: error: score -: stdin has the shell's own lines; give the name of a file\n")


def test_json_holds_for_each_line_of_the_shell(run: Path, monkeypatch: pytest.MonkeyPatch, ask: Ask) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("neighbours --top 1 -- king"))
    assert len(json.loads(ask("shell", "--json")[0])["words"]) == 1


Told = Callable[[Iterator[str]], tuple[str, str]]


@pytest.fixture
def told(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Told:
    """A function that types lines into the shell, in a copy of the run that they may change; what it then printed."""
    from wikilm.__main__ import main

    shutil.copytree(run, tmp_path / "run")
    monkeypatch.chdir(tmp_path / "run")

    def typed(lines: Iterator[str]) -> tuple[str, str]:
        monkeypatch.setattr("builtins.input", lambda prompt: next(lines, "exit"))
        main(["shell"])
        printed, errors = capsys.readouterr()
        return printed, errors

    return typed


def test_the_shell_reads_the_settings_anew_for_each_line(told: Told) -> None:
    params = Path("params.yaml")

    def lines() -> Iterator[str]:
        yield "neighbours king --model svd"
        content = YAML(typ="safe").load(params)
        del content["models"]["svd"]
        YAML().dump(content, params)
        yield "odd king man woman --model svd"

    printed, errors = told(lines())
    assert printed.splitlines()
    assert "models has no 'svd'" in errors.splitlines()[-1]


def test_the_shell_loads_a_model_again_that_was_trained_again(told: Told) -> None:
    weights, new = Path("data/models/gru") / WEIGHTS, Path("data/new")

    def lines() -> Iterator[str]:
        yield "next the king --model gru --json"
        write_tensors(new, {name: tensor * 0 for name, tensor in read_tensors(weights).items()})
        new.replace(weights)
        yield "next the king --model gru --json"

    answers = told(lines())[0].split("\n}\n")[:-1]
    before, after = ({each["probability"] for each in json.loads(answer + "}")["words"]} for answer in answers)
    assert len(before) > 1
    assert len(after) == 1


def test_the_shell_compares_a_models_vocabulary_again_when_the_text_was_indexed_again(told: Told) -> None:
    database, new = Path("data/sequences.db"), Path("data/new")

    def lines() -> Iterator[str]:
        yield "next the --model gru --json"
        shutil.copy(database, new)
        with contextlib.closing(sqlite3.connect(new)) as changed, changed:
            changed.execute("UPDATE vocabulary SET word = 'kong' WHERE word = 'king'")
            entries = changed.execute("SELECT word, count FROM vocabulary ORDER BY id").fetchall()
            fingerprint = Vocabulary(entries).fingerprint
            changed.execute("UPDATE meta SET value = ? WHERE key = 'vocabulary'", (fingerprint,))
        new.replace(database)
        yield "next the --model gru --json"

    printed, errors = told(lines())
    assert json.loads(printed)["words"]
    assert "was trained with another vocabulary" in errors.splitlines()[-1]
