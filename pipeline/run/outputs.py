"""Files and folders that a stage writes completely or not at all, in JSON and in shards."""

import json
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.run.doors import MOST_RECORD, bounded_bytes, bounded_json, bounded_lines
from pipeline.run.errors import UserError, reading, writing


@contextmanager
def _temporary(path: Path, suffix: str = "") -> Iterator[Path]:
    """Yield a temporary path next to `path`, without the remains of a killed run, and remove it at the end."""
    partial = path.with_name(f".{path.name}{suffix}.partial")
    with writing(path, partial):
        path.parent.mkdir(parents=True, exist_ok=True)
        remove(partial)
        try:
            yield partial
        finally:
            remove(partial)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path next to `path`, which is renamed to `path` if the block succeeds."""
    with _temporary(path) as partial:
        yield partial
        partial.replace(path)


@contextmanager
def whole_directory(path: Path) -> Iterator[Path]:
    """Yield a new, empty directory, which is renamed to `path` if the block succeeds."""
    with _temporary(path) as partial:
        partial.mkdir()
        yield partial
        # A directory cannot be replaced in one step: move the old one aside first.
        old = path.with_name(f".{path.name}.old")
        with writing(path, old):
            remove(old)
            if path.exists():
                path.rename(old)
            partial.rename(path)
            remove(old)


def refuse_to_replace(folder: Path, outputs: Set[str]) -> None:
    """Raise `UserError` if a stage's folder holds other files than its `outputs`, such as a user's own.

    Hidden files do not count: Finder leaves `.DS_Store`, and a killed DVC `.NAME.tmp`.
    """
    if foreign := sorted({path.name for path in folder.glob("[!.]*")} - outputs):
        raise UserError(
            f"{folder / foreign[0]}: the stage that writes {folder} would delete it; keep your files in another folder"
        )


@contextmanager
def scratch_directory(path: Path) -> Iterator[Path]:
    """Yield a new, empty directory next to `path`, and remove it when the block ends."""
    with _temporary(path, ".scratch") as scratch:
        scratch.mkdir()
        yield scratch


@contextmanager
def workers_folder(directory: Path) -> Iterator[Path]:
    """Yield a folder in `directory` for the files of workers, and remove it at the end.

    Its name is random because the workers of a killed run may still write; their folders are removed, too.
    """
    folder = directory / f".workers-{secrets.token_hex(8)}"
    folder.mkdir()
    yield folder
    for left in directory.glob(".workers-*"):
        remove(left)


def write_json(path: Path, content: Mapping[str, Any] | Sequence[Any]) -> None:
    """Write `content` as indented JSON with its keys in the given order; raises `ValueError` on NaN."""
    with whole_file(path) as partial:
        text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
        partial.write_text(text + "\n", encoding="utf-8")


def write_json_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write each row as a JSON object on a line of its own."""
    with whole_file(path) as partial, partial.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def read_json(path: Path, remedy: str = "delete it and run the stage that writes it", most: int = MOST_RECORD) -> Any:
    """Read a JSON file that a stage wrote; raises `UserError` if it is damaged."""
    with reading(path, remedy):
        return bounded_json(bounded_bytes(path, most).decode())


def read_json_lines(path: Path) -> Iterator[Any]:
    """Yield the objects of a file that `write_json_lines` wrote; raises `UserError` if it is damaged."""
    with reading(path), path.open("rb") as file:
        yield from (bounded_json(line.decode()) for line in bounded_lines(file, path, MOST_RECORD))


def read_json_if_there(path: Path) -> Any:
    """Return what `read_json` returns, or None if the stage has not run."""
    return read_json(path) if path.is_file() else None


def remove(path: Path) -> None:
    """Remove a file, a link or a folder, if it exists."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
