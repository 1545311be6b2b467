"""The manifest: the files that are read, their kind, sizes and checksums."""

from dataclasses import replace
from pathlib import Path

from pipeline.dumps.digests import digests_of
from pipeline.dumps.dump import Piece, split
from pipeline.records.text import Manifest
from pipeline.run.errors import UserError


def read_manifest(raw: Path, *, verify: bool = False) -> Manifest:
    """Return the manifest in the folder `raw`.

    Raises `UserError` where a file is missing, or its size is not the one that is listed, or, to `verify`, its digest.
    """
    manifest = Manifest.read(raw / "manifest.json", "run `dvc repro -f download`")
    for file in manifest.files:
        path = Path(file.path)
        if not path.exists():
            raise UserError(f"{path}: not found; put it back, or run `dvc repro -f download`")
        if path.stat().st_size != file.bytes or (verify and digests_of(path, "sha1")["sha1"] != file.sha1):
            raise UserError(f"{path}: changed since it was listed; run `dvc repro -f download`")
    return manifest


def listed_pieces(manifest: Manifest) -> list[Piece]:
    """Return the pieces of the dump files in a manifest, which may name the language of their wiki."""
    pieces = [piece for file in manifest.files for piece in split(Path(file.path))]
    if manifest.language:
        pieces = [replace(piece, site=replace(piece.site, language=manifest.language)) for piece in pieces]
    return [replace(piece, number=number) for number, piece in enumerate(pieces)]
