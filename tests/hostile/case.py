"""What a case of the corpus says."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

Make = Callable[[Path], object]
Content = str | bytes | Callable[[], str | bytes]  # large ones are made when their case runs


class Case(NamedTuple):
    """An input, the way in by which it comes, and the words with which it is refused.

    `make` gets the working folder, in which a finished run lies, and changes or adds files. `command` is `wikilm ...`
    or `pipeline.STAGE ...`, called in a process of its own, or any other program, such as `dvc repro train`; before it
    may stand `closed-stdin`, or `full-disk` with the file that is its stdin. An undamaged control expects no words, and
    that the command succeeds.
    """

    name: str
    make: Make
    command: str
    says: tuple[str, ...] = ()


def undamaged(_folder: Path) -> None:
    """Change nothing."""


def made(content: Content) -> bytes:
    found = content() if callable(content) else content
    return found.encode() if isinstance(found, str) else found


def writes(name: str, content: Content) -> Make:
    """Return what writes a file of this content into the working folder."""

    def make(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made(content))

    return make
