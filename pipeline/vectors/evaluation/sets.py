"""The evaluation sets that gensim ships, and the sets in a user's folder."""

import re
from collections.abc import Container
from pathlib import Path
from typing import NamedTuple

from pipeline.run.errors import UserError
from pipeline.settings.result_sections import QUESTIONS
from pipeline.vectors.evaluation.bats import read_bats, read_relation
from pipeline.vectors.evaluation.similarity import OF_GENSIM, PairSet, read_pairs, shipped_pairs
from pipeline.vectors.questions import Question

LAYOUT = "a folder with relations of BATS in bats/ (.txt) or sets of word pairs in similarity/ (.txt, .tsv)"


class EvaluationSets(NamedTuple):
    """All sets except Google's questions, and messages for the `malformed` lines by name of the set."""

    bats: list[Question]
    similarity: list[PairSet]
    malformed: dict[str, list[str]]


def set_files(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the relations of BATS and the sets of word pairs in a folder, without hidden files.

    Raises `UserError` if there are none, but in the folder of questions, which may have none.
    """
    bats = sorted(path for path in folder.glob("bats/**/*.txt") if "/." not in path.relative_to(folder).as_posix())
    pairs = sorted(path for path in folder.glob("similarity/[!.]*") if path.suffix in (".txt", ".tsv"))
    if not bats + pairs and folder != Path(QUESTIONS):
        found = "holds no evaluation set" if folder.is_dir() else "no such folder"
        raise UserError(f"params.yaml: analogies.sets is {str(folder)!r}: {found}; give {LAYOUT}")
    return bats, pairs


def check_sets(folder: Path) -> None:
    """Raise `UserError` if a file in a folder of evaluation sets is not one, or if two sets have the same key."""
    bats, pairs = set_files(folder)
    for path in bats:
        read_relation(path)
    taken = {key(name): name for name in ("BATS", "Google", "asked", "coverage")}
    for name in (*OF_GENSIM, *(read_pairs(path).name for path in pairs)):
        if key(name) in taken:
            raise UserError(f"{folder}: {name} and {taken[key(name)]} have the same name in metrics; rename a file")
        taken[key(name)] = name


def evaluation_sets(folder: Path | None, known: Container[str] = ()) -> EvaluationSets:
    """Return the similarity sets that gensim ships and, if a `folder` is given, all sets in it.

    Words that are not `known` as written are in lower case.
    """
    if folder is None:
        return EvaluationSets([], shipped_pairs(known), {})
    relations, files = set_files(folder)
    questions, malformed = read_bats(folder / "bats", relations, known)
    pairs = [*shipped_pairs(known), *(read_pairs(path, known) for path in files)]
    by_set = {"BATS": malformed, **{each.name: each.malformed for each in pairs}}
    return EvaluationSets(questions, pairs, {name: lines for name, lines in by_set.items() if lines})


def key(name: str) -> str:
    """Return the name of a set in metrics: its letters and digits, in lower case."""
    return re.sub(r"[\W_]", "", name.lower())
