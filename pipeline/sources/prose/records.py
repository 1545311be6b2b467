"""What a file of prose holds, piece by piece, before its articles are numbered."""

from typing import Any, NamedTuple


class Record(NamedTuple):
    """An article, where it stands, and its id as the file has it, None where it has none."""

    place: str
    id: Any
    title: str
    text: str
    split: str | None = None


class BadLine(NamedTuple):
    """A line, or a row of a table, that holds no article, and the reason."""

    place: str
    problem: str

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}"
