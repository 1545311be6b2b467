"""Damaged inputs: a small real dump in each format is flipped by a bit, or cut, at many places, and read as stages do.

`python -m benchmarks.damage [DUMP] [--times N] [--seed N]` prints, for each format and damage, how often

- an error of one line named the file (`told`), or a line was left out and counted (`counted`),
- the articles were the same, since the damage changed nothing that is read (`same`),
- other letters were read of as many articles (`letters`), or of more or fewer (`articles`), without a word. A format
  with checksums can show both, XML and Parquet only the latter: there it is a fault,
- there was another exception, or an error without the file's name (`fault`).

The exit code is 1 where there is a fault, or where a reading takes more than five seconds of CPU time.
"""

import argparse
import bz2
import gzip
import io
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from random import Random
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from gensim.test.utils import datapath

from pipeline.download import SAMPLE
from pipeline.dumps import dump
from pipeline.dumps.files import OwnFiles, check_prose
from pipeline.dumps.manifest import Manifest
from pipeline.dumps.prose.numbered import prose_articles
from pipeline.dumps.prose.records import Article, BadLine
from pipeline.run.errors import UserError

PAGES = 40  # of the dump: as few as make several streams, so that a thousand readings take a minute
STREAM = 20_000  # bytes of XML in a bzip2 stream
PIECE = 8_000  # bytes of bzip2 in a piece of a dump: several, as in a big one
COLUMNS: dict[str, str | None] = {"id": "id", "title": "title", "text": "text"}
SECONDS = 5.0  # bound of a reading's CPU time, fifty times as long as it takes
SILENT = ("letters", "articles")  # changes that are read without a word
OUTCOMES = ("told", "counted", "same", *SILENT, "fault")

Articles = list[tuple[int, str, str]]
Spoil = Callable[[bytes, Random], bytes]


class Read(NamedTuple):
    """What was read of a file: articles, and how many lines were left out."""

    articles: Articles
    left_out: int = 0


class Format(NamedTuple):
    """A format: how a file is called, how it is read, its content, and which of `SILENT` it can show."""

    name: str
    read: Callable[[Path], Read]
    content: bytes
    shows: Sequence[str] = ()


def read_dump(path: Path) -> Read:
    """Read the pages of a dump, piece by piece."""
    found = [page for piece in dump.split(path) for page in dump.pages(piece)]
    return Read([(page.id, page.title, page.text) for page in found])


def read_prose(path: Path) -> Read:
    """Read the articles of text, JSON Lines or Parquet, checked first as `download` does."""
    kind = {".txt": "text", ".jsonl": "jsonl", ".parquet": "parquet"}[path.suffix]
    check_prose(OwnFiles(kind, [path]), COLUMNS)  # type: ignore[arg-type]
    found = list(prose_articles(Manifest(kind, "en", COLUMNS, [{"path": str(path)}])))  # type: ignore[arg-type]
    articles = [article[:3] for article in found if isinstance(article, Article)]
    return Read(articles, sum(isinstance(article, BadLine) for article in found))


def formats(source: Path) -> Iterator[Format]:
    """Yield the first pages of a dump in every format."""
    pages = list(islice(dump.pages(dump.whole(source)), PAGES))
    head, *parts = b"".join(content for _, _, content in dump._chunks(source, 0)).split(b"<page>")
    xml = b"<page>".join([head, *parts[:PAGES]]).rstrip().removesuffix(b"</mediawiki>") + b"</mediawiki>"
    rows = [{"id": page.id, "title": page.title, "text": page.text} for page in pages]
    parquet = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), parquet, compression="zstd")
    streams = [bz2.compress(xml[start : start + STREAM]) for start in range(0, len(xml), STREAM)]
    yield Format("dump.xml.bz2", read_dump, b"".join(streams), SILENT)
    yield Format("dump.xml.gz", read_dump, gzip.compress(xml, mtime=0), SILENT)
    yield Format("dump.xml", read_dump, xml, ("articles",))
    yield Format("prose.parquet", read_prose, parquet.getvalue(), ("articles",))
    yield Format("prose.txt", read_prose, "\n\n".join(page.text for page in pages).encode())
    yield Format("prose.jsonl", read_prose, "".join(json.dumps(row) + "\n" for row in rows).encode())


def flip(content: bytes, random: Random) -> bytes:
    """Return the content with one bit flipped."""
    place = random.randrange(len(content))
    return content[:place] + bytes([content[place] ^ 1 << random.randrange(8)]) + content[place + 1 :]


def cut(content: bytes, random: Random) -> bytes:
    """Return the beginning of the content."""
    return content[: random.randrange(len(content))]


def outcome(path: Path, form: Format, sound: Read) -> tuple[str, str]:
    """Read a damaged file; return what became of it, and why if it is a fault."""
    try:
        found = form.read(path)
    except UserError as error:
        told = str(path) in str(error) and "\n" not in str(error)
        return ("told" if told else "fault"), str(error)
    except Exception as error:
        return "fault", f"{type(error).__name__}: {error}"
    if found == sound:
        return "same", ""
    same_number = len(found.articles) + found.left_out == len(sound.articles)
    silent = "letters" if same_number else "articles"
    if silent in form.shows:
        return "fault", f"{len(found.articles)} articles and {found.left_out} left out; {silent} differ"
    return ("counted" if found.left_out else silent), ""


def tried(form: Format, damage: Spoil, times: int, seed: int) -> tuple[Counter[str], float]:
    """Damage a file so many times; return how often what became of it, and the longest CPU time of a reading."""
    random, counts, longest = Random(f"{seed} {form.name} {damage.__name__}"), Counter[str](), 0.0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / form.name
        path.write_bytes(form.content)
        sound = form.read(path)
        assert sound.articles, form.name
        for _ in range(times):
            path.write_bytes(damage(form.content, random))
            start = time.process_time()
            became, why = outcome(path, form, sound)
            longest = max(longest, time.process_time() - start)
            counts[became] += 1
            if became == "fault":
                print(f"{form.name}, {damage.__name__}: {why}")
    return counts, longest


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dump", type=Path, nargs="?", default=datapath(SAMPLE), help="default: the built-in one")
    parser.add_argument("--times", type=int, default=500, help="of each damage to each format (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    dump.PIECE_BYTES_BZIP2 = PIECE
    faults = 0
    print(f"{'format':<16} {'damage':<7}" + "".join(f"{name:>9}" for name in OUTCOMES) + "  longest")
    for form in formats(arguments.dump):
        for damage in (flip, cut):
            counts, longest = tried(form, damage, arguments.times, arguments.seed)
            faults += counts["fault"] + (longest > SECONDS)
            row = "".join(f"{counts[name]:>9}" for name in OUTCOMES)
            print(f"{form.name:<16} {damage.__name__:<7}{row}  {longest:.2f} s", flush=True)
    sys.exit(faults > 0)


if __name__ == "__main__":
    main()
