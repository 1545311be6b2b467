"""What all commands of `wikilm` share: help, errors, start-up, spelling."""

import contextlib
import io
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.conftest import Ask, Refused
from tests.conftest import HERE, ROOT, change_params
from wikilm import __version__
from wikilm.__main__ import main
from wikilm.commands.answer import next_step, table
from wikilm.commands.parser import COMMANDS
from wikilm.given import nearest

LOCK = "schema: '2.0'\nstages:\n  a: {cmd: a, deps: [{path: b, md5: d41d8cd98f00b204e9800998ecf8427e}]}\n"
EMPTY_OUTPUT = ".dvc/cache/files/md5/d4/1d8cd98f00b204e9800998ecf8427e"
LOST_OUTPUT = ".dvc/cache/files/md5/d4/000000000000000000000000000000"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("analogy the the kings", "not among the 20 words of gru: 'kings' (nearest in spelling: king)"),
        ("generate the --temperature 0", "--temperature is 0.0; it must be greater than or equal to 0.01; --top-k 1"),
        ("generate the -n 0", "--number is 0; it must be a whole number from 1 to 10000"),
        ("generate the --model svd", "svd: is of kind svd, trained for its vectors alone; gru, lstm can read"),
        ("generate the --model lstm", "data/models/lstm/target_counts.npy: not found; run `dvc repro train@lstm`"),
        ("generate the --data x", "x: no such folder"),
        ("generate \udcff", "'\\udcff': is not UTF-8 text"),
        ("pack gru v.npy --source a --licence b", "v.npy: a file of vectors must end in .npz"),
        ("pack lstm v.npz --source a --licence b", "data/embeddings/lstm/vectors.npy: not found; run `dvc repro embed"),
        ("check nope.yaml", "nope.yaml: not found; give another path"),
        ("score ", "the name of a file or folder is empty; leave it out, or give one"),
    ],
)
def test_a_mistake_is_an_error_of_one_line(run: Path, refused: Refused, line: str, problem: str) -> None:
    assert refused(*line.split(" ")).startswith(problem)


def test_without_params_yaml_an_error_says_where_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: Refused
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in ("models", "analogy a b c", "generate a --model gru", "poem"):
        assert refused(*command.split()) == "params.yaml: not found; run this from the folder that holds it"
    Path("gone").mkdir()
    with contextlib.chdir("gone"):
        (tmp_path / "gone").rmdir()
        assert refused("models") == "the working folder was deleted; change to another"


def test_a_mistake_in_another_file_of_settings_names_that_file(in_tmp: Path, refused: Refused) -> None:
    Path("mine.yaml").write_text(Path("params.yaml").read_text())
    change_params(Path("mine.yaml"), {"wiki.source": "nowhere.xml"})
    assert refused("check", "mine.yaml").startswith("mine.yaml: wiki.source is 'nowhere.xml': no such file")
    Path("my-params.yaml.txt").touch()  # a text, whose name stays as it is
    change_params(Path("mine.yaml"), {"wiki.source": "my-params.yaml.txt"})
    assert refused("check", "mine.yaml").startswith("my-params.yaml.txt: is empty")


def test_letters_that_a_terminal_lacks_are_an_error(
    in_tmp: Path, monkeypatch: pytest.MonkeyPatch, refused: Refused
) -> None:
    change_params(in_tmp / "params.yaml", {"wiki.source": "é.txt"})
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), "ascii"))
    assert refused("params") == "stdout: ascii lacks a letter of the answer; set PYTHONUTF8=1"


@pytest.mark.parametrize(
    ("path", "content", "problem", "advice"),
    [
        (".dvc/tmp/rwlock", "", "is damaged (", "delete it if no DVC runs here"),
        ("dvc.lock", LOCK[:10], "is damaged (", "or delete it and run `dvc repro`"),
        ("dvc.lock", LOCK.partition("path")[0], "is damaged (", "or delete it and run `dvc repro`"),
        (".dvc/cache/runs/ab/killed", "", "is empty, so DVC fails", "delete it if no DVC runs here"),
        (LOST_OUTPUT, "", "is empty, as 1 file(s) of", "delete them: find .dvc/cache/files -type f -size 0 -delete"),
    ],
)
def test_a_file_that_a_killed_dvc_left_half_written_is_named(
    in_tmp: Path, refused: Refused, path: str, content: str, problem: str, advice: str
) -> None:
    for whole in (EMPTY_OUTPUT, ".dvc/cache/runs/ab/whole/run", ".dvc/tmp/any", ".dvc/cache/runs/ab/killed/run"):
        Path(whole).parent.mkdir(parents=True, exist_ok=True)
        Path(whole).touch()
    Path("dvc.lock").write_text(LOCK)
    main(["check"])
    if Path(path).is_dir():
        Path(path, "run").unlink()
    else:
        Path(path).write_text(content)
    told = refused("check")
    assert told.startswith(f"{path}: {problem}")
    assert told.endswith(advice)


def test_columns_are_aligned_as_a_terminal_shows_them() -> None:
    rows = [("国王", "1"), ("king", "2"), ("a\u0301", "3")]
    assert table(rows, "<>") == ["国王  1", "king  2", "a\u0301     3"]


def test_the_nearest_words_are_of_fewest_edits_and_then_the_most_frequent() -> None:
    assert nearest("cta", ["the", "act", "cat"]) == ["cat"]  # two letters that change places are one edit
    assert nearest("do", ["dot", "cat", "dog", "doe", "don"]) == ["dot", "dog", "doe"]
    assert nearest("alphabetic", ["aphabet", "beta"]) == ["aphabet"]
    assert nearest("qx", ["a", "1", "six", "if", "quixotic"]) == []  # an edit of each letter is another word


QUICK = """
import contextlib, io, sys
from wikilm.__main__ import main
for line in sys.argv[1:]:
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.suppress(SystemExit):
        main(line.split())
    loaded = [name for name in ("torch", "pytorch_lightning", "sklearn", "gensim", "scipy") if name in sys.modules]
    print(line, bool(out.getvalue()), *loaded, sep="|")
"""


def test_commands_that_need_no_torch_load_none(run: Path) -> None:
    told = ["analogy king man woman", "neighbours king --distance euclidean", "models", "check", "params", "--help", ""]
    told += ["similarity king man --vectors enwiki-16m", "preset book --dry-run"]
    mistaken = ["neighbours kinng", "generate king --words 0", "poem --seed -1", "generate king --model svd"]
    command = [sys.executable, "-c", QUICK, *told, *mistaken]
    process = subprocess.run(command, capture_output=True, text=True, check=True, env=HERE)
    assert process.stdout.splitlines() == [f"{line}|{line in told}" for line in told + mistaken]


def test_a_reader_that_leaves_early_and_a_closed_stdout_cause_no_complaint(run: Path) -> None:
    for redirected in ("| true", ">&-"):
        script = f"{sys.executable} -m wikilm params {redirected}"
        assert subprocess.run(["bash", "-c", script], capture_output=True, env=HERE).stderr == b""


def test_every_command_is_helped(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    commands, _ = ask()
    answers = {f"{name} --help": "--json" for name in COMMANDS} | {
        "--version": f"wikilm {__version__}\ncode     {ROOT}\n"
    }
    for line, answer in answers.items():
        with pytest.raises(SystemExit, match="0"):
            main(line.split())
        assert answer in capsys.readouterr().out
    mistakes = {"neighbors king": ": error: no command 'neighbors'; did you", "neighbours": ": error: missing: W"}
    for line, told in mistakes.items():
        with pytest.raises(SystemExit, match="2"):
            main(line.split())
        error = capsys.readouterr().err
        assert told in error
        assert error.count("\n") == 1
    assert all(f"    {name}" in commands for name in COMMANDS)


def test_the_command_alone_says_what_to_do_next(run: Path, in_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert next_step().startswith("Next: `wikilm repro`")
    monkeypatch.chdir(run / "data/models")
    assert next_step().startswith("Next: open data/reports/index.html")
    (in_tmp / "params.yaml").unlink()
    monkeypatch.chdir(in_tmp)
    assert next_step().startswith("No params.yaml")


def test_a_command_works_in_any_folder_of_the_project(
    copied: Path, monkeypatch: pytest.MonkeyPatch, ask: Ask, refused: Refused
) -> None:
    folder = copied / "models"
    (folder / "text").write_text("The king rules the land.")
    monkeypatch.chdir(copied.parent)
    lines = ("models", "neighbours king", "next the king", "check", "params")
    there = [ask(*line.split()) for line in lines]
    scored = ask("score", "data/models/text")
    monkeypatch.chdir(folder)
    assert [ask(*line.split()) for line in lines] == there
    assert ask("score", "text") == scored  # a file that is named is one of this folder
    assert refused("score", "none") == "data/models/none: not found; give a text file, a sentence, or - for stdin"
    assert ask("models", "--data", "..")[0] == there[0][0]
    assert Path.cwd() == folder
