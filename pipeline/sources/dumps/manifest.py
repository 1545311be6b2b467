"""The dump files that a manifest lists, as pieces."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.run.console import UserError
from pipeline.run.outputs import read_json
from pipeline.sources.dumps.dump import Piece, split


def listed_pieces(raw: Path) -> tuple[list[dict[str, Any]], list[Piece]]:
    """Return the files in the manifest in `raw`, and their pieces, of whose wiki the manifest may name the language.

    Raises `UserError` where a file is not there or its size is not the one that is listed.
    """
    manifest = read_json(raw / "manifest.json")
    files, language = manifest["files"], manifest.get("language")
    for file in files:
        if Path(file["path"]).exists() and Path(file["path"]).stat().st_size != file["bytes"]:
            raise changed(file)
    pieces = [piece for file in files for piece in split(Path(file["path"]))]
    if language:
        pieces = [replace(piece, site=replace(piece.site, language=language)) for piece in pieces]
    return files, pieces


def changed(file: dict[str, Any]) -> UserError:
    """Return the error that reports a file that differs from the manifest."""
    return UserError(f"{file['path']}: changed since it was listed; run `dvc repro -f download`")
