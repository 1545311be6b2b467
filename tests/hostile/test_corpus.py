"""Each hostile input ends in a line that says what is wrong, soon, in little memory, and leaves nothing."""

import shutil
from pathlib import Path

import pytest

from tests.hostile.case import Case
from tests.hostile.cases import corpus, sets, texts
from tests.hostile.limits import TEXT_MEMORY, TEXT_SECONDS, complaints, files_of, make_sound, run_within_limits


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run, vectors and a packed model, undamaged."""
    return make_sound(tmp_path_factory.mktemp("hostile") / "sound")


@pytest.fixture(scope="module")
def loaded(sound: Path) -> int:
    """The memory that every command has from the start, with all that is loaded."""
    return run_within_limits("true", sound, sound.with_name("idle")).memory


@pytest.mark.parametrize("case", corpus(), ids=lambda case: case.name)
def test_it_is_refused_in_a_line_or_answered(case: Case, sound: Path, loaded: int, tmp_path: Path) -> None:
    folder = shutil.copytree(sound, tmp_path / "work", copy_function=shutil.copyfile)
    case.make(folder)
    before = files_left(folder, case)
    ending = run_within_limits(case.command, folder, tmp_path / "temporary")
    limits = (TEXT_SECONDS, loaded + TEXT_MEMORY) if case in texts.CASES + sets.CASES else ()
    assert not complaints(ending, tmp_path, *limits), ending.output
    assert ending.code == (1 if case.says else 0), ending.output
    assert not [words for words in case.says if words not in ending.output], ending.output
    if case.says:
        assert files_left(folder, case) == before


def files_left(folder: Path, case: Case) -> set[tuple[str, int]]:
    """The files that must stay as they are: DVC removes outputs of its stages in data/ before it runs them."""
    return {own for own in files_of(folder) if not (case.command.startswith("dvc ") and own[0].startswith("data/"))}
