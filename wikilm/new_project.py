"""A new project: a folder with the code of this one, with its own git and DVC, in the same environment."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from pipeline.run.errors import UserError
from pipeline.run.outputs import scratch_directory
from pipeline.settings.params import PARAMS
from wikilm.commands.check import LOCK
from wikilm.run_folder import CODE

SHIPPED_PARAMS = "ae4707eecd35ccffa40102a5d375f6df54733596"  # of `git hash-object params.yaml`: users commit their own
ENVIRONMENT = ".venv"
# The first commit needs no name of the user's, no key and no hook.
AS_WIKILM = "user.name=wikilm", "user.email=wikilm@localhost", "commit.gpgSign=false", "core.hooksPath=/dev/null"


class NewProject(NamedTuple):
    """What was made: the files and bytes, of which commit of which code, the environment, the repository around it."""

    files: int
    bytes: int
    code: str
    commit: str
    environment: str | None
    inside: str | None


def make_project(folder: Path) -> NewProject:
    """Make a project in a `folder`, which must not exist or be empty; it is made as a whole or not at all.

    Raises `UserError` if the folder has files, or if git cannot say what belongs to the project.
    """
    if os.path.lexists(folder) and not (folder.is_dir() and not any(folder.iterdir())):
        raise UserError(f"{folder}: exists and is not an empty folder; give another")
    if not (folder := folder.resolve()).parent.is_dir():
        raise UserError(f"{folder.parent}: no such folder; make it first")
    names = [name for name in git(CODE, "ls-files", "-z").decode().split("\0") if name and name != str(LOCK)]
    if gone := [name for name in names if not os.path.lexists(CODE / name)]:
        raise UserError(f"{CODE / gone[0]}: not found, and git tracks it; `git checkout -- {gone[0]}` restores it")
    try:
        shipped = git(CODE, "cat-file", "blob", SHIPPED_PARAMS)
    except UserError:
        told = f"git lacks the {PARAMS} that was shipped; fetch the whole history (git fetch --unshallow)"
        raise UserError(f"{CODE}: {told}") from None
    commit = git(CODE, "describe", "--always", "--dirty", "--exclude=*").decode().strip()
    with scratch_directory(folder) as scratch:
        for name in names:
            (scratch / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CODE / name, scratch / name, follow_symlinks=False)
        (scratch / PARAMS).write_bytes(shipped)
        size = sum((scratch / name).lstat().st_size for name in names)
        git(scratch, "init", "--quiet")
        git(scratch, "add", "--force", ".")
        git(scratch, "commit", "--quiet", "--message", f"Make a project from {commit} of {CODE}")
        if environment := environment_here():  # after the commit, for git and DVC ignore it
            (scratch / ENVIRONMENT).symlink_to(environment)
        inside = repository_around(scratch.parent)
        scratch.rename(folder)
    return NewProject(len(names), size, str(CODE), commit, environment, inside)


def environment_here() -> str | None:
    """Return the environment in this code's folder, or else the one that runs; None if wikilm is in neither."""
    found = (str(each.resolve()) for each in (CODE / ENVIRONMENT, Path(sys.prefix)) if (each / "bin/wikilm").is_file())
    return next(found, None)


def repository_around(folder: Path) -> str | None:
    """Return the folder of the git repository in which a folder lies, or None."""
    try:
        return git(folder, "rev-parse", "--show-toplevel").decode().strip()
    except UserError:
        return None


def git(folder: Path, *words: str) -> bytes:
    """Return what git says in a folder; raises `UserError` with the first line of its error if it fails."""
    # In a hook of git's its variables would lead to that one's repository.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    command = ["git", *(word for each in AS_WIKILM for word in ("-c", each)), *words]
    try:
        found = subprocess.run(command, cwd=folder, env=environment, capture_output=True)
    except FileNotFoundError:
        raise UserError("git: not found; install it") from None
    if found.returncode:
        told = found.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise UserError(f"{folder}: `git {words[0]}` failed: {told}")
    return found.stdout
