import hashlib
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.run.failures import one_line_errors
from pipeline.run.outputs import read_json
from tests.conftest import HERE, ROOT


@pytest.mark.parametrize(
    "take",
    [lambda: np.empty(10**17), lambda: torch.empty(10**17), lambda: torch.empty(2**32, 2**31, device="meta")],
    ids=["numpy", "torch", "more than torch counts"],
)
def test_a_lack_of_memory_is_one_line(
    take: Callable[[], object], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as exit_, one_line_errors("train"):
        take()
    assert exit_.value.code == 1
    error = capsys.readouterr().err
    assert error.startswith("train: error: too little memory (")
    assert error.count("\n") == 1
    with pytest.raises(RuntimeError), one_line_errors("train"):
        raise RuntimeError("a fault of the code")


def test_an_output_that_was_changed_is_named_if_its_reader_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    md5 = hashlib.md5(b"{}", usedforsecurity=False).hexdigest()
    cached = tmp_path / ".dvc/cache/files/md5" / md5[:2] / md5[2:]
    cached.parent.mkdir(parents=True)
    cached.write_text("{}")
    (tmp_path / ".dvc/config").write_text("[core]\n    no_scm = true\n")
    (tmp_path / "dvc.yaml").write_text("stages: {write: {cmd: write, outs: [figures.json]}}\n")
    outs = f"[{{path: figures.json, hash: md5, md5: {md5}, size: 2}}]"
    (tmp_path / "dvc.lock").write_text(f"schema: '2.0'\nstages: {{write: {{cmd: write, outs: {outs}}}}}\n")
    figures = tmp_path / "figures.json"
    figures.write_text("{}")
    with pytest.raises(KeyError), one_line_errors("models"):
        read_json(figures)["perplexity"]
    figures.write_text('{"valid": 1}')
    with pytest.raises(SystemExit), one_line_errors("models"):
        read_json(figures)["perplexity"]
    error = capsys.readouterr().err
    assert error.startswith("models: error: KeyError: 'perplexity'; perhaps because of what was changed since a stage")
    assert ": figures.json; run `dvc repro`" in error
    assert error.count("\n") == 1
    log = Path(error.partition("(")[2].partition(" has the traceback")[0])
    assert 'read_json(figures)["perplexity"]' in log.read_text()
    log.unlink()


IMPORTS = """
import os, signal, sys
sys.addaudithook(lambda event, given: event == "import" and given[0] == "rich" and os.kill(os.getpid(), signal.SIGINT))
"""


def test_ctrl_c_while_modules_are_imported_prints_nothing(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(IMPORTS)
    ended = subprocess.run(
        [sys.executable, "-m", "pipeline", "models"],
        env=HERE | {"PYTHONPATH": f"{tmp_path}:{ROOT}"},
        capture_output=True,
        check=False,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # tests in the background may ignore it
    )
    assert (ended.returncode, ended.stderr) == (-signal.SIGINT, b"")


def test_another_program_that_imports_wikilm_hears_ctrl_c() -> None:
    code = "import signal, wikilm; assert signal.getsignal(signal.SIGINT) is signal.default_int_handler"
    listening = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    subprocess.run([sys.executable, "-c", code], check=True, preexec_fn=listening)
