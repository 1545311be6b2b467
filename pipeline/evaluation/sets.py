"""The evaluation sets that gensim ships, and the sets in a user's folder."""

import re
from collections.abc import Container
from pathlib import Path
from typing import NamedTuple

from pipeline.evaluation.bats import read_bats
from pipeline.evaluation.categories import CategorySet, read_categories
from pipeline.evaluation.similarity import PairSet, read_pairs, shipped_pairs
from pipeline.run.errors import UserError
from pipeline.vectors.questions import Question

LAYOUT = (
    "a folder with relations of BATS in bats/, sets of word pairs in similarity/ (.txt, .tsv, .csv), or .csv files of "
    "categories"
)
TABLES = {".txt", ".tsv", ".csv"}


class EvaluationSets(NamedTuple):
    """All sets except Google's questions, and messages for the `malformed` lines by name of the set."""

    bats: list[Question]
    similarity: list[PairSet]
    categories: list[CategorySet]
    malformed: dict[str, list[str]]


def check_sets(folder: Path) -> None:
    """Raise `UserError` if a file in a folder of evaluation sets is not one, or if two sets have the same key."""
    sets = evaluation_sets(folder)
    tables: list[PairSet | CategorySet] = [*sets.similarity, *sets.categories]
    taken = {key(name): name for name in ("BATS", "Google", "asked", "coverage")}
    for name in [table.name for table in tables]:
        if key(name) in taken:
            raise UserError(f"{folder}: {name} and {taken[key(name)]} have the same name in metrics; rename a file")
        taken[key(name)] = name


def evaluation_sets(folder: Path | None, known: Container[str] = ()) -> EvaluationSets:
    """Return the similarity sets that gensim ships and, if a `folder` is given, all sets in it that are not hidden.

    Words that are not `known` as written are in lower case. Raises `UserError` if the folder holds no set.
    """
    if folder is None:
        return EvaluationSets([], shipped_pairs(known), [], {})
    if not folder.is_dir():
        raise UserError(f"params.yaml: analogies.sets is {str(folder)!r}: no such folder; give {LAYOUT}")
    relations = [path for path in folder.glob("bats/**/*.txt") if "/." not in path.relative_to(folder).as_posix()]
    bats, malformed = read_bats(folder / "bats", sorted(relations), known)
    tables_of_pairs = [path for path in folder.glob("similarity/[!.]*") if path.suffix in TABLES]
    pairs = [read_pairs(path, known) for path in sorted(tables_of_pairs)]
    categories = [read_categories(path, known) for path in sorted(folder.glob("[!.]*.csv"))]
    if not (relations or pairs or categories):
        raise UserError(f"params.yaml: analogies.sets is {str(folder)!r}: holds no evaluation set; give {LAYOUT}")
    tables: list[PairSet | CategorySet] = [*pairs, *categories]
    by_set = {"BATS": malformed, **{table.name: table.malformed for table in tables}}
    lines = {name: lines for name, lines in by_set.items() if lines}
    return EvaluationSets(bats, [*shipped_pairs(known), *pairs], categories, lines)


def key(name: str) -> str:
    """Return the name of a set in metrics: its letters and digits, in lower case."""
    return re.sub(r"[\W_]", "", name.lower())
