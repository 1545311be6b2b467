"""Checksums of files."""

import hashlib
from pathlib import Path

from pipeline.run.console import progress


def digests_of(path: Path, *algorithms: str) -> dict[str, str]:
    """Return the hexadecimal digest of a file by each of `algorithms`; shows a progress bar."""
    digests = {algorithm: hashlib.new(algorithm, usedforsecurity=False) for algorithm in algorithms}
    with path.open("rb") as file, progress(f"checksum {path.name}", path.stat().st_size, "B") as bar:
        while block := file.read(1 << 20):
            for digest in digests.values():
                digest.update(block)
            bar.update(len(block))
    return {algorithm: digest.hexdigest() for algorithm, digest in digests.items()}
