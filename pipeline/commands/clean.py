"""List outputs that no entry of params.yaml makes any more; --yes deletes them.

These are the outputs of models that were removed from `models`, those of experiments that are off, and what killed
runs left of models that were removed or trained since. Run it while no stage runs.
"""

import argparse
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from pipeline.commands.answer import Answer, table
from pipeline.commands.run_folder import RunFolder, add_data
from pipeline.settings import POETS, Params, read_yaml

MODEL = "${key}"  # dvc.yaml's name for each entry of `models`
NAME = "[a-z0-9][a-z0-9_-]*"
KILLED = r"(?P<killed>(\.[0-9a-f]{16}\.checkpoint)?(\.partial|\.old)?)"  # the end of a hidden temporary name


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_data(parser)
    parser.add_argument("--yes", action="store_true", help="delete the listed outputs")


def clean(arguments: argparse.Namespace) -> Answer:
    """Return the outputs that nothing makes any more, after deleting them if the user said --yes."""
    run: RunFolder = arguments.data
    sizes = {path: size_of(path) for path in sorted(find_outdated(run))}
    if arguments.yes:
        for path in sizes:
            remove(path)
    total = f"{len(sizes)} output(s), {sum(sizes.values()):,} bytes"
    if not sizes:
        note = "nothing to delete"
    elif arguments.yes:
        note = f"deleted {total}"
    else:
        note = f"{total}; nothing is deleted yet: `wikilm clean --yes` deletes them"
    outputs = [{"path": str(path), "bytes": size} for path, size in sizes.items()]
    lines = table([(str(path), f"{size:,} bytes") for path, size in sizes.items()], "<>")
    return Answer({"deleted": arguments.yes, "outputs": outputs}, lines, note)


def find_outdated(run: RunFolder) -> Iterator[Path]:
    """Yield the outputs that no entry or section of params.yaml makes any more, all inside the run's folder."""
    root = run.path.resolve()
    for name, stage in read_yaml(run.beside("dvc.yaml"))["stages"].items():
        if stage.get("foreach") == "${models}":
            found = [path for output in outputs_of(stage["do"]) for path in outdated_models(run, output)]
        elif name in Params.model_fields and getattr(run.params, name) is None:
            found = [path for output in outputs_of(stage) if (path := run.path / output).exists()]
        else:
            found = []
        # A link inside the folder may lead out of it.
        yield from (path for path in found if path.parent.resolve().is_relative_to(root))


def outputs_of(stage: Mapping[str, Any]) -> Iterator[PurePosixPath]:
    """Yield the outputs of a stage of dvc.yaml below data/, and the timings that DVC does not track."""
    for output in [*stage.get("outs", []), *stage.get("metrics", [])]:
        path = PurePosixPath(next(iter(output)) if isinstance(output, dict) else output)
        if path.parts[0] == "data":
            path = path.relative_to("data")
            yield path
            if path.parts[0] == "metrics":
                yield PurePosixPath("timings", *path.parts[1:]).with_suffix(".json")


def outdated_models(run: RunFolder, output: PurePosixPath) -> Iterator[Path]:
    """Yield the outputs of models that are gone, and what killed runs left of models that are gone or finished."""
    folder, ending = run.path / output.parent, re.escape(output.name.removeprefix(MODEL))
    named = re.compile(rf"(?P<output>(?P<name>{NAME}){ending})|\.(?P<hidden>(?P<owner>{NAME}){ending}){KILLED}")
    for path in folder.iterdir() if folder.is_dir() else ():
        if not (match := named.fullmatch(path.name)):
            continue
        if name := match["name"]:
            if name not in run.params.models and name != POETS:
                yield path
        elif match["killed"] and not may_resume(run, match["owner"], folder / match["hidden"]):
            yield path


def may_resume(run: RunFolder, owner: str, output: Path) -> bool:
    """Return whether an unfinished training may still take up what its killed run left.

    A poet's temporary files are named like `poetry-POET-MODEL`.
    """
    if owner in run.params.models:
        return not output.exists()
    if re.match(rf"{POETS}(-|$)", owner):
        return bool(run.params.poetry_generation) and not output.with_name(POETS).exists()
    return False


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder."""
    return sum(file.lstat().st_size for file in [path, *path.rglob("*")] if file.is_symlink() or file.is_file())


def remove(path: Path) -> None:
    """Remove a file, a link or a folder."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
