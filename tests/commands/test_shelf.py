"""`wikilm stats` and `wikilm models`, start-up, completion and what all commands share."""

import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.__main__ import main
from pipeline.commands.parser import SHELLS
from pipeline.commands.spelling import nearest
from pipeline.run.outputs import read_json, write_json
from tests.commands.conftest import Ask
from tests.conftest import ROOT

Refused = Callable[..., str]


def test_stats_count_what_is_in_the_database(run: Path, ask: Ask) -> None:
    found = json.loads(ask("stats", "--json")[0])
    connection = sqlite3.connect("data/sequences.db")
    rows = connection.execute("SELECT split, length, tokens FROM sequences").fetchall()
    unknown = sum(blob[start : start + 2] == b"\x16\x00" for *_, blob in rows for start in range(0, len(blob), 2))
    assert (found["rows"], found["articles"], found["words"]) == (len(rows), 12, 20)
    assert found["tokens"] == sum(length for _, length, _ in rows)
    assert found["unknown"] == unknown > 0
    assert (found["wiki"], found["language"], found["bytes_a_token"]) == ("tinywiki", "en", 2)
    for split, each in found["splits"].items():
        lengths = [length for of, length, _ in rows if of == split]
        assert each == {
            "rows": len(lengths),
            "tokens": sum(lengths),
            "shortest": min(lengths),
            "median": statistics.median(lengths),
            "mean": pytest.approx(statistics.mean(lengths)),
            "longest": max(lengths),
        }


def test_stats_are_told_in_aligned_lines(run: Path, ask: Ask) -> None:
    printed, note = ask("stats")
    lines = printed.splitlines()
    found = json.loads(ask("stats", "--json")[0])
    assert lines[1:3] == ["wiki        tinywiki; language en", "articles    12"]
    assert [line.split()[0] for line in lines[-4:]] == ["split", "train", "valid", "test"]
    assert len({len(line) for line in lines[-4:]}) == 1
    assert lines[-3].split()[1:3] == [f"{found['splits']['train'][key]:,}" for key in ("rows", "tokens")]
    assert note == ""


def test_stats_of_a_database_alone_and_of_one_without_rows_in_a_split(run: Path, tmp_path: Path, ask: Ask) -> None:
    shutil.copyfile("data/sequences.db", tmp_path / "sequences.db")
    connection = sqlite3.connect(tmp_path / "sequences.db")
    connection.execute("DELETE FROM sequences WHERE split = 'valid'")
    connection.commit()
    printed, _ = ask("stats", "--data", str(tmp_path))
    assert "wiki " not in printed
    assert printed.splitlines()[-2].split() == ["valid", "0", "0", "-", "-", "-", "-"]


def test_models_say_what_was_run_and_how_good_it_is(run: Path, ask: Ask) -> None:
    gru, *_, svd = found = json.loads(ask("models", "--json")[0])
    assert [model["name"] for model in found] == ["gru", "lstm", "embedding", "skipgram", "cbow", "svd"]
    figures = read_json(Path("data/metrics/train-gru.json"))
    analogies = read_json(Path("data/metrics/analogies-gru.json"))
    first, second = 3 * 5 * (6 + 5) + 3 * 5 + 5, 3 * 4 * (5 + 4) + 3 * 4 + 4
    assert gru == {
        "name": "gru",
        "kind": "recurrent",
        "variant": "gru",
        "sizes": [6, 5, 4],
        "trained": True,
        "parameters": 23 * 6 + first + second + 23 * 4 + 23,
        "test_perplexity": figures["test_perplexity"],
        "best_epoch": figures["best_epoch"],
        "analogies_right": analogies["cosine_total"],
        "analogies_asked": analogies["asked"],
    }
    assert (svd["sizes"], svd["parameters"], svd["test_perplexity"]) == ([8], 2 * 23 * 8, None)
    lines = ask("models")[0].splitlines()
    assert lines[2].split()[:3] == ["lstm", "recurrent", "100-128"]
    assert lines[2].endswith("not run: dvc repro train@lstm")
    assert "not run" not in lines[1] + lines[6]


def test_a_run_that_is_missing_or_damaged_is_one_line(run: Path, tmp_path: Path, refused: Refused) -> None:
    assert refused("stats", "--data", str(tmp_path)).endswith("sequences.db: not found; run `dvc repro index`")
    (tmp_path / "sequences.db").write_bytes(b"no database at all, " * 50)
    error = refused("stats", "--data", str(tmp_path))
    assert error.endswith("sequences.db: cannot be read (file is not a database); run `dvc repro --force index`")


def test_without_params_yaml_it_says_where_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: Refused
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in ("models", "analogy a b c", "generate a", "poem"):
        assert refused(*command.split()) == "params.yaml: not found; run this from the folder that holds it"


def test_a_named_file_of_settings_that_is_not_there(refused: Refused) -> None:
    assert refused("check", "nope.yaml") == "nope.yaml: not found; give another path"


def test_bytes_that_are_no_text(refused: Refused) -> None:
    assert refused("generate", "\udcff") == "'\\udcff': is not UTF-8 text"


def test_of_models_that_no_question_could_be_put_to_no_share_is_told(run: Path, tmp_path: Path, ask: Ask) -> None:
    (tmp_path / "params.yaml").write_bytes(Path("params.yaml").read_bytes())
    write_json(tmp_path / "data/metrics/analogies-gru.json", {"asked": 0, "cosine_total": 0.0})
    found = json.loads(ask("models", "--data", str(tmp_path / "data"), "--json")[0])[0]
    assert (found["analogies_right"], found["analogies_asked"]) == (None, 0)


def test_check_as_json(ask: Ask) -> None:
    found = json.loads(ask("check", str(ROOT / "params.yaml"), "--json")[0])
    assert found["language_models"][:2] == ["gru", "lstm"]


def test_the_nearest_words_are_of_fewest_edits_and_then_the_most_frequent() -> None:
    assert nearest("cta", ["the", "act", "cat"]) == ["cat"]  # two letters that change places are one edit
    assert nearest("do", ["dot", "cat", "dog", "doe", "don"]) == ["dot", "dog", "doe"]
    assert nearest("alphabetic", ["aphabet", "beta"]) == ["aphabet"]
    assert nearest("cta", ["catalogue"]) == []
    assert nearest("qx", ["a", "1", "six", "if"]) == []  # an edit of each letter is another word
    assert nearest("q", ["a", "1"]) == []


HERE = {**os.environ, "PYTHONPATH": str(ROOT)}  # the code beside these tests, from any folder
QUICK = """
import contextlib, io, sys
from pipeline.__main__ import main
for line in sys.argv[1:]:
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.suppress(SystemExit):
        main(line.split())
    loaded = [name for name in ("torch", "pytorch_lightning", "sklearn", "gensim", "scipy") if name in sys.modules]
    print(line, bool(out.getvalue()), *loaded, sep="|")
"""


def test_commands_that_need_no_torch_load_none(run: Path) -> None:
    told = ["analogy king man woman", "neighbours king", "neighbours king --distance euclidean", "stats", "models"]
    told += ["check", "completion bash", "--help"]
    mistaken = ["neighbours kinng", "generate kinng", "poem --seed -1", "generate king --model svd"]
    command = [sys.executable, "-c", QUICK, *told, *mistaken]
    process = subprocess.run(command, capture_output=True, text=True, check=True, env=HERE)
    assert process.stdout.splitlines() == [f"{line}|{line in told}" for line in told + mistaken]


def test_a_reader_that_leaves_early_causes_no_complaint(run: Path) -> None:
    script = f"{sys.executable} -m pipeline stats | true"
    process = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=HERE)
    assert process.stderr == ""


COMPLETING = """
source /dev/stdin
while read -ra COMP_WORDS; do
  COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 )); COMPREPLY=(); _shtab_wikilm; echo "${COMPREPLY[@]}"
done <lines
"""


def test_bash_completes_commands_options_models_and_words(run: Path, tmp_path: Path, ask: Ask) -> None:
    write_json(tmp_path / "not-read.json", {})
    (tmp_path / "data").symlink_to(run / "data")
    (tmp_path / "data-dir").mkdir()
    expected = {
        "wikilm nei": {"neighbours"},
        "wikilm analogy king man wom": {"woman", "women"},
        "wikilm neighbours ki": {"king"},
        "wikilm neighbours U": set(),
        "wikilm generate the ki": {"king"},
        "wikilm neighbours king --model s": {"svd"},
        "wikilm score --model g": {"gru"},
        "wikilm generate --model s": set(),
        "wikilm analogy king man woman --distance e": {"euclidean"},
        "wikilm score not": {"not-read.json"},
    }
    (tmp_path / "lines").write_text("\n".join(expected) + "\n")
    script = ask("completion", "bash")[0]
    process = subprocess.run(["bash", "-c", COMPLETING], input=script, cwd=tmp_path, capture_output=True, text=True)
    assert [set(line.split()) for line in process.stdout.splitlines()] == list(expected.values()), process.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shells_completions_are_a_script_that_it_can_read(shell: str, ask: Ask) -> None:
    script = json.loads(ask("completion", shell, "--json")[0])["script"]
    assert "_wikilm_words" in script
    if not shutil.which(shell):
        pytest.skip(f"no {shell} here")
    subprocess.run([shell, "-n"], input=script, text=True, check=True)


def test_every_command_is_helped(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    commands = capsys.readouterr().out
    for name in ("analogy", "neighbours", "generate", "score", "stats", "models", "poem", "dumps", "check"):
        assert name in commands
        with pytest.raises(SystemExit) as exit_:
            main([name, "--help"])
        assert exit_.value.code == 0
        assert "--json" in capsys.readouterr().out
