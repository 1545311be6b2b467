"""Stage: place or point at the dump files, and write down exactly what they are."""

import glob
import hashlib
import shutil
from importlib import resources
from pathlib import Path
from typing import Any

from pipeline.run.console import Metrics, UserError, progress, say, stage
from pipeline.run.files import whole_directory, write_json
from pipeline.run.params import load_params

SAMPLE = "enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.bz2"
SAMPLE_SHA1 = "7b5fb82629787518600dfdb27b84703f2abad6ee"


@stage
def main(raw: Path) -> Metrics:
    """Place the dump files in RAW, or point at the user's own, with a manifest of sizes and checksums."""
    source = load_params().wiki.source
    if source == "dumps":
        raise UserError(
            "params.yaml: wiki.source is 'dumps': downloading from Wikimedia comes in a later release; "
            "download the files yourself and give their path or glob"
        )
    with whole_directory(raw) as directory:
        files = (
            [{**place_sample(directory), "path": (raw / SAMPLE).as_posix()}] if source == "sample" else point_at(source)
        )
        write_json(directory / "manifest.json", {"source": source, "files": files})
    total = sum(file["bytes"] for file in files)
    say(f"download: {source}: {len(files)} dump file(s), {total:,} bytes, checksums in {raw}/manifest.json")
    return {"files": len(files), "bytes": total}


def place_sample(directory: Path) -> dict[str, Any]:
    """Copy the English excerpt that gensim ships into `directory`, checked, and describe it."""
    packaged = resources.files("gensim.test.test_data") / SAMPLE
    with resources.as_file(packaged) as path:
        shutil.copyfile(path, directory / SAMPLE)
    entry = describe(directory / SAMPLE)
    if entry["sha1"] != SAMPLE_SHA1:
        raise UserError(f"gensim's {SAMPLE}: sha1 is {entry['sha1']}, not {SAMPLE_SHA1}; reinstall gensim")
    return entry


def point_at(pattern: str) -> list[dict[str, Any]]:
    """The manifest entries of the files that `pattern` (a path or a glob) names, in the order of their names."""
    expanded = Path(pattern).expanduser()
    # A name may hold the brackets of a glob.
    names = [str(expanded)] if expanded.is_file() else sorted(glob.glob(str(expanded), recursive=True))  # noqa: PTH207
    files = [Path(name) for name in names if Path(name).is_file()]
    if not files:
        found = "is a folder" if expanded.is_dir() else "no such file"
        raise UserError(
            f"params.yaml: wiki.source is {pattern!r}: {found}; give `sample`, or the path or glob of dump files"
        )
    return [describe(path) for path in files]


def describe(path: Path) -> dict[str, Any]:
    """A file's path, size in bytes and sha1."""
    digest = hashlib.sha1(usedforsecurity=False)
    size = path.stat().st_size
    with path.open("rb") as file, progress(f"checksum {path.name}", size, "B") as bar:
        while block := file.read(1 << 20):
            digest.update(block)
            bar.update(len(block))
    return {"path": path.as_posix(), "bytes": size, "sha1": digest.hexdigest()}


if __name__ == "__main__":
    main()
