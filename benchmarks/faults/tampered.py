"""Tampered data: a file of a run is damaged, by accident or on purpose, and read by a stage or a command.

Each must be refused in one line that names the file or its folder, or do no harm: no traceback, no code that runs, no
control code on the terminal, no script in the page. Without a checksum in its format nobody can tell a changed number.
"""

import os
import random
import re
import resource
import shlex
import shutil
import signal
from collections import Counter
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from benchmarks.faults.project import Ended, finished_project
from benchmarks.faults.report import Tried
from benchmarks.faults.stages import command_of, in_a_fork, refusal, run_stage
from benchmarks.faults.tampering import RAN, SCRIPT, Tamper, ways
from pipeline.__main__ import main as wikilm
from pipeline.run.console import UNPRINTABLE
from pipeline.training.resume import Resumable
from tests.conftest import change_params

NEEDED = ("params.yaml", "dvc.yaml", "dvc.lock", "data", "questions", "verse", "given.txt", "given.bin", "packed.npz")
SECONDS, MEMORY = 120, 4 << 30  # bounds of a reading
VERSE = "the king and the sea\nthe old men of the land\n\nthe queen and the men\n\n\n"


class Reader(NamedTuple):
    """Files of a run, as a pattern, and what reads them: a stage, or `wikilm` with arguments."""

    files: str
    command: str
    settings: Mapping[str, Any] = MappingProxyType({})


def from_file(name: str) -> dict[str, Any]:
    """Return the settings with which training starts from the vectors in a file."""
    return {"models.gru.start": {"kind": "file", "file": name}, "models.gru.embedding_size": 8}


READERS = (
    Reader("data/models/gru/weights.pt", "embeddings@gru"),
    Reader("data/models/gru/weights.pt", "wikilm next the"),
    Reader("data/models/gru/model.json", "wikilm next the"),
    Reader("data/models/gru/model.json", "wikilm models"),
    Reader("data/models/gru/target_counts.npy", "wikilm score own.txt"),
    Reader("data/models/gru/*_scores.npy", "compare"),
    Reader("data/models/gru/curves.tsv", "report"),
    Reader("data/models/skipgram/curves.tsv", "report"),
    Reader("data/models/gru/*.json", "report"),
    Reader("data/models/.gru.*.checkpoint", "train@gru"),
    Reader("data/vocabulary.tsv", "embeddings@gru"),
    Reader("data/embeddings/gru/*.npy", "analogies@gru"),
    Reader("data/embeddings/gru/vocabulary.txt", "analogies@gru"),
    Reader("data/embeddings/gru/vectors.*", "wikilm neighbours the"),
    Reader("data/embeddings/gru/vocabulary.txt", "report"),
    Reader("packed.npz", "wikilm neighbours the --vectors packed.npz"),
    Reader("given.txt", "train@gru", from_file("given.txt")),
    Reader("given.bin", "train@gru", from_file("given.bin")),
    Reader("questions/book.txt", "analogies@gru"),
    Reader("verse/*.txt", "poems", {"poems.source": "verse"}),
    Reader("data/poems/*.json", "poetry_classification"),
    Reader("data/articles.json", "wikilm stats"),
    Reader("data/metrics/train/gru.json", "wikilm models"),
    Reader("data/metrics/**/*.json", "report"),
    Reader("data/timings/**/*.json", "report"),
    Reader("data/reports/**/*.json", "report"),
    Reader("params.yaml", "wikilm check"),
)


def run(scratch: Path, tries: int, seed: int) -> Tried:
    """Tamper this many times with a file of each reader, in a random way; return the results."""
    finished_project(scratch / "finished")
    project, tried, chance = prepared(scratch), Tried("tampered data"), random.Random(seed)
    became = Counter[str]()
    for _, reader in product(range(tries), READERS):
        path = chance.choice(sorted(path.relative_to(project) for path in project.glob(reader.files)))
        name, tamper = chance.choice(list(ways(path).items()))
        tamper_with(project, scratch / "tampered", reader, path, tamper, chance)
        ended = read(scratch / "tampered", reader)
        wrong = problems(scratch / "tampered", path, ended)
        became["refused" if ended.code else "read"] += not wrong
        tried.add(f"{path}, {name}: {reader.command}", wrong)
    print(", ".join(f"{number:,} {what}" for what, number in became.items()))
    return tried


def prepared(scratch: Path) -> Path:
    """Return a copy of the finished run with a checkpoint, vectors in files, and verse."""
    project = scratch / "whole"
    shutil.rmtree(project, ignore_errors=True)
    link(scratch / "finished", project)
    checkpoint(project)
    for ending in ("txt", "bin"):
        shutil.copy(project / f"data/embeddings/gru/vectors.{ending}", project / f"given.{ending}")
    ended = answer(project, "wikilm pack gru packed.npz --source none --licence CC0")
    assert ended.code == 0, ended.printed
    (project / "verse").mkdir()
    for poet in ("ann", "bo"):
        (project / f"verse/{poet}.txt").write_text(VERSE * 8)
    return project


def checkpoint(project: Path) -> None:
    """Train until the first checkpoint."""

    def fault() -> None:
        honest = Resumable.on_train_batch_end

        def on_train_batch_end(self: Resumable, *arguments: Any) -> None:
            self.seconds = 0
            honest(self, *arguments)
            os._exit(3)

        Resumable.on_train_batch_end = on_train_batch_end  # type: ignore[method-assign, assignment]

    ended = run_stage(project, command_of(project, "train@gru"), fault)
    assert ended.code == 3, ended.printed


def link(whole: Path, project: Path) -> None:
    """Make a folder with the files of a run, as links: a stage replaces files and changes none."""
    project.mkdir()
    for name in NEEDED:
        if (whole / name).is_dir():
            shutil.copytree(whole / name, project / name, copy_function=os.link)
        elif (whole / name).exists():
            os.link(whole / name, project / name)


def answer(project: Path, command: str) -> Ended:
    """Run a command of wikilm."""

    def work() -> None:
        bounded()
        os.chdir(project)
        wikilm(shlex.split(command)[1:])

    return in_a_fork(work)


def bounded() -> None:
    """Let this process end if it takes too long or too much memory."""
    signal.alarm(SECONDS)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


def tamper_with(whole: Path, project: Path, reader: Reader, path: Path, tamper: Tamper, chance: random.Random) -> None:
    """Make a copy of a run for a reader, with one file tampered with."""
    shutil.rmtree(project, ignore_errors=True)
    link(whole, project)
    (project / "own.txt").write_text("The king of the land and the sea.\n")
    if reader.settings:
        replace(project / "params.yaml", (project / "params.yaml").read_bytes())
        change_params(project / "params.yaml", dict(reader.settings))
    replace(project / path, tamper((project / path).read_bytes(), chance))


def read(project: Path, reader: Reader) -> Ended:
    """Run what reads the files."""
    if reader.command.startswith("wikilm "):
        return answer(project, reader.command)
    return run_stage(project, command_of(project, reader.command), bounded)


def problems(project: Path, path: Path, ended: Ended) -> list[str]:
    """Return what is wrong after a tampered file was read."""
    wrong = refusal(ended, [str(path), f"{path.parent}:"]) if ended.code else []
    if "Traceback" in ended.printed and not wrong:
        wrong.append(f"a traceback: {ended.printed[-400:]}")
    if (project / RAN).exists():
        wrong.append("code ran")
    if codes := set(UNPRINTABLE.findall(re.sub(r"[\r\n\t]", "", ended.printed))):
        wrong.append(f"printed control codes {codes}")
    page = project / "data/reports/index.html"
    if page.exists() and SCRIPT in page.read_text(encoding="utf-8"):
        wrong.append("a script in the page")
    return wrong


def replace(path: Path, content: bytes) -> None:
    """Give a file another content, but not the files that it is linked with."""
    path.unlink()
    path.write_bytes(content)
