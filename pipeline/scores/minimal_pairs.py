"""Sets of minimal pairs, and which folders and files are sets: BLiMP's, MultiBLiMP's, and tables of one's own."""

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

from pipeline.run.archives import inflate_xz
from pipeline.run.doors import (
    MOST_RECORD,
    MOST_TEXT,
    bounded_bytes,
    bounded_json,
    bounded_lines,
    check_fields,
    files_below,
    utf8_text,
)
from pipeline.run.errors import UserError

ENDINGS = (".jsonl", ".json", ".tsv")  # each also with .xz
# The columns of a good and a bad sentence, and those that group pairs; None: all others do.
BLIMP = ("sentence_good", "sentence_bad"), {"field": "field", "linguistics_term": "term", "UID": "paradigm"}
MULTIBLIMP = ("sen", "wrong_sen"), {name: name for name in ("lang", "language", "phenomenon")}
PAIRS_HAVE: tuple[tuple[tuple[str, str], dict[str, str] | None], ...] = (BLIMP, MULTIBLIMP, (("good", "bad"), None))
PAIR_COLUMNS = " or ".join(f"{good} and {bad}" for (good, bad), _ in PAIRS_HAVE)
MOST_GROUPS, LONGEST_GROUP = 1000, 200  # of a set; letters
QUOTED = re.compile('"((?:[^"]|"")*)"')  # as a program that writes CSV quotes a field


class MinimalPairs(NamedTuple):
    """Minimal pairs: sentences of which the first is good and the second bad, and the groups of each pair by level."""

    good: list[str]
    bad: list[str]
    groups: dict[str, list[str]]


class Placed(NamedTuple):
    """A line of a file, or all of it, as an object, its place in messages, and the name of the file."""

    place: str
    file: str
    content: Mapping[str, Any]


def files_of_set(paths: Sequence[Path]) -> list[Path]:
    """Return the given files, and of folders the files of sets in them; raises `UserError` if there are none."""
    found: list[Path] = []
    for path in paths:
        own = files_in(path) if path.is_dir() else [path]
        if not own or not own[0].is_file():
            what = f"holds no file {', '.join(ENDINGS)} or one of them with .xz" if path.is_dir() else "no such file"
            raise UserError(f"{path}: {what}; give minimal pairs, or suites of SyntaxGym")
        found += own
    return found


def files_in(path: Path) -> list[Path]:
    """Return the files of sets at a path and below it, without hidden ones."""
    every = [path] if path.is_file() else files_below(path)
    shown = (each for each in every if "/." not in f"/{each.relative_to(path).as_posix()}" or each == path)
    return [each for each in shown if each.is_file() and each.name.removesuffix(".xz").endswith(ENDINGS)]


def lines_of(path: Path) -> Iterator[Placed]:
    """Yield the objects of a file in JSON (.jsonl: one on each line), or the rows of a table by column.

    Raises `UserError`, which names file and line, if one is not an object, or not UTF-8, or if the file is too large.
    """
    whole = (name := path.name.removesuffix(".xz")).endswith(".json")
    most, called = MOST_RECORD if whole else MOST_TEXT, name.rpartition(".")[0]
    content = inflate_xz(path, most) if path.suffix == ".xz" else bounded_bytes(path, most)
    check_fields(content, path)
    read = _whole if whole else _objects if name.endswith(".jsonl") else _rows
    return (Placed(place, called, own) for place, own in read(io.BytesIO(content), path))


def check_groups(groups: Mapping[str, Sequence[str]], place: object) -> None:
    """Raise `UserError` if a set has too many groups, or one with a name that is too long."""
    for level, own in groups.items():
        if len(names := set(own)) > MOST_GROUPS or max(map(len, names)) > LONGEST_GROUP:
            told = f"more than {MOST_GROUPS:,} values, or one of more than {LONGEST_GROUP} letters"
            raise UserError(f"{place}: {level:.80} has {told}; leave it out, for it groups what is measured")


def read_pairs_of(first: Placed, lines: Iterable[Placed], *, several: bool) -> MinimalPairs:
    """Return the pairs in lines, of which the `first` tells the columns, of one file or `several`.

    Raises `UserError`, which names file and line, if one is not a pair.
    """
    layout = next((own for own in PAIRS_HAVE if {*own[0]} & first.content.keys()), None)
    if layout is None:
        raise UserError(f"{first.place}: has no columns of a pair; give {PAIR_COLUMNS}")
    (good, bad), known = layout
    levels = {name: name for name in first.content if name not in (good, bad)} if known is None else known
    levels = {column: level for column, level in levels.items() if column in first.content}
    by_file = not levels or (several and not levels.keys() & {"UID", "file"})
    found = MinimalPairs([], [], {level: [] for level in [*(["file"] * by_file), *levels.values()]})
    for line in lines:
        found.good.append(_text_of(line, good))
        found.bad.append(_text_of(line, bad))
        for column, level in levels.items():
            found.groups[level].append(str(_value(line, column)))
        if by_file:
            found.groups["file"].append(line.file)
    check_groups(found.groups, first.place)
    return found


def _value(line: Placed, column: str) -> Any:
    if column not in line.content:
        raise UserError(f"{line.place}: lacks {column}; a pair has {PAIR_COLUMNS}, and each one the same other columns")
    return line.content[column]


def _text_of(line: Placed, column: str) -> str:
    value = _value(line, column)
    if not isinstance(value, str) or not value.strip():
        found = "empty" if isinstance(value, str) else f"{value!r:.40}"
        raise UserError(f"{line.place}: {column} is {found}; it must be a sentence")
    return value


def _whole(file: IO[bytes], path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    yield str(path), _object(utf8_text(file.read(), path), str(path))


def _objects(file: IO[bytes], path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, line in enumerate(bounded_lines(file, path), 1):
        place = f"{path}, line {number}"
        if text := utf8_text(line, path, number).strip():
            yield place, _object(text, place)


def _rows(file: IO[bytes], path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    lines = (utf8_text(line, path, n).rstrip("\r\n") for n, line in enumerate(bounded_lines(file, path), 1))
    header = next(lines, "").split("\t")
    for number, line in enumerate(lines, 2):
        if line:
            place = f"{path}, line {number}"
            yield place, dict(zip(header, _fields(line, header, place), strict=True))


def _fields(line: str, header: Sequence[str], place: str) -> list[str]:
    fields = [QUOTED.fullmatch(field) or field for field in line.split("\t")]
    if len(fields) != len(header):
        raise UserError(f"{place}: has {len(fields)} columns, and the first line {len(header)}; part them by tabs")
    return [each if isinstance(each, str) else each[1].replace('""', '"') for each in fields]


def _object(text: str, place: str) -> dict[str, Any]:
    try:
        content = bounded_json(text)
    except ValueError as error:
        raise UserError(f"{place}: is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise UserError(f"{place}: is no object of JSON, such as a pair with {PAIR_COLUMNS}")
    return content
