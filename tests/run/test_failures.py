import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.run.failures import one_line_errors
from tests.conftest import HERE, ROOT


@pytest.mark.parametrize(
    "take",
    [lambda: np.empty(10**17), lambda: torch.empty(10**17), lambda: torch.empty(2**32, 2**31, device="meta")],
    ids=["numpy", "torch", "more than torch counts"],
)
def test_a_lack_of_memory_is_one_line(take: Callable[[], object], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="1"), one_line_errors("train"):
        take()
    error = capsys.readouterr().err
    assert error.startswith("train: error: too little memory (")
    assert error.count("\n") == 1
    with pytest.raises(RuntimeError), one_line_errors("train"):
        raise RuntimeError("a fault of the code")


def test_ctrl_c_ends_with_the_code_of_the_signal(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="130"), one_line_errors("train"):
        raise KeyboardInterrupt
    assert capsys.readouterr().err == "train: interrupted\n"


IMPORTS = """
import os, signal, sys
sys.addaudithook(lambda event, given: event == "import" and given[0] == "rich" and os.kill(os.getpid(), signal.SIGINT))
"""


def test_ctrl_c_while_modules_are_imported_prints_nothing_and_stays_with_other_programs(tmp_path: Path) -> None:
    listening = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # tests in the background may ignore it
    (tmp_path / "sitecustomize.py").write_text(IMPORTS)
    ended = subprocess.run(
        [sys.executable, "-m", "wikilm", "models"],
        env=HERE | {"PYTHONPATH": f"{tmp_path}:{ROOT}"},
        capture_output=True,
        preexec_fn=listening,
    )
    assert (ended.returncode, ended.stderr) == (-signal.SIGINT, b"")
    code = "import signal, wikilm; assert signal.getsignal(signal.SIGINT) is signal.default_int_handler"
    subprocess.run([sys.executable, "-c", code], check=True, preexec_fn=listening)


def test_where_no_temporary_folder_takes_a_file_they_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("tempfile._candidate_tempdir_list", lambda: [str(tmp_path / "none")])
    with pytest.raises(SystemExit, match="1"), one_line_errors("wikilm"):
        tempfile.gettempdir()
    told = capsys.readouterr().err
    assert f"temporary directory found in ['{tmp_path / 'none'}']: all are full or read-only; make room, or set" in told
