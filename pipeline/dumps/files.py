"""The user's own files that `wiki.source` names: dumps, prose, or a corpus with its own splits."""

import glob
import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from pipeline.dumps.dump import whole
from pipeline.dumps.prose.columns import ColumnNames, check_json, check_parquet
from pipeline.records.text import FileKind
from pipeline.run.doors import check_name, utf8_text
from pipeline.run.errors import UserError
from pipeline.run.section import path_of

BY_ENDING: dict[str, FileKind] = {".txt": "text", ".jsonl": "jsonl", ".parquet": "parquet"}  # all other files are dumps
TABLES: dict[FileKind, Callable[[Path, ColumnNames], None]] = {"jsonl": check_json, "parquet": check_parquet}
LINES = (".txt", ".tokens")  # endings of the files of a corpus with its own splits
SPLIT_NAMES = {"train": "train", "valid": "valid", "validation": "valid", "dev": "valid", "test": "test"}
SPLIT_NAME = re.compile(rf"(?<![^._-])({'|'.join(SPLIT_NAMES)})(?![^._-])")
INDEX = "-multistream-index"  # in the name of a list of pages, which Wikimedia has next to a dump
CHECKED_BYTES = 1 << 20  # in which a text in another encoding most likely shows it
OWN_SPLITS = ("train", "valid", "test")


class OwnFiles(NamedTuple):
    """Files of one kind, in the order in which they are read: those of kind `lines` in the order of `OWN_SPLITS`."""

    kind: FileKind
    paths: list[Path]


def own_files(source: str) -> OwnFiles:
    """Return the files that `wiki.source` names: a path or a glob, by name, or the folder of three splits.

    Raises `UserError` where there are none, where they are of several kinds, or where a name is not UTF-8.
    """
    path = path_of(source)
    own = OwnFiles("lines", split_files(path)) if path.is_dir() else _named(source, path)
    for path in own.paths:
        check_name(path)
    return own


def _named(source: str, path: Path) -> OwnFiles:
    # A name may hold the brackets of a glob. One with two `**` finds a file several times.
    names = [str(path)] if path.is_file() else sorted(set(glob.glob(str(path), recursive=True)))  # noqa: PTH207
    paths = [Path(name) for name in names if Path(name).is_file() and (len(names) == 1 or INDEX not in Path(name).name)]
    if not paths:
        problem = "no such file; give `sample`, `dumps`, or the path or glob of files"
        raise UserError(f"params.yaml: wiki.source is {source!r}: {problem}")
    kinds = {BY_ENDING.get(path.suffix.lower(), "dump"): path.name for path in reversed(paths)}
    if len(kinds) > 1:
        problem = f"has files of several kinds, {' and '.join(sorted(kinds.values()))}; give files of one kind"
        raise UserError(f"params.yaml: wiki.source is {source!r}: {problem}")
    return OwnFiles(next(iter(kinds)), paths)


def split_files(folder: Path) -> list[Path]:
    """Return the files in a folder that are named for train, valid and test, such as ptb.train.txt.

    Of several such sets, the one with the shortest names is meant: ptb.train.txt, not ptb.char.train.txt. Raises
    `UserError` if there is no such set, or if it has two files of a split, such as dev.txt and valid.txt.
    """
    sets: dict[str, dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for path in sorted(folder.iterdir()):
        name = path.name.lower()
        if name.endswith(LINES) and path.is_file() and (named := SPLIT_NAME.search(name)):
            sets[name[: named.start()] + "*" + name[named.end() :]][SPLIT_NAMES[named[1]]].append(path)
    complete = [sets[name] for name in sorted(sets, key=len) if len(sets[name]) == len(OWN_SPLITS)]
    if not complete or any(len(paths) > 1 for paths in complete[0].values()):
        advice = "name them as train.txt or wiki.train.tokens, or give the path or glob of files"
        problem = f"is a folder without one text file each for train, valid and test; {advice}"
        raise UserError(f"params.yaml: wiki.source is {str(folder)!r}: {problem}")
    return [complete[0][split][0] for split in OWN_SPLITS]


def check_files(files: OwnFiles, columns: ColumnNames) -> None:
    """Raise `UserError` where a file cannot be read, is empty or of another kind, or lacks a column."""
    for path in files.paths:
        with path.open("rb") as file:
            head = file.read(CHECKED_BYTES)
        if not head:
            raise UserError(f"{path}: is empty; remove it or give another file")
        if files.kind == "dump":
            whole(path)  # an error if it is no dump
        # Other encodings, archives and dumps.
        elif files.kind != "parquet" and (b"\0" in head or head.startswith(b"<mediawiki")):
            raise UserError(f"{path}: holds a NUL, or is not {path.suffix} in UTF-8; convert it, or correct its ending")
        if files.kind in ("text", "lines"):
            utf8_text(head if len(head) < CHECKED_BYTES else head[: head.rfind(b"\n") + 1], path)
        if files.kind in TABLES:
            TABLES[files.kind](path, columns)
