"""Sets of minimal pairs, and which folders and files are sets: BLiMP's, MultiBLiMP's, and tables of one's own."""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

from pipeline.run.archives import inflate_xz
from pipeline.run.doors import MOST_TEXT, bounded_bytes, bounded_json, bounded_lines, check_length
from pipeline.run.errors import UserError

ENDINGS = (".jsonl", ".json", ".tsv")  # each also with .xz
# The columns of a good and a bad sentence, and those that group pairs; None: all others do.
BLIMP = ("sentence_good", "sentence_bad"), {"field": "field", "linguistics_term": "term", "UID": "paradigm"}
MULTIBLIMP = ("sen", "wrong_sen"), {name: name for name in ("lang", "language", "phenomenon")}
PAIRS_HAVE: tuple[tuple[tuple[str, str], dict[str, str] | None], ...] = (BLIMP, MULTIBLIMP, (("good", "bad"), None))
PAIR_COLUMNS = " or ".join(f"{good} and {bad}" for (good, bad), _ in PAIRS_HAVE)
QUOTED = re.compile('"((?:[^"]|"")*)"')  # as a program that writes CSV quotes a field


class MinimalPairs(NamedTuple):
    """Minimal pairs: sentences of which the first is good and the second bad, and the groups of each pair by level."""

    good: list[str]
    bad: list[str]
    groups: dict[str, list[str]]


class Placed(NamedTuple):
    """A line of a file, or all of it, as an object, and its place in messages."""

    place: str
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
    every = [path] if path.is_file() else sorted(path.rglob("*"))
    shown = (each for each in every if "/." not in f"/{each.relative_to(path).as_posix()}" or each == path)
    return [each for each in shown if each.is_file() and each.name.removesuffix(".xz").endswith(ENDINGS)]


def lines_of(path: Path) -> Iterator[Placed]:
    """Yield the objects of a file in JSON (.jsonl: one on each line), or the rows of a table by column.

    Raises `UserError`, which names file and line, if one is not an object, or not UTF-8.
    """
    packed, name = path.suffix == ".xz", path.name.removesuffix(".xz")
    content = inflate_xz(path, MOST_TEXT) if packed else bounded_bytes(path, MOST_TEXT)
    check_length(len(content), path, MOST_TEXT)
    if name.endswith(".json"):
        yield Placed(str(path), _object(_text(content, str(path)), str(path)))
        return
    read = _objects if name.endswith(".jsonl") else _rows
    yield from read(io.BytesIO(content), path)


def read_pairs_of(files: Mapping[Path, Sequence[Placed]]) -> MinimalPairs:
    """Return the pairs of files; raises `UserError`, which names file and line, if one is not a pair."""
    first, *_ = next(iter(files.values()))
    layout = next((own for own in PAIRS_HAVE if {*own[0]} & first.content.keys()), None)
    if layout is None:
        raise UserError(f"{first.place}: has no columns of a pair; give {PAIR_COLUMNS}")
    (good, bad), known = layout
    levels = {name: name for name in first.content if name not in (good, bad)} if known is None else known
    levels = {column: level for column, level in levels.items() if column in first.content}
    by_file = not levels or (len(files) > 1 and "UID" not in levels)
    found = MinimalPairs([], [], {level: [] for level in [*(["file"] * by_file), *levels.values()]})
    for path, lines in files.items():
        for line in lines:
            sentences = _text_of(line, good), _text_of(line, bad)
            found.good.append(sentences[0])
            found.bad.append(sentences[1])
            for column, level in levels.items():
                found.groups[level].append(str(_value(line, column)))
            if by_file:
                found.groups["file"].append(path.name.removesuffix(".xz").rpartition(".")[0])
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


def _objects(file: IO[bytes], path: Path) -> Iterator[Placed]:
    for number, line in enumerate(bounded_lines(file, path), 1):
        place = f"{path}, line {number}"
        if text := _text(line, place).strip():
            yield Placed(place, _object(text, place))


def _rows(file: IO[bytes], path: Path) -> Iterator[Placed]:
    lines = (_text(line, f"{path}, line {n}").rstrip("\r\n") for n, line in enumerate(bounded_lines(file, path), 1))
    header = next(lines, "").split("\t")
    for number, line in enumerate(lines, 2):
        if line:
            place = f"{path}, line {number}"
            yield Placed(place, dict(zip(header, _fields(line, header, place), strict=True)))


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


def _text(content: bytes, place: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = "" if "line" in place else f", line {content[: error.start].count(10) + 1}"
        raise UserError(f"{place}{line}: is not UTF-8 text: {error.reason}; save it as UTF-8") from None
