"""Dumps made to fill the memory, each read as stages do, in a process of its own that may take a GB."""

import bz2
import gzip
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path

from tests.small_dumps import a_page, wrap

HEAD = wrap(["@"]).partition("@")[0].encode()
PAGE = b"<page><title>t</title><ns>0</ns><id>1</id><revision><text>"
MEGABYTE = 1_000_000
CPU_SECONDS, MEGABYTES = 60, 1000  # bounds of reading one
ENDLESS = {  # what comes first, and what is repeated
    "a page": (HEAD + PAGE, b"words of prose "),
    "elements within elements": (HEAD + b"<page>", b"<a>"),
    "elements between pages": (HEAD, b"<a/>"),
    "blanks before the first page": (b"<mediawiki>", b" "),
    "an attribute": (HEAD + b"<page a='", b"x"),
    "a comment": (HEAD + b"<!--", b"x"),
}
PACKED: dict[str, Callable[..., object]] = {".xml": open, ".xml.bz2": bz2.open, ".xml.gz": gzip.open}
LAUGHS = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
READ = """
import sys
from pathlib import Path
from pipeline.dumps import dump
from pipeline.run.failures import one_line_errors
with one_line_errors("bombs"):
    sum(1 for piece in dump.split(Path(sys.argv[1])) for _ in dump.pages(piece))
"""


def bombs(megabytes: int) -> Iterator[tuple[str, list[str]]]:
    """Yield the name of each bomb, and what was wrong when it was read: it must be refused in one line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "entities.xml"
        path.write_text(f"<!DOCTYPE mediawiki [{LAUGHS}]>{wrap([a_page(1, '@')])}".replace("@", "&a9;"))
        yield "entities that multiply", wrong(path)
        for name, (first, part) in ENDLESS.items():
            for suffix, opened in PACKED.items():
                path = Path(folder) / f"endless{suffix}"
                with opened(path, "wb") as file:  # type: ignore[attr-defined]
                    file.write(first)
                    file.writelines(repeat(part * (MEGABYTE // len(part)), megabytes))
                yield f"{name}{suffix}", wrong(path)
                path.unlink()


def wrong(path: Path) -> list[str]:
    """Return what is wrong when a bomb is read."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_DATA, (MEGABYTES * MEGABYTE, MEGABYTES * MEGABYTE))

    read = subprocess.run(
        [sys.executable, "-c", READ, path], capture_output=True, text=True, check=False, preexec_fn=limit
    )
    told = read.stderr.startswith(f"bombs: error: {path}: ") and read.stderr.count("\n") == 1
    return [] if read.returncode == 1 and told else [f"exit code {read.returncode}: {read.stderr[-600:]}"]
