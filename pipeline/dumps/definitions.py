"""templates.db: the definitions of a wiki's templates, by name.

    templates(name, definition, redirect, disambiguation)

`definition` is a tree as JSON (`pipeline.wikitext.templates.definitions`), null where it is unknown what it shows;
`redirect` is the name of the template that a redirect leads to. Names begin with a capital letter, as on a wiki.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple, cast

from pipeline.languages.language import DEFAULT
from pipeline.run.arrays import new_database, open_database
from pipeline.run.errors import reading
from pipeline.wikitext.pages import lower_name
from pipeline.wikitext.site import DIRECTION_MARKS, capitalized
from pipeline.wikitext.templates.definitions import Tree

IN_MEMORY = 1_000  # definitions in memory
REDIRECTS = 3  # that lead to one another
CREATE_TABLE = """CREATE TABLE "templates" (
   "name" TEXT PRIMARY KEY,
   "definition" TEXT,
   "redirect" TEXT,
   "disambiguation" INTEGER
)"""


class Definition(NamedTuple):
    """What a dump says of a template; `disambiguation` if it marks pages that list the meanings of a name.

    `definition` is JSON. A tree takes over ten times as much memory, and definitions of several pieces wait to be
    written.
    """

    name: str
    definition: str | None
    redirect: str | None
    disambiguation: bool


def write_definitions(path: Path, definitions: Iterable[Definition]) -> int:
    """Write a new database at `path` and return the number of its rows; the same input gives the same bytes."""
    with closing(new_database(path)) as connection, connection:
        connection.execute("BEGIN")  # one transaction: the header counts them
        connection.execute(CREATE_TABLE)
        connection.executemany("INSERT OR REPLACE INTO templates VALUES (?, ?, ?, ?)", definitions)
        (count,) = connection.execute("SELECT count(*) FROM templates").fetchone()
    return int(count)


def as_json(tree: Tree | None) -> str | None:
    """Return a tree as JSON; None stays None."""
    return None if tree is None else json.dumps(tree, ensure_ascii=False, separators=(",", ":"))


def template_name(name: str, language: str = DEFAULT) -> str:
    """Return the name of a template as its page is called on a language's wikis: `_x y` is `X y`."""
    return capitalized(" ".join(DIRECTION_MARKS.sub("", name).replace("_", " ").split()), language)


class Definitions:
    """A templates.db of a language's wiki opened for reading, once in each process; a call looks a template up.

    Raises `UserError` where the file cannot be read.
    """

    def __init__(self, path: Path, language: str = DEFAULT) -> None:
        self.path, self.language = path, language
        self._kept = lru_cache(IN_MEMORY)(self._read)

    def __reduce__(self) -> tuple[Callable[..., "Definitions"], tuple[Path, str, int]]:
        return _opened, (self.path.absolute(), self.language, self._modified)

    def __call__(self, name: str) -> Tree | None:
        """Return the definition of a template, followed through redirects, or None."""
        return self._kept(template_name(name, self.language))

    def disambiguation_names(self) -> frozenset[str]:
        """Return the names, in lower case, of the templates that mark disambiguation pages, and of their redirects."""
        marked = self._rows(
            "SELECT name FROM templates WHERE disambiguation UNION SELECT name FROM templates WHERE redirect IN "
            "(SELECT name FROM templates WHERE disambiguation)"
        )
        return frozenset(lower_name(name) for (name,) in marked)

    def _read(self, name: str) -> Tree | None:
        for _ in range(REDIRECTS):
            rows = self._rows("SELECT definition, redirect FROM templates WHERE name = ?", name)
            definition, redirect = rows[0] if rows else (None, None)
            if redirect is None:
                return cast("Tree", json.loads(definition)) if definition else None
            name = redirect
        return None

    @cached_property
    def _modified(self) -> int:
        return self.path.stat().st_mtime_ns

    @cached_property
    def _connection(self) -> sqlite3.Connection:
        return open_database(self.path)

    def _rows(self, query: str, *parameters: str) -> list[tuple[Any, ...]]:
        with reading(self.path, "run `dvc repro -f -s templates`"):
            return self._connection.execute(query, parameters).fetchall()


@lru_cache(maxsize=1)
def _opened(path: Path, language: str, modified: int) -> Definitions:
    """Return this process's `Definitions` of a file, which it opened for its first item."""
    return Definitions(path, language)
