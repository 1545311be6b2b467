"""templates.db: the definitions of a wiki's templates, by name.

    templates(name, definition, redirect, disambiguation)

`definition` is a tree as JSON (`pipeline.wikitext.definitions`), null where it is not known what the template shows;
`redirect` is the name of the template that a redirect leads to. Names begin with a capital letter, as on a wiki.
"""

import json
import os
import sqlite3
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from sqlite_utils import Database

from pipeline.wikitext.definitions import Tree

KEPT = 20_000  # definitions in memory: some 20 MB
REDIRECTS = 3  # that lead to one another


class Definition(NamedTuple):
    """What a dump says of a template; `disambiguation` if it marks pages that list the meanings of a name."""

    name: str
    definition: Tree | None
    redirect: str | None
    disambiguation: bool


def write_definitions(path: Path, definitions: Iterable[Definition]) -> int:
    """Write a new database at `path` and return the number of its rows; the same input gives the same bytes."""
    connection = sqlite3.connect(path)
    # The file is thrown away if the build fails, so it needs no journal.
    connection.execute("PRAGMA journal_mode = OFF")
    database = Database(connection)
    with database.atomic():  # one transaction: the header counts them
        database.table("templates").create(
            {"name": str, "definition": str, "redirect": str, "disambiguation": int}, pk="name"
        )
        rows = (
            (
                template_name(name),
                None if tree is None else json.dumps(tree, ensure_ascii=False, separators=(",", ":")),
                None if redirect is None else template_name(redirect),
                int(disambiguation),
            )
            for name, tree, redirect, disambiguation in definitions
        )
        connection.executemany("INSERT OR REPLACE INTO templates VALUES (?, ?, ?, ?)", rows)
    (count,) = database.execute("SELECT count(*) FROM templates").fetchone()
    database.close()
    return int(count)


def template_name(name: str) -> str:
    """Return the name of a template as its page is called: `_x y` is `X y`."""
    name = " ".join(name.replace("_", " ").split())
    return name[:1].upper() + name[1:]


class Definitions:
    """A templates.db opened for reading, anew in each process; a call looks a template up."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._process = 0

    def __reduce__(self) -> tuple[type["Definitions"], tuple[Path]]:
        return Definitions, (self.path,)

    def __call__(self, name: str) -> Tree | None:
        """Return the definition of a template, followed through redirects; None where there is none."""
        if self._process != os.getpid():
            self._open()
        return self._find(template_name(name))

    def disambiguation_names(self) -> frozenset[str]:
        """Return the names, in lower case, of the templates that mark disambiguation pages, and of their redirects."""
        if self._process != os.getpid():
            self._open()
        marked = self._connection.execute(
            "SELECT name FROM templates WHERE disambiguation UNION SELECT name FROM templates WHERE redirect IN "
            "(SELECT name FROM templates WHERE disambiguation)"
        )
        return frozenset(name.lower() for (name,) in marked)

    def _open(self) -> None:
        uri = f"{self.path.absolute().as_uri()}?mode=ro&immutable=1"
        self._connection, self._process = sqlite3.connect(uri, uri=True), os.getpid()
        self._find = lru_cache(KEPT)(self._read)

    def _read(self, name: str) -> Tree | None:
        for _ in range(REDIRECTS):
            row = self._connection.execute(
                "SELECT definition, redirect FROM templates WHERE name = ?", (name,)
            ).fetchone()
            if row is None or row[1] is None:
                break
            name = row[1]
        return json.loads(row[0]) if row and row[0] is not None else None
