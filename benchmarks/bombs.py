"""Dumps made to fill the memory: each is written in a stream and read as stages do, in a process of its own.

`python -m benchmarks.bombs [--megabytes N]` prints the size of each file, the seconds and the peak memory of reading
it, and the error in which that ends. The exit code is 1 where one takes more than a minute of CPU time (and 50
microseconds for each valid page) or a GB, or ends otherwise than expected.
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

from pipeline.dumps import dump
from pipeline.run.errors import UserError
from tests.small_dumps import a_page, wrap

HEAD, TAIL = (part.encode() for part in wrap(["@"]).split("@"))
PAGE = b"<page><title>t</title><ns>0</ns><id>1</id><revision><text>"
MEGABYTE = 1_000_000
SECONDS, PAGE_SECONDS, MEGABYTES = 60, 50e-6, 1000  # bounds of reading one: CPU time, for each valid page, peak memory


def with_entities(declared: str, text: str) -> bytes:
    """Return a dump whose page has a text with entities."""
    return f"<!DOCTYPE mediawiki [{declared}]>{wrap([a_page(1, '@')])}".replace("@", text).encode()


LAUGHS = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
SMALL = {  # no valid XML
    "entities that multiply": with_entities(LAUGHS, "&a9;"),
    "one long entity, often": with_entities(f'<!ENTITY a "{"x" * 100_000}">', "&a;" * 10_000),
    "a file as an entity": with_entities('<!ENTITY a SYSTEM "file:///etc/hostname">', "&a;"),
}
WITHOUT_TEXT = PAGE.replace(b"<text>", b"<text/></revision></page>")
ENDLESS = {  # what comes first, what is repeated, and the end
    "a page": (HEAD + PAGE, b"words of prose ", b""),
    "elements within elements": (HEAD + b"<page>", b"<a>", b""),
    "elements between pages": (HEAD, b"<a/>", b""),
    "blanks before the first page": (b"<mediawiki>", b" ", b""),
    "an attribute": (HEAD + b"<page a='", b"x", b""),
    "a comment": (HEAD + b"<!--", b"x", b""),
    "pages without text": (HEAD, WITHOUT_TEXT, TAIL),
}
PACKED: dict[str, Callable[..., object]] = {".xml": open, ".xml.bz2": bz2.open, ".xml.gz": gzip.open}


def bombs(folder: Path, megabytes: int) -> Iterator[tuple[str, Path, str, int]]:
    """Yield the name and the file of each, one at a time, how what `ending` returns begins, and the valid pages."""
    for name, content in SMALL.items():
        path = folder / "small.xml"
        path.write_bytes(content)
        yield name, path, "has no valid XML", 0
    for name, (first, part, last) in ENDLESS.items():
        times = MEGABYTE // len(part)
        pages = times * megabytes if last else 0
        for suffix, opened in PACKED.items():
            path = folder / f"endless{suffix}"
            with opened(path, "wb") as file:  # type: ignore[attr-defined]
                file.write(first)
                file.writelines(repeat(part * times, megabytes))
                file.write(last)
            told = f"{pages:,} pages" if pages else refusal(first, part, times * megabytes)
            yield f"{name}{suffix}", path, told, pages
            path.unlink()


def refusal(first: bytes, part: bytes, times: int) -> str:
    """Return how the error begins for a part that is repeated so many times."""
    if len(part) * times > dump.PAGE_BYTES or part.count(b"<") * times > dump.PAGE_ELEMENTS:
        problem = f"has a page of more than {dump.PAGE_BYTES >> 20} MB or {dump.PAGE_ELEMENTS:,} elements"
    else:
        problem = "ends too early"
    return problem if first.startswith(HEAD) else f"is not a MediaWiki XML dump: it {problem}"


def ending(path: Path) -> str:
    """Read a dump; return how many pages it has, or the error."""
    try:
        return f"{sum(1 for piece in dump.split(path) for _ in dump.pages(piece)):,} pages"
    except UserError as error:
        return str(error).removeprefix(f"{path}: ")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=1000, help="of XML in each (default %(default)s)")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.read:
        told = ending(arguments.read)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{time.process_time():>6.1f} s {peak:>6.0f} MB  {told}")
        return
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for name, path, right, pages in bombs(Path(folder), arguments.megabytes):
            command = [sys.executable, "-m", "benchmarks.bombs", "--read", str(path)]
            shown = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.rstrip()
            print(f"{name:<38} {path.stat().st_size:>13,} bytes {shown}", flush=True)
            spent, _, megabytes, _, told = shown.split(maxsplit=4)
            seconds = SECONDS + pages * PAGE_SECONDS
            if not told.startswith(right) or float(spent) > seconds or float(megabytes) > MEGABYTES:
                failed = True
                print(f"fault: expected {right!r} within {seconds:.0f} s and {MEGABYTES} MB", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
