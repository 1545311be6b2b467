"""docs/tour.ipynb gives the outputs that it shows, and without a run says in one line what to do."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.project import copy_of_the_project

pytestmark = pytest.mark.outside
TOUR = ROOT / "docs/tour.ipynb"
NUMBER = re.compile(r"\d+(?:\.\d+)?")
MOST_SECONDS, MOST_BYTES = 120, 500_000  # of CPU time, without the run that it reads


def code_cells(notebook: Any) -> list[Any]:
    """Return the cells of a notebook that hold code."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def executed(folder: Path) -> Iterator[Any]:
    """Execute the notebook in a folder; yield its cells of code with their outputs. The first error ends it."""
    import nbformat
    from nbclient import NotebookClient

    where = {"metadata": {"path": str(folder)}}
    client = NotebookClient(nbformat.read(TOUR, 4), timeout=600, allow_errors=True, resources=where)
    with client.setup_kernel():
        for at, cell in enumerate(client.nb.cells):
            client.execute_cell(cell, at)
            if cell.cell_type == "code":
                yield cell
                if any(output.output_type == "error" for output in cell.outputs):
                    return


def words(cell: Any) -> list[str]:
    """Return the text of a cell's outputs, and the kinds of its pictures, as words; a stream may come in parts."""
    return "".join(output.get("text") or f" {sorted(output.data)} " for output in cell.outputs).split()


def seconds() -> float:
    """Return the CPU time of the processes that have ended."""
    found = os.times()
    return found.children_user + found.children_system


def test_it_gives_the_outputs_that_it_shows(tmp_path: Path) -> None:
    import nbformat

    shown = code_cells(nbformat.read(TOUR, 4))
    project = copy_of_the_project(tmp_path / "project")
    subprocess.check_call([sys.executable, "-m", "wikilm", "repro", "train@gru"], cwd=project.root)
    before = seconds()
    found = [*executed(project.root / "docs")]
    assert seconds() - before < MOST_SECONDS
    assert len(found) == len(shown) == 10
    for own, there in zip(map(words, found), map(words, shown), strict=True):
        assert [NUMBER.sub("N", word) for word in own] == [NUMBER.sub("N", word) for word in there]
        numbers = [[float(number) for number in NUMBER.findall(" ".join(each))] for each in (own, there)]
        assert numbers[0] == pytest.approx(numbers[1], rel=0.01)
    assert TOUR.stat().st_size < MOST_BYTES


def test_without_a_run_it_says_in_one_line_what_to_do(in_tmp: Path) -> None:
    (in_tmp / "data").mkdir()
    *fine, last = executed(in_tmp)
    assert len(fine) == 5
    counts = in_tmp / "data/models/gru/target_counts.npy"
    assert last.outputs[-1].traceback == [f"wikilm.Error: {counts}: not found; run `dvc repro train@gru`\n"]
