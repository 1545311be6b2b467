"""What made a page: when, from which commit and settings, with which libraries, on which machine."""

import os
import platform
import subprocess
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from pipeline.page.overview import facts
from pipeline.page.results import Results

LIBRARIES = ("torch", "pytorch-lightning", "numpy", "scipy", "scikit-learn", "gensim", "dvc")
CPUINFO = Path("/proc/cpuinfo")


def provenance(results: Results, seed: int, changed: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what made the page: (label, value). `changed` holds the settings that differ from the defaults, by key."""
    yield from facts(results)
    yield "page written", f"{datetime.now(UTC):%Y-%m-%d}"
    yield "commit", commit()
    yield "seed", str(seed)
    yield "changed settings", "; ".join(f"{key}: {value}" for key, value in changed.items()) or "none"
    yield "libraries", ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    yield "machine", f"{processor()}, {os.cpu_count()} cores; {platform.system()}, Python {platform.python_version()}"


def commit() -> str:
    """Return the working folder's commit and whether files differ from it; `unknown` outside a git repository."""
    try:
        number = _git("describe", "--always", "--exclude=*")
        differs = _git("status", "--porcelain", "--untracked-files=no", "--", ":!dvc.lock")  # DVC has just renewed it
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{number}-dirty" if differs else number


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout.strip()


def processor() -> str:
    """Return the name of the processor, as Linux says it, or else the name of its architecture."""
    lines = CPUINFO.read_text(encoding="utf-8").splitlines() if CPUINFO.is_file() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def files(results: Results) -> Iterator[str]:
    """Yield the paths, relative to the page, of the reports that lie next to it."""
    folder = results.data / "reports"
    for path in sorted([*folder.glob("*.json"), *folder.glob("analogies/*")], key=lambda path: path.as_posix()):
        if path.parent == folder or path.stem in results.models:
            yield path.relative_to(folder).as_posix()
