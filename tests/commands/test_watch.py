"""`wikilm watch`."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.training.job import Job
from pipeline.training.live import Curve, Live
from tests.commands.conftest import Ask, Refused
from tests.conftest import HERE
from wikilm.commands import watch
from wikilm.commands.watch import chart, followed

NOTHING = "nothing is training; run `dvc repro`, and this in another terminal"
COMMAND = [sys.executable, "-m", "pipeline", "watch"]


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    """A process that stands for a training."""
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


@pytest.fixture
def live(in_tmp: Path, process: subprocess.Popen[bytes]) -> Live:
    """The curve of a training of three epochs that has just started."""
    settings: Any = SimpleNamespace(epochs=3)
    runtime: Any = None
    live = Live(Job("gru", settings, 1, Path("s.db"), Path("data/models/gru"), runtime, "train", "models.gru"))
    live.about["process"] = process.pid
    live.start()
    return live


def test_without_a_training_it_says_so_and_ends(in_tmp: Path, ask: Ask, refused: Refused) -> None:
    assert ask("watch") == (f"{NOTHING}\n", "")
    assert json.loads(ask("watch", "--json")[0]) == []
    assert refused("watch", "--data", "elsewhere") == "elsewhere: no such folder"


def test_without_a_terminal_each_epoch_is_a_line(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "SECONDS", 0.0)
    lines = followed(Path("data/models"))
    assert next(lines) == "gru: epoch 1 of 3 is training"
    live.add({"train_loss": 4.5, "valid_loss": 4.2, "valid_perplexity": 66.69})
    assert next(lines) == "gru: epoch 1 of 3: validation perplexity 66.7"
    live.add({"valid_perplexity": 60.0})
    live.path.open("a").write('{"valid_perp')  # is being written
    assert next(lines) == "gru: epoch 2 of 3: validation perplexity 60.0"
    live.path.unlink()
    assert list(lines) == ["gru: the training has ended"]


def test_a_killed_training_is_not_running(live: Live, process: subprocess.Popen[bytes], ask: Ask) -> None:
    live.add({"cosine_total": 0.125})
    (curve,) = json.loads(ask("watch", "--json")[0])
    about = {"name": "gru", "of": 3, "process": process.pid, "started": live.about["started"]}
    assert curve == {**about, "epochs": [{"cosine_total": 0.125}]}
    process.kill()
    process.wait()
    stopped = "gru: stopped after 1 of 3 epochs; `dvc repro` trains it again"
    assert ask("watch")[0].splitlines() == [stopped, NOTHING]
    assert json.loads(ask("watch", "--json")[0]) == []


def test_a_later_process_may_have_the_id_of_a_killed_training(live: Live, ask: Ask) -> None:
    live.about["started"] -= 3600.0
    live.start([{"cosine_total": 0.125}])
    stopped = "gru: stopped after 1 of 3 epochs; `dvc repro` trains it again"
    assert ask("watch")[0].splitlines() == [stopped, NOTHING]


def test_a_resumed_training_has_its_earlier_epochs(live: Live) -> None:
    live.start([{"valid_perplexity": 70.0}])
    lines = followed(Path("data/models"))
    assert [next(lines), next(lines)] == [
        "gru: epoch 2 of 3 is training", "gru: epoch 1 of 3: validation perplexity 70.0"
    ]  # fmt: skip


def test_a_chart_is_as_high_as_its_greatest_figure() -> None:
    epochs = [{"valid_perplexity": value} for value in (90.0, 50.5, 42.5)]
    heading, *rows = chart(Curve("gru", 4, 1, 0.0, epochs), width=22)
    assert heading == "gru: epoch 3 of 4: validation perplexity 42.5"
    assert rows == [
        "     90.0 ███      ",
        "          ███      ",
        "          ███      ",
        "          ███      ",
        "          ███▁▁▁   ",  # 8 of 47.5, that is 9 of 48 eighths
        "     42.5 ██████▁▁▁",
    ]
    assert list(chart(Curve("gru", 4, 1, 0.0, []), width=22)) == ["gru: epoch 1 of 4 is training"]
    many = Curve("svd", 500, 1, 0.0, [{"cosine_total": 0.5}] * 300)
    assert max(map(len, chart(many, width=80))) == 80


@pytest.mark.parametrize("terminal", [True, False])
def test_ctrl_c_ends_it_without_a_traceback(live: Live, terminal: bool) -> None:
    live.add({"valid_perplexity": 66.69})
    ours, theirs = pty.openpty() if terminal else os.pipe()
    command = subprocess.Popen(
        COMMAND,
        stdout=theirs,
        stderr=subprocess.PIPE,
        env=HERE | {"TERM": "xterm"},
        text=True,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # tests in the background may ignore it
    )
    os.close(theirs)
    printed = b""
    while b"validation perplexity 66.7" not in printed:
        assert select.select([ours], [], [], 60)[0]
        printed += os.read(ours, 4096)
    command.send_signal(signal.SIGINT)
    assert command.communicate()[1] == "wikilm: interrupted\n"
    assert command.returncode == 130
    assert ("▁".encode() in printed) == terminal
    os.close(ours)
