"""List outputs that no entry of params.yaml produces any more; --yes deletes them.

These are the outputs of models that were removed from `models`, and temporary files of killed runs, unless a training
can resume from them. Run it while no stage runs.
"""

import argparse
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from pipeline.run.outputs import remove
from pipeline.settings import POETS, read_yaml
from wikilm.commands.answer import Answer, table
from wikilm.commands.options import add_data
from wikilm.run import Run

DOWNLOADS = "downloads"  # never deleted, even if it is an output
MODEL = "${key}"  # dvc.yaml's name for each entry of `models`
NAME = rf"[a-z0-9][a-z0-9_-]*|{POETS}-[^.]+"  # of a model; poets have names in any script
# The end of the hidden name of a temporary output.
KILLED = r"(?:\.\d+(?:-[0-9a-f]{16}|\.curve)\.checkpoint(?:\.jsonl)?)?(?:\.scratch)?(?:\.partial|\.old)?"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_data(parser)
    parser.add_argument("--yes", action="store_true", help="delete the listed outputs")


def clean(arguments: argparse.Namespace) -> Answer:
    """Return the outputs that nothing produces any more, and delete them if the user said --yes."""
    run: Run = arguments.data
    sizes = {path: size_of(path) for path in sorted(find_orphans(run))}
    if arguments.yes:
        for path in sizes:
            remove(path)
    total = f"{len(sizes)} output(s), {sum(sizes.values()):,} bytes"
    summary = f"deleted {total}" if arguments.yes else f"{total}; `wikilm clean --yes` deletes them"
    lines = table([(str(path), f"{size:,} bytes") for path, size in sizes.items()], "<>")
    outputs = [{"path": str(path), "bytes": size} for path, size in sizes.items()]
    data = {"deleted": arguments.yes, "outputs": outputs}
    return Answer(data, [*lines, summary if sizes else "nothing to delete"])


def find_orphans(run: Run) -> Iterator[Path]:
    """Yield the outputs that no entry of params.yaml produces any more, all inside the run's folder."""
    models, root = set(run.params.models), run.path.resolve()
    for stage in (read_yaml(run.sibling("dvc.yaml")).get("stages") or {}).values():
        if stage.get("foreach") != "${models}":
            continue
        for path in (path for output in outputs_of(stage["do"]) for path in orphans_of_models(run, models, output)):
            inside = path.parent.resolve().is_relative_to(root)  # a link inside the folder may lead out of it
            if inside and not path.is_relative_to(run.path / DOWNLOADS):
                yield path


def outputs_of(stage: Mapping[str, Any]) -> Iterator[PurePosixPath]:
    """Yield the outputs of a stage of dvc.yaml below data/, and the timings that DVC does not track."""
    for output in [*stage.get("outs", []), *stage.get("metrics", [])]:
        path = PurePosixPath(next(iter(output)) if isinstance(output, dict) else output)
        if path.parts[0] == "data":
            path = path.relative_to("data")
            yield path
            if path.parts[0] == "metrics":
                yield PurePosixPath("timings", *path.parts[1:]).with_suffix(".json")


def orphans_of_models(run: Run, models: set[str], output: PurePosixPath) -> Iterator[Path]:
    """Yield the outputs of removed models, and temporary files of killed runs of removed or finished models."""
    folder, ending = run.path / output.parent, re.escape(output.name.removeprefix(MODEL))
    named = re.compile(rf"(\.?)(({NAME}){ending})({KILLED})")
    for path in folder.iterdir() if folder.is_dir() else ():
        if match := named.fullmatch(path.name):
            hidden, made, name, killed = match.groups()
            if hidden:
                orphan = killed and not may_resume(run, name, folder / made)
            else:
                orphan = not killed and name not in models and name != POETS
            if orphan:
                yield path


def may_resume(run: Run, owner: str, output: Path) -> bool:
    """Return whether an unfinished training may still resume from the files of its killed run.

    A poet's temporary files are named like `poetry-POET-MODEL`.
    """
    if owner.partition("-")[0] == POETS:
        return bool(run.params.poetry_generation) and not output.with_name(POETS).exists()
    return owner in run.params.models and not output.exists()


def size_of(path: Path) -> int:
    """Return the bytes of a file or a link, or of all files in a folder."""
    files = [path] if path.is_symlink() else [path, *path.rglob("*")]
    return sum(file.lstat().st_size for file in files if file.is_symlink() or file.is_file())
