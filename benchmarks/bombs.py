"""Dumps made to fill the memory: each is written in a stream and read as stages do, in a process of its own.

`python -m benchmarks.bombs [--megabytes N]` prints the size of each file, the seconds and the peak memory of reading
it, and the error in which that ends. The exit code is 1 where one takes more than a minute or a GB.
"""

import argparse
import bz2
import gzip
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path

from pipeline.run.errors import UserError
from pipeline.sources.dumps.dump import pages, split
from tests.dumps import a_page, wrap

HEAD, TAIL = (part.encode() for part in wrap(["@"]).split("@"))
PAGE = b"<page><title>t</title><ns>0</ns><id>1</id><revision><text>"
PARTS = 1000  # bytes of XML that are repeated
SECONDS, MEGABYTES = 60, 1000  # bounds of reading one: CPU time and peak memory


def with_entities(declared: str, text: str) -> bytes:
    """Return a dump whose page has a text with entities."""
    return f"<!DOCTYPE mediawiki [{declared}]>{wrap([a_page(1, '@')])}".replace("@", text).encode()


LAUGHS = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
SMALL = {
    "entities that multiply": with_entities(LAUGHS, "&a9;"),
    "one long entity, often": with_entities(f'<!ENTITY a "{"x" * 1_000_000}">', "&a;" * 100_000),
    "a file as an entity": with_entities('<!ENTITY a SYSTEM "file:///etc/hostname">', "&a;"),
}
ENDLESS = {  # what comes first, and what is repeated
    "a page": (HEAD + PAGE, b"words of prose "),
    "elements within elements": (HEAD + b"<page>", b"<a>"),
    "elements between pages": (HEAD, b"<a/>"),
    "blanks before the first page": (b"<mediawiki>", b" "),
    "an attribute": (HEAD + b"<page a='", b"x"),
    "a comment": (HEAD + b"<!--", b"x"),
    "pages without text": (HEAD, b"<page><title>t</title><ns>0</ns><id>1</id><revision><text/></revision></page>"),
}
PACKED: dict[str, Callable[..., object]] = {".xml": open, ".xml.bz2": bz2.open, ".xml.gz": gzip.open}


def bombs(folder: Path, size: int) -> Iterator[tuple[str, Path]]:
    """Yield the name and the file of each, one at a time."""
    for name, content in SMALL.items():
        path = folder / "small.xml"
        path.write_bytes(content)
        yield name, path
    for name, (first, part) in ENDLESS.items():
        for ending, opened in PACKED.items():
            path = folder / f"endless{ending}"
            some = part * (PARTS // len(part))
            with opened(path, "wb") as file:  # type: ignore[attr-defined]
                file.write(first)
                file.writelines(repeat(some * 1000, size // len(some) // 1000))
            yield f"{name}{ending}", path
            path.unlink()


def read(path: Path) -> None:
    """Read a dump and print how that went."""
    start = time.process_time()
    try:
        told = f"{sum(1 for piece in split(path) for _ in pages(piece)):,} pages"
    except UserError as error:
        told = str(error).removeprefix(f"{path}: ")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{time.process_time() - start:>6.1f} s {peak:>6.0f} MB  {told}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=1000, help="of XML in each (default %(default)s)")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.read:
        read(arguments.read)
        return
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for name, path in bombs(Path(folder), arguments.megabytes * 1_000_000):
            command = [sys.executable, "-m", "benchmarks.bombs", "--read", str(path)]
            shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout.rstrip()
            print(f"{name:<38} {path.stat().st_size:>13,} bytes {shown}", flush=True)
            seconds, _, peak, *_ = shown.split()
            failed |= float(seconds) > SECONDS or float(peak) > MEGABYTES
    sys.exit(failed)


if __name__ == "__main__":
    main()
