"""Peak memory of every text stage on a dump and on the first fifth of it: `python -m benchmarks.memory DUMP`.

A peak is the largest resident set of any one process of the stage, as `/usr/bin/time -v` gives it.
"""

import argparse
import bz2
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pipeline.run.params import load_params

COMMANDS = {
    "download": ["raw"],
    "extract": ["raw", "articles"],
    "tokens": ["articles", "tokens"],
    "vocabulary": ["tokens", "vocabulary.tsv", "remap"],
    "index": ["tokens", "vocabulary.tsv", "remap", "sequences.db"],
}


def first_fifth(dump: Path, out: Path) -> None:
    """Write the first fifth of a dump's text, in whole pages."""
    with bz2.open(dump) as stream:
        size = sum(map(len, iter(lambda: stream.read(1 << 20), b"")))
    with bz2.open(dump) as stream, out.open("wb") as file:
        written = 0
        for line in stream:
            written += file.write(line)
            if written >= size / 5 and line.strip() == b"</page>":
                break
        file.write(b"</mediawiki>\n")


def peaks(dump: Path, directory: Path) -> Iterator[float]:
    """Run the text stages on `dump` in `directory`; the peak of each, in MB."""
    directory.mkdir()
    params = Path("params.yaml").read_text(encoding="utf-8")
    source = re.sub(r"(?m)^  source:.*$", lambda _: f"  source: {dump.absolute()}", params)
    (directory / "params.yaml").write_text(source, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    for stage, arguments in COMMANDS.items():
        process = subprocess.Popen(
            [sys.executable, "-m", f"pipeline.{stage}", *arguments], cwd=directory, env=environment
        )  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            sys.exit(f"{stage} failed")
        yield usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dump", type=Path)
    dump = parser.parse_args().dump
    load_params()
    with tempfile.TemporaryDirectory() as scratch:
        fifth = Path(scratch) / "fifth.xml"
        first_fifth(dump, fifth)
        whole, small = (list(peaks(path, Path(scratch) / name)) for path, name in ((dump, "whole"), (fifth, "small")))
    print(f"{'stage':<12} {'whole, MB':>10} {'fifth, MB':>10} {'ratio':>6}")
    for stage, large, little in zip(COMMANDS, whole, small, strict=True):
        print(f"{stage:<12} {large:>10.0f} {little:>10.0f} {large / little:>6.2f}")


if __name__ == "__main__":
    main()
