"""What all commands of `wikilm` share: help, errors, start-up, spelling."""

import contextlib
import io
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.commands.conftest import Ask, Refused
from tests.conftest import HERE, change_params
from wikilm.__main__ import main
from wikilm.commands.answer import next_step, table
from wikilm.commands.parser import COMMANDS
from wikilm.given import nearest


def test_without_params_yaml_an_error_says_where_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: Refused
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in ("models", "stats", "analogy a b c", "generate a", "poem"):
        assert refused(*command.split()) == "params.yaml: not found; run this from the folder that holds it"


def test_a_named_file_of_settings_that_is_not_there(refused: Refused) -> None:
    assert refused("check", "nope.yaml") == "nope.yaml: not found; give another path"


def test_a_working_folder_that_was_deleted_is_an_error(tmp_path: Path, in_tmp: Path, refused: Refused) -> None:
    Path("gone").mkdir()
    with contextlib.chdir("gone"):
        (tmp_path / "gone").rmdir()
        assert refused("stats") == "the working folder was deleted; change to another"


def test_a_mistake_in_another_file_of_settings_names_that_file(in_tmp: Path, refused: Refused) -> None:
    Path("mine.yaml").write_text(Path("params.yaml").read_text().replace("size: 2000", "size: 100"))
    assert refused("check", "mine.yaml").startswith("mine.yaml: models.svd.embedding_size is 128")
    Path("my-params.yaml.txt").touch()  # a text, whose name stays as it is
    change_params(Path("mine.yaml"), {"wiki.source": "my-params.yaml.txt", "vocabulary.size": 2000})
    assert refused("check", "mine.yaml").startswith("my-params.yaml.txt: is empty")


def test_letters_that_a_terminal_lacks_are_an_error(
    in_tmp: Path, monkeypatch: pytest.MonkeyPatch, refused: Refused
) -> None:
    params = Path("params.yaml").read_text(encoding="utf-8").replace("source: sample  ", "source: é.txt")
    Path("params.yaml").write_text(params, encoding="utf-8")
    for command in ("params", "params --json"):
        monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), "ascii"))
        assert refused(*command.split()) == "stdout: ascii lacks a letter of the answer; set PYTHONUTF8=1"


def test_a_lock_that_a_killed_dvc_left_half_written_is_named(in_tmp: Path, refused: Refused) -> None:
    lock = in_tmp / ".dvc/tmp/rwlock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    told = refused("check")
    assert told.startswith(".dvc/tmp/rwlock: is damaged (")
    assert told.endswith("; delete it if no DVC runs here")


def test_a_dvc_lock_that_a_killed_dvc_left_half_written_is_named(in_tmp: Path, refused: Refused) -> None:
    entry = "  a:\n    cmd: a\n    deps:\n    - path: b\n      md5: d41d8cd98f00b204e9800998ecf8427e\n      size: 0\n"
    whole = f"schema: '2.0'\nstages:\n{entry}"
    with_an_empty_dependency = whole.index("- path:") + 1
    for length in (0, len("schema: '2"), with_an_empty_dependency):
        Path("dvc.lock").write_text(whole[:length])
        told = refused("check")
        assert told.startswith("dvc.lock: is damaged (")
        assert told.endswith("; restore the one that you committed, or delete it and run `dvc repro`")
    Path("dvc.lock").write_text(whole)
    main(["check"])


def test_what_a_loss_of_power_left_empty_in_dvcs_cache_is_named(in_tmp: Path, refused: Refused) -> None:
    folder = in_tmp / ".dvc/cache/files/md5/d4"
    folder.mkdir(parents=True)
    (folder / "1d8cd98f00b204e9800998ecf8427e").touch()  # an output that is empty
    main(["check"])
    (folder / ("0" * 30)).touch()
    told = refused("check")
    assert told.startswith(".dvc/cache/files/md5/d4/000000000000000000000000000000: is empty, as 1 file(s) of")
    assert told.endswith("; delete them: find .dvc/cache/files -type f -size 0 -delete")


def test_a_run_that_a_killed_dvc_did_not_write_is_named(in_tmp: Path, refused: Refused) -> None:
    run = in_tmp / ".dvc/cache/runs/ab/abcd"
    run.mkdir(parents=True)
    told = refused("check")
    assert told == ".dvc/cache/runs/ab/abcd: is empty, so DVC fails; delete it if no DVC runs here"
    (run / "a-run").touch()
    main(["check"])


def test_an_argument_that_is_not_utf_8_is_an_error(refused: Refused) -> None:
    assert refused("generate", "\udcff") == "'\\udcff': is not UTF-8 text"


def test_columns_are_aligned_as_a_terminal_shows_them() -> None:
    rows = [("国王", "1"), ("king", "2"), ("a\u0301", "3")]
    assert table(rows, "<>") == ["国王  1", "king  2", "a\u0301     3"]


def test_the_nearest_words_are_of_fewest_edits_and_then_the_most_frequent() -> None:
    assert nearest("cta", ["the", "act", "cat"]) == ["cat"]  # two letters that change places are one edit
    assert nearest("do", ["dot", "cat", "dog", "doe", "don"]) == ["dot", "dog", "doe"]
    assert nearest("alphabetic", ["aphabet", "beta"]) == ["aphabet"]
    assert nearest("cta", ["catalogue"]) == []
    assert nearest("qx", ["a", "1", "six", "if"]) == []  # an edit of each letter is another word
    assert nearest("q", ["a", "1"]) == []


QUICK = """
import contextlib, io, sys
from wikilm.__main__ import main
for line in sys.argv[1:]:
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.suppress(SystemExit):
        main(line.split())
    loaded = [name for name in ("torch", "pytorch_lightning", "sklearn", "gensim", "scipy") if name in sys.modules]
    print(line, bool(out.getvalue()), *loaded, sep="|")
"""


def test_commands_that_need_no_torch_load_none(run: Path, tmp_path: Path, ask: Ask) -> None:
    packed = str(tmp_path / "gru.npz")
    ask("pack", "gru", packed, "--source", "", "--licence", "")
    told = ["analogy king man woman", "neighbours king", "neighbours king --distance euclidean", "stats", "models"]
    told += [
        "similarity king man",
        "odd king man woman",
        "check",
        "params",
        "preset book --dry-run",
        "--help",
        "",
    ]
    mistaken = ["neighbours kinng", "generate kinng", "poem --seed -1", "generate king --model svd"]
    command = [sys.executable, "-c", QUICK, *told, *mistaken]
    process = subprocess.run(command, capture_output=True, text=True, check=True, env=HERE)
    assert process.stdout.splitlines() == [f"{line}|{line in told}" for line in told + mistaken]


def test_a_reader_that_leaves_early_causes_no_complaint(run: Path) -> None:
    script = f"{sys.executable} -m wikilm stats | true"
    process = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=HERE)
    assert process.stderr == ""


def test_a_command_whose_stdout_is_closed_causes_no_complaint(
    in_tmp: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for asked in ("check", "check --json"):
        monkeypatch.setattr("sys.stdout", None)  # as Python sets it
        main(asked.split())
    assert capsys.readouterr().err == ""


def test_every_command_is_helped(capsys: pytest.CaptureFixture[str]) -> None:
    main([])
    commands = capsys.readouterr().out
    for name in COMMANDS:
        assert f"    {name}" in commands
        with pytest.raises(SystemExit) as exit_:
            main([name, "--help"])
        assert exit_.value.code == 0
        assert "--json" in capsys.readouterr().out
    with pytest.raises(SystemExit) as exit_:
        main(["--help"])
    assert exit_.value.code == 0
    assert commands.startswith(capsys.readouterr().out)


def test_the_command_alone_says_what_to_do_next(run: Path, in_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert next_step().startswith("Next: `make repro`")
    monkeypatch.chdir(run / "data/models")
    assert next_step().startswith("Next: open data/reports/index.html")
    (in_tmp / "params.yaml").unlink()
    monkeypatch.chdir(in_tmp)
    assert next_step().startswith("No params.yaml")


def test_a_command_works_in_any_folder_of_the_project(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ask: Ask, refused: Refused
) -> None:
    shutil.copytree(run, tmp_path / "run")
    folder = tmp_path / "run/data/models"
    (folder / "text").write_text("The king rules the land.")
    monkeypatch.chdir(tmp_path / "run")
    lines = ("stats", "models", "neighbours king", "next the king", "check", "params")
    there = [ask(*line.split()) for line in lines]
    scored = ask("score", "data/models/text")
    monkeypatch.chdir(folder)
    assert [ask(*line.split()) for line in lines] == there
    assert ask("score", "text") == scored  # a file that is named is one of this folder
    assert refused("score", "none") == "data/models/none: not found; give the name of a text file, or - for stdin"
    assert refused("check", "none.yaml") == "data/models/none.yaml: not found; give another path"
    assert ask("stats", "--data", "..")[0] == there[0][0]
    assert Path.cwd() == folder


@pytest.mark.parametrize(
    "line", [["score", ""], ["check", ""], ["stats", "--data", ""], ["odd", "a", "b", "c", "--vectors", ""]]
)
def test_an_empty_path_is_an_error_of_one_line(run: Path, refused: Refused, line: list[str]) -> None:
    assert refused(*line) == "the name of a file or folder is empty; leave it out, or give one"


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["--version"])
    assert exit_.value.code == 0
    assert capsys.readouterr().out == f"wikilm {version('wikilm')}\n"
