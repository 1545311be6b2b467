"""Sets of minimal pairs, or of suites, in files and folders."""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from pipeline.run.doors import MOST_FIELDS
from pipeline.run.errors import UserError
from pipeline.scores.minimal_pairs import (
    MinimalPairs,
    Placed,
    check_groups,
    files_in,
    files_of_set,
    lines_of,
    read_pairs_of,
)
from pipeline.scores.suites import Suite, read_suite
from pipeline.settings.result_sections import OWN_PAIRS


def read_set(paths: Sequence[Path]) -> MinimalPairs | list[Suite]:
    """Return the minimal pairs, or the suites, of files and folders; raises `UserError` if they are neither or both."""
    files = files_of_set(paths)
    lines = _lines(files)
    every = chain([first := next(lines)], lines)
    if "items" not in first.content:
        return read_pairs_of(first, every, several=len(files) > 1)
    suites = [read_suite(line) for line in every]
    check_groups({"suite": [suite.name for suite in suites]}, first.place)
    return suites


def _lines(files: Sequence[Path]) -> Iterator[Placed]:
    """Yield the lines of files; raises `UserError` if one has none, or if all have too many fields."""
    left = MOST_FIELDS
    for path in files:
        before = left
        for line in lines_of(path):
            if (left := left - max(1, len(line.content))) < 0:
                raise UserError(f"{line.place}: the set has more than {MOST_FIELDS:,} fields; part it")
            yield line
        if left == before:
            raise UserError(f"{path}: is empty; give minimal pairs, or suites of SyntaxGym")


def sets_in(folder: Path) -> dict[str, Path]:
    """Return the sets in the folder of `grammar.sets` by name: each file or folder there that holds any.

    Raises `UserError` if there is no such folder, unless it is the default, or two sets have the same name.
    """
    if not folder.is_dir() and folder != Path(OWN_PAIRS):
        raise UserError(f"params.yaml: grammar.sets is {str(folder)!r}: no such folder; give one, which may be empty")
    found: dict[str, Path] = {}
    for path in sorted(folder.glob("[!.]*")):
        if files_in(path):
            name = path.name if path.is_dir() else path.name.removesuffix(".xz").rpartition(".")[0]
            if name in found:
                raise UserError(
                    f"{path}: is called as {found[name]} is; rename one, so that figures have one name each"
                )
            found[name] = path
    return found
