"""A copy of the project in a folder of its own, to run under DVC."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.conftest import ROOT, change_params

SECONDS = 1800  # after which a command of DVC is taken to hang, on a busy machine too

SMALL: dict[str, Any] = {  # settings with which every stage takes seconds
    "vocabulary.size": 300,
    "runtime.workers": 1,  # most stages then start no process
    "poetry_generation.models": {"gru": {"epochs": 2}, "book": {"unit": "elman", "epochs": 2}},
    "poetry_classification.folds": 3,
    "parity.bits": 2,
    "parity.seeds": 1,
    "parity.deep": [32, 32],
    "models.gru.embedding_size": 8,
    "models.gru.hidden_sizes": [8],
    "models.gru.learning_rate": 0.03,
    "models.gru.epochs": 1,
    "models.gru.start": "random",
    "models.gru.batches": {"kind": "random_rows", "tokens": 2048},
    "models.embedding.embedding_size": 16,
    "models.embedding.epochs": 2,
}

SHORTER = {  # trainings of the experiments: a file, what it says, and what it says instead
    "pipeline/experiments/parity/training.py": ("MOST_UPDATES = 2000", "MOST_UPDATES = 20"),
    "pipeline/experiments/classification/networks.py": ("EPOCHS = (5, 10, 15)", "EPOCHS = (1, 2)"),
}


class Project:
    """A folder that holds the project, as a user would clone it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        # The environment's `python` and `dvc`, as `make` sets them; and someone who commits.
        self.environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        for role in ("AUTHOR", "COMMITTER"):
            self.environment |= {f"GIT_{role}_NAME": "Test", f"GIT_{role}_EMAIL": "test@example.org"}

    def without_network(self, folder: Path) -> Path:
        """Refuse what runs from now on a network; returns the file in which it writes down what it asks of it."""
        (folder / "sitecustomize.py").write_text(NO_NETWORK)
        asked = folder / "asked.txt"
        self.environment |= {"PYTHONPATH": str(folder), "ASKED_OF_THE_NETWORK": str(asked)}
        return asked

    def copy(self, root: Path) -> "Project":
        """Return a copy of the folder with what its runs left, in the same environment."""
        # With cp outputs stay links into DVC's cache, so that a copy costs half.
        subprocess.check_call(["cp", "-a", self.root, root])
        project = Project(root)
        project.environment = self.environment
        return project

    def commit(self, message: str) -> None:
        for command in (["add", "."], ["commit", "--quiet", "-m", message]):
            subprocess.check_call(["git", *command], cwd=self.root, env=self.environment)

    def dvc(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["dvc", *arguments]
        return subprocess.run(
            command, cwd=self.root, env=self.environment, text=True, capture_output=True, check=False, timeout=SECONDS
        )

    def repro(self, *arguments: str) -> list[str]:
        """Run `dvc repro`; returns the stages that ran, sorted."""
        return self.run("repro", *arguments)

    def run(self, *arguments: str) -> list[str]:
        """Run a command of DVC that runs stages; returns those that ran, sorted."""
        run = self.dvc(*arguments)
        assert run.returncode == 0, run.stdout + run.stderr
        return sorted(re.findall(r"^Running stage '(.+)':", run.stdout, re.MULTILINE))

    def set(self, changes: dict[str, Any]) -> None:
        change_params(self.root / "params.yaml", changes)

    def shorten_trainings(self) -> None:
        """Let the smaller experiments, which no setting shortens, learn less."""
        for name, (said, instead) in SHORTER.items():
            text = (self.root / name).read_text(encoding="utf-8")
            assert said in text
            (self.root / name).write_text(text.replace(said, instead), encoding="utf-8")

    def json(self, path: str) -> Any:
        return json.loads((self.root / path).read_text())


# Runs as every Python of the project starts: what it asks of a network is refused, and written down.
NO_NETWORK = """
import os, sys

def refuse(event, arguments):
    if event in ("socket.getaddrinfo", "socket.connect", "socket.sendto"):
        address = arguments[0] if event == "socket.getaddrinfo" else arguments[1]
        if event == "socket.getaddrinfo" or isinstance(address, tuple):
            with open(os.environ["ASKED_OF_THE_NETWORK"], "a") as file:
                print(event, address, sys.argv, file=file)
            raise OSError("there is no network")

sys.addaudithook(refuse)
"""


def copy_of_the_project(root: Path) -> Project:
    """What git has or would take of the project, committed in `root`, but for a dvc.lock of a run in it."""
    files = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True)
    for name in files.splitlines():
        if name != "dvc.lock" and (ROOT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, root / name)
    subprocess.check_call(["git", "init", "--quiet"], cwd=root)
    project = Project(root)
    project.commit("A copy")
    return project
