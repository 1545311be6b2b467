"""Run every stage whose parameters, inputs or code changed, or only the given stages and what they need.

Example: wikilm repro train@gru
"""

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import psutil

from pipeline.run.console import tell
from pipeline.run.errors import UserError
from pipeline.settings.params import PARAMS, load_params, read_yaml
from wikilm.commands.answer import Answer
from wikilm.commands.check import PIPELINE, check

REPORT = "data/reports/index.html"
EXPERIMENTS = "parity", "poetry_generation", "poetry_classification"
# Containers often set the first: each process would compile torch and Lightning anew, which takes 8 s of CPU time. With
# the second Python would import the stages of another clone, and not those of the working folder.
UNSET = {"PYTHONDONTWRITEBYTECODE", "PYTHONSAFEPATH"}

Process = subprocess.Popen[bytes]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("target", nargs="*", metavar="TARGET", help="a stage, such as train@gru (default: all)")


def repro(arguments: argparse.Namespace) -> Answer:
    """Check params.yaml and run DVC, whose messages go to stderr with --json. Raises `UserError` if it fails."""
    if not PIPELINE.is_file():
        raise UserError(f"{PIPELINE.absolute()}: not found; change to a project (`wikilm new` makes one)")
    checked, targets = check(argparse.Namespace(params=PARAMS)), arguments.target
    out = sys.stderr if arguments.json else sys.stdout
    for line in () if arguments.json else checked.lines:
        tell(line)
    if targets:
        for target in targets:
            check_target(target)
        finish(dvc(out, "repro", *targets))
        return Answer({"targets": targets}, [])
    finish(dvc(out, "repro", "index"))
    # Models and the smaller experiments need nothing of one another, so they run side by side. Models go first where
    # both want a processor, but other work on the machine leaves the experiments their share.
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=out) as pipe:  # the terminal's bar is the models'
        quiet = "--wait-for-lock", "repro", "--quiet", "--keep-going", *EXPERIMENTS
        experiments = dvc(pipe.stdin, *quiet, before=("nice", "-n", "5"), stderr=subprocess.STDOUT)
        finish(dvc(out, "--wait-for-lock", "repro", "train"), meanwhile=experiments)
    finish(dvc(out, "repro"))
    recorded = "To record this run: git add params.yaml dvc.lock && git commit (docs/dvc.md)"
    return Answer({"page": REPORT}, [f"The page is {REPORT}. {recorded}"])


def check_target(target: str) -> None:
    """Raise `UserError` if there is no such stage, such as `gru` for `train@gru`, and no such file."""
    stage, at, model = target.partition("@")
    stages, params = read_yaml(PIPELINE)["stages"], load_params()
    if stage in stages and at:
        params.entry(model)
    elif stage not in stages and not Path(target).exists():
        meant = f"train@{stage}" if stage in params.models else ", ".join(stages)
        raise UserError(f"{target}: no such stage; there is {meant}")


def dvc(out: IO[Any] | None, *words: str, before: Sequence[str] = (), stderr: int | None = None) -> Process:
    """Start this environment's DVC, which runs stages as `python -m pipeline.NAME`, with this environment's Python."""
    environment = {key: value for key, value in os.environ.items() if key not in UNSET}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    # -P keeps modules of the project's folder from DVC. The script `dvc` names the folder where it was installed.
    command = [*before, sys.executable, "-P", "-m", "dvc", *words]
    return subprocess.Popen(command, env=environment, stdout=out, stderr=stderr)


def finish(process: Process, meanwhile: Process | None = None) -> None:
    """Wait for DVC, and for what runs `meanwhile`; raises `UserError` if DVC fails. The last run meets other failures.

    At a signal it waits, too: Ctrl-C reaches DVC and its stages by itself, and SIGTERM is handed on.
    """
    got: list[int] = []
    running = [each for each in (process, meanwhile) if each]

    def hand_on(number: int, _: object) -> None:
        got.append(number)
        for each in running if number == signal.SIGTERM else ():
            terminate(each)

    heard = [number for number in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, hand_on) for number in heard}
    try:
        code, *_ = [each.wait() for each in running]
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if got:
        sys.exit(128 + got[0])
    if code:
        raise UserError("DVC failed; its messages above say why")


def terminate(process: Process) -> None:
    """End DVC and its stages, which would outlive it and write their outputs later."""
    with suppress(psutil.Error):  # it ended by itself
        stages = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.terminate()
        for stage in stages:
            with suppress(psutil.Error):
                stage.terminate()
