"""The evaluation sets that gensim ships, and the sets in a user's folder."""

import re
from collections.abc import Container
from pathlib import Path
from typing import NamedTuple

from pipeline.run.errors import UserError
from pipeline.vectors.evaluation.bats import read_bats, read_relation
from pipeline.vectors.evaluation.categories import CategorySet, read_categories
from pipeline.vectors.evaluation.similarity import SHIPPED, PairSet, read_pairs, shipped_pairs
from pipeline.vectors.questions import Question

LAYOUT = (
    "a folder with relations of BATS in bats/, sets of word pairs in similarity/ (.txt, .tsv, .csv), or .csv files of "
    "categories"
)
TABLES = {".txt", ".tsv", ".csv"}


class SetFiles(NamedTuple):
    """The files of a folder of evaluation sets, by name."""

    bats: list[Path]
    similarity: list[Path]
    categories: list[Path]


class EvaluationSets(NamedTuple):
    """All sets except Google's questions, and messages for the `malformed` lines by name of the set."""

    bats: list[Question]
    similarity: list[PairSet]
    categories: list[CategorySet]
    malformed: dict[str, list[str]]


def set_files(folder: Path) -> SetFiles:
    """Return the files of a folder of evaluation sets that are not hidden; raises `UserError` if there are none."""
    if not folder.is_dir():
        raise UserError(f"params.yaml: analogies.sets is {str(folder)!r}: no such folder; give {LAYOUT}")
    found = SetFiles(
        sorted(path for path in folder.glob("bats/**/*.txt") if "/." not in path.relative_to(folder).as_posix()),
        sorted(path for path in folder.glob("similarity/[!.]*") if path.suffix in TABLES),
        sorted(folder.glob("[!.]*.csv")),
    )
    if not any(found):
        raise UserError(f"params.yaml: analogies.sets is {str(folder)!r}: holds no evaluation set; give {LAYOUT}")
    return found


def check_sets(folder: Path) -> None:
    """Raise `UserError` if a file in a folder of evaluation sets is not one, or if two sets have the same key."""
    files = set_files(folder)
    for path in files.bats:
        read_relation(path)
    taken = {key(name): name for name in ("BATS", "Google", "asked", "coverage")}
    tables: list[PairSet | CategorySet] = [*map(read_pairs, files.similarity), *map(read_categories, files.categories)]
    for name in (*SHIPPED, *(table.name for table in tables)):
        if key(name) in taken:
            raise UserError(f"{folder}: {name} and {taken[key(name)]} have the same name in metrics; rename a file")
        taken[key(name)] = name


def evaluation_sets(folder: Path | None, known: Container[str] = ()) -> EvaluationSets:
    """Return the similarity sets that gensim ships and, if a `folder` is given, all sets in it.

    Words that are not `known` as written are in lower case.
    """
    if folder is None:
        return EvaluationSets([], shipped_pairs(known), [], {})
    files = set_files(folder)
    bats, malformed = read_bats(folder / "bats", files.bats, known)
    pairs = [read_pairs(path, known) for path in files.similarity]
    categories = [read_categories(path, known) for path in files.categories]
    tables: list[PairSet | CategorySet] = [*pairs, *categories]
    by_set = {"BATS": malformed, **{table.name: table.malformed for table in tables}}
    lines = {name: lines for name, lines in by_set.items() if lines}
    return EvaluationSets(bats, [*shipped_pairs(known), *pairs], categories, lines)


def key(name: str) -> str:
    """Return the name of a set in metrics: its letters and digits, in lower case."""
    return re.sub(r"[\W_]", "", name.lower())
