"""Sets of minimal pairs, or of suites, in files and folders."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.run.errors import UserError
from pipeline.scores.minimal_pairs import MinimalPairs, files_in, files_of_set, lines_of, read_pairs_of
from pipeline.scores.suites import Suite, read_suite
from pipeline.settings.result_sections import OWN_PAIRS


def read_set(paths: Sequence[Path]) -> MinimalPairs | list[Suite]:
    """Return the minimal pairs, or the suites, of files and folders; raises `UserError` if they are neither or both."""
    files = {path: [*lines_of(path)] for path in files_of_set(paths)}
    if empty := [path for path, lines in files.items() if not lines]:
        raise UserError(f"{empty[0]}: is empty; give minimal pairs, or suites of SyntaxGym")
    suites = [line for lines in files.values() for line in lines if "items" in line.content]
    if len(suites) not in (0, sum(map(len, files.values()))):
        raise UserError(f"{suites[0].place}: is a suite, and other lines are minimal pairs; measure them one by one")
    return [read_suite(line) for line in suites] if suites else read_pairs_of(files)


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
