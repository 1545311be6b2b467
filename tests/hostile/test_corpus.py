"""Each hostile input ends in a line that says what is wrong, soon, in little memory, and leaves nothing."""

import contextlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.conftest import SMALL, make_run
from tests.hostile import limits
from tests.hostile.case import Case
from tests.hostile.cases import corpus
from tests.hostile.limits import run_within_limits
from wikilm.__main__ import main
from wikilm.packed import shipped
from wikilm.packed_model import ZIP

SECRET = "s3cret"  # a password, wherever a case has one


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run, and beside it vectors packed from it, svd.npz, and the language model that comes with wikilm."""
    root = make_run(tmp_path_factory.mktemp("sound"), SMALL)
    with contextlib.chdir(root):
        main(["pack", "svd", "svd.npz", "--source", "Twelve articles", "--licence", "CC0"])
    shutil.copy(shipped(ZIP)["enwiki-40m"], root)
    return root


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    """A case's own copy of the run."""
    return shutil.copytree(sound, tmp_path / "work")


def files_of(folder: Path) -> Iterator[tuple[str, int]]:
    for path in folder.rglob("*"):
        if "__pycache__" not in path.parts and not path.is_dir():
            yield str(path.relative_to(folder)), path.lstat().st_mtime_ns


@pytest.mark.parametrize("case", corpus(), ids=lambda case: case.name)
def test_it_is_refused_in_a_line_or_answered(case: Case, folder: Path, tmp_path: Path) -> None:
    case.make(folder)
    before = set(files_of(folder))
    ending = run_within_limits(case.command, folder, tmp_path / "temporary")
    told = ending.output
    assert ending.code == (1 if case.says else 0), told
    assert "Traceback" not in told
    assert SECRET not in told
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", told)
    if case.says:
        assert len(told.splitlines()) <= limits.LINES
        assert not [words for words in case.says if words not in told], told
        assert str(tmp_path / "temporary") not in told
        assert set(files_of(folder)) == before
    assert ending.seconds <= limits.SECONDS
    assert ending.memory <= limits.MEMORY
    assert ending.temporary == 0
