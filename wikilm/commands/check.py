"""Check every setting of a parameter file, and the files that it names."""

import argparse
import hashlib
import platform
from importlib import metadata
from pathlib import Path

from pipeline.run import doors
from pipeline.run.errors import UserError, reading
from pipeline.run.outputs import read_json
from pipeline.settings.checked import check_stages
from pipeline.settings.params import PARAMS, load_params, read_yaml
from wikilm.commands.answer import Answer
from wikilm.commands.options import add_params
from wikilm.run_folder import RWLOCK

PIPELINE = Path("dvc.yaml")
# A kill can leave half of the first two, which DVC writes in place, and an empty folder in the third. A loss of power
# can leave empty files in the last, which DVC would take for outputs.
LOCK = Path("dvc.lock")
RUNS = Path(".dvc/cache/runs")
OBJECTS = Path(".dvc/cache/files")
EMPTY_OBJECT = hashlib.md5(usedforsecurity=False).hexdigest()[2:]  # the name of an output that is empty

add_arguments = add_params


def check(arguments: argparse.Namespace) -> Answer:
    """Return the models of a parameter file; raises `UserError` if a setting is wrong or a file is missing."""
    params = load_params(Path(arguments.params))
    check_asked_keys(Path(arguments.params))
    try:
        check_stages(params)
    except UserError as error:  # the checks name params.yaml
        file, _, told = str(error).partition(": ")
        raise UserError(f"{arguments.params if file == str(PARAMS) else file}: {told}") from None
    check_files_of_dvc()
    models = list(params.models)
    line = f"{arguments.params}: valid; models: {', '.join(models)}"
    return Answer({"params": str(arguments.params), "models": models, "software": software()}, [line])


def software() -> dict[str, str]:
    """Return the versions of what decides a run, and the system: what a report of a fault needs."""
    versions = {
        name: metadata.version(name) for name in ("wikilm", "torch", "pytorch-lightning", "dvc", "numpy", "pyarrow")
    }
    return {**versions, "python": platform.python_version(), "system": platform.platform()}


def check_asked_keys(path: Path) -> None:
    """Raise `UserError` if a parameter file leaves a key to its default that a stage names in dvc.yaml.

    DVC knows no defaults.
    """
    if not PIPELINE.is_file():
        return
    given, stages = read_yaml(path), read_yaml(PIPELINE)["stages"].values()
    keys = (key.split(".") for stage in stages for key in stage.get("params", ()) if "." in key)
    for section, key in keys:
        if key not in (given[section] or {}):
            raise UserError(
                f"{path}: {section}.{key}: missing, and DVC asks for it; add it (`wikilm params` prints its default)"
            )


def check_files_of_dvc() -> None:
    """Raise `UserError` if a kill or a loss of power left files of DVC's empty or half-written.

    DVC itself does not say what to do then.
    """
    if RWLOCK.is_file():
        read_json(RWLOCK, "delete it if no DVC runs here")
    if LOCK.is_file():
        from dvc.schema import COMPILED_LOCKFILE_SCHEMA  # other commands start without DVC

        with reading(LOCK, "restore the one that you committed, or delete it and run `dvc repro`"):
            COMPILED_LOCKFILE_SCHEMA(doors.bounded_yaml(doors.bounded_text(LOCK, doors.MOST_LOCK)))
    for folder in RUNS.glob("*/*/"):
        if not any(folder.iterdir()):
            raise UserError(f"{folder}: is empty, so DVC fails; delete it if no DVC runs here")
    empty = [path for path in OBJECTS.rglob("*") if path.is_file() and not path.stat().st_size]
    if lost := [path for path in empty if path.name != EMPTY_OBJECT]:
        raise UserError(
            f"{lost[0]}: is empty, as {len(lost)} file(s) of DVC's cache are, perhaps since a loss of power; "
            f"delete them: find {OBJECTS} -type f -size 0 -delete"
        )
