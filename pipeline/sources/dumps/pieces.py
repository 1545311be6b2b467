"""The dump files that a manifest lists, as pieces."""

from dataclasses import replace
from pathlib import Path

from pipeline.sources.dumps.dump import Piece, split
from pipeline.sources.manifest import Manifest


def listed_pieces(manifest: Manifest) -> list[Piece]:
    """Return the pieces of the dump files in a manifest, which may name the language of their wiki."""
    pieces = [piece for file in manifest.files for piece in split(Path(file["path"]))]
    if manifest.language:
        pieces = [replace(piece, site=replace(piece.site, language=manifest.language)) for piece in pieces]
    return pieces
