"""What a file of prose holds, piece by piece."""

from typing import Any, NamedTuple


class Article(NamedTuple):
    """An article and where it stands; `id` comes from the file and may be None until `prose_articles` sets it."""

    id: Any
    title: str
    text: str
    place: str
    split: str | None = None


class BadLine(NamedTuple):
    """A line, or a row of a table, that holds no article, and the reason."""

    place: str
    problem: str

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}"
