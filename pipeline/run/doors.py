"""The door for text that others may have written: its size, its lines and its depth are limited before it is parsed.

Numbers are checked as text is read, so that a file without an end costs no more than the largest one that is allowed.
"""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.events import AliasEvent

from pipeline.run.errors import UserError

# The most bytes that are read of a file, by what it holds.
MOST_SETTINGS = 50_000  # a params.yaml; ours has 3 kB, and ruamel.yaml takes a second to read 50
MOST_LOCK = 1_000_000  # dvc.lock has 1 kB for each stage
MOST_RECORD = 8_000_000  # JSON, questions and ratings: stages write 1 MB at most, and lists take 20 times it in memory
MOST_LISTED = 5_000_000  # a server's list of files; the English Wikipedia's has 50 kB
MOST_TEXT = 128_000_000  # prose that is held in memory as a whole
MOST_WORD_LIST = 128_000_000  # a list of words, or of the pieces of a tokenizer; ten million words have 80 MB
MOST_LINE = 1_000_000  # a line: a vector of 40,000 values, a question with 100,000 answers

MOST_DEPTH = 64  # of lists and sections in one another; the deepest that stages write has 7
MOST_LISTS = 1_000_000  # and sections, of JSON; Python reads as many in half a second
MOST_VALUES = 100_000  # of YAML, counted wherever one is repeated; a long dvc.lock has 10,000
MOST_FIELDS = 5_000_000  # of tables and of lines of JSON; in memory each takes up to 100 bytes
MOST_FILES = 20_000  # in a folder and below it
MOST_DIGITS = 100  # of a number in YAML: Python reads longer ones, and prints none of over 4,300
JSON_TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def bounded_bytes(path: Path, most: int) -> bytes:
    """Return the content of a file; raises `UserError` if it has more than `most` bytes."""
    check_length(path.stat().st_size, path, most)  # at once; of what is no file, as it is read
    with path.open("rb") as file:
        return bounded_rest(file, path, most)


def bounded_rest(file: IO[bytes], place: object, most: int) -> bytes:
    """Return the rest of an open file, which is at `place`; raises `UserError` if it has more than `most` bytes."""
    check_length(len(content := file.read(most + 1)), place, most)
    return content


def check_length(length: int, place: object, most: int = MOST_LINE) -> None:
    """Raise `UserError` if a file or a line is too long."""
    if length > most:
        raise UserError(f"{place}: is longer than {most:,} bytes, and none may be; shorten it, or get it again")


def check_fields(content: str | bytes, place: object) -> None:
    """Raise `UserError` if a table, or lines of JSON, may have too many fields."""
    signs = ",\t\n" if isinstance(content, str) else (b",", b"\t", b"\n")
    if sum(map(content.count, signs)) > MOST_FIELDS:  # type: ignore[arg-type]
        raise UserError(f"{place}: has more than {MOST_FIELDS:,} fields; part it")


def files_below(folder: Path) -> list[Path]:
    """Return all paths below a folder, sorted; raises `UserError` if they are too many, or a name is not UTF-8."""
    found = sorted(islice(folder.rglob("*"), MOST_FILES + 1))
    if len(found) > MOST_FILES:
        raise UserError(f"{folder}: has more than {MOST_FILES:,} files; give a folder with fewer")
    for path in found:
        check_name(path)
    return found


def check_name(path: Path) -> None:
    """Raise `UserError` if a file's name is not UTF-8."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise UserError(f"{path}: its name is not UTF-8; rename it") from None


def bounded_text(path: Path, most: int) -> str:
    """Return the text of a file, with "\\n" at line ends; raises `UserError` if it is too large or not UTF-8."""
    return utf8_text(bounded_bytes(path, most), path).replace("\r\n", "\n").replace("\r", "\n")


def utf8_text(content: bytes, place: object, first: int = 1) -> str:
    """Return bytes as text; raises `UserError`, which names the line, from the `first` on, if they are not UTF-8."""
    try:
        return (content.removeprefix(BOM_UTF8) if first == 1 else content).decode()
    except UnicodeDecodeError as error:
        line = first + error.object.count(b"\n", 0, error.start)
        told = f"is not UTF-8 text: {error.reason} at byte {error.start:,}; save it as UTF-8"
        raise UserError(f"{place}, line {line:,}: {told}") from None


def bounded_lines(file: IO[bytes], place: object, most: int = MOST_LINE) -> Iterator[bytes]:
    """Yield the lines of an open file, one in memory at a time; raises `UserError` if one is too long."""
    for number, line in enumerate(iter(lambda: file.readline(most + 1), b""), start=1):
        if len(line) > most:
            check_length(len(line.removesuffix(b"\n")), f"{place}, line {number:,}", most)
        yield line


def bounded_json(text: str) -> Any:
    """Return what JSON holds; raises `ValueError` if it is not JSON, or has too many lists, or nested too deep."""
    lists = text.count("[") + text.count("{")  # those in texts, too
    if lists > MOST_LISTS:
        raise ValueError(f"it has more than {MOST_LISTS:,} lists")
    if lists > MOST_DEPTH:
        open_ = JSON_TEXT.sub(b"", text.encode(errors="replace")).translate(None, NO_BRACKETS)
        for _ in range(MOST_DEPTH):  # each round closes the innermost ones
            open_ = open_.replace(b"[]", b"").replace(b"{}", b"")
        if len(open_) > MOST_DEPTH:
            raise ValueError(f"it is nested more than {MOST_DEPTH} deep")
    found = json.loads(text)
    if "\\ud" in text or "\\uD" in text:  # half of a character, which no file and no library takes
        json.dumps(found, ensure_ascii=False).encode()
    return found


def bounded_yaml(text: str) -> Any:
    """Return what YAML holds; raises `ValueError` or an error of YAML's if it is not YAML, or too much."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _BoundedComposer  # type: ignore[assignment] # its annotation is that very class
    return yaml.load(text)


class _BoundedComposer(Composer):
    """Counts depth and values while a document is read; what repeats is not yet copied then."""

    def __init__(self, loader: Any) -> None:
        super().__init__(loader=loader)
        self.depth = self.values = 0
        self.sizes: dict[int, int] = {}  # the values in each node, by its identity

    def compose_node(self, parent: Any, index: Any) -> Any:
        repeated, before = self.parser.check_event(AliasEvent), self.values
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise ValueError(f"it is nested more than {MOST_DEPTH} deep")
        node = super().compose_node(parent, index)
        if node.tag.endswith(":int") and len(node.value) > MOST_DIGITS:
            raise ValueError(f"it has a number of {len(node.value):,} digits")
        # A node that is repeated within itself has no size yet.
        self.values += self.sizes.get(id(node), MOST_VALUES) if repeated else 1
        if self.values > MOST_VALUES:
            raise ValueError(f"it has more than {MOST_VALUES:,} values, or repeats (*) so many")
        if not repeated:
            self.sizes[id(node)] = self.values - before
        self.depth -= 1
        return node
