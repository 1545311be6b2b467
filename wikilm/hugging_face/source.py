"""The source of a model for transformers: `modeling_wikilm.py`, with the source of its unit instead of an import."""

import ast
import inspect
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from models.recurrent import units
from pipeline.run.doors import MOST_RECORD, bounded_text
from pipeline.run.errors import UserError

MODELING = Path(__file__).with_name("modeling_wikilm.py")
OF_UNITS = units.__name__
PACKAGES = {"torch", "transformers"}  # that an export needs
Import = ast.Import | ast.ImportFrom


class Statement(NamedTuple):
    """A statement of a module, and its source."""

    node: ast.stmt
    text: str

    @property
    def is_line(self) -> bool:
        """Whether it is an assignment in one line."""
        return "\n" not in self.text and isinstance(self.node, ast.Assign | ast.AnnAssign)

    @property
    def names(self) -> set[str]:
        """All names in it."""
        return {node.id for node in ast.walk(self.node) if isinstance(node, ast.Name)}

    @property
    def defines(self) -> set[str]:
        """The names that it defines, imports excepted."""
        if isinstance(self.node, ast.ClassDef | ast.FunctionDef):
            return {self.node.name}
        targets = self.node.targets if isinstance(self.node, ast.Assign) else [getattr(self.node, "target", None)]
        return {target.id for target in targets if isinstance(target, ast.Name)}


def modeling_source(kind: str) -> str:
    """Return the source of a module for models of a `kind` of unit; it imports torch, transformers and Python's own.

    Raises `UserError` if the unit's class is in no file of `models/recurrent/units`, or imports another package.
    """
    docstring, *template = statements(bounded_text(MODELING, MOST_RECORD))
    common, own = statements(inspect.getsource(units)), [*statements_of_unit(kind, units.UNITS[kind].__module__)]
    body = [each for each in (*own, *template) if not isinstance(each.node, Import)]
    while more := [each for each in common if each not in body and each.defines & names_in(body)]:
        body = more + body
    ordered = [*(each for each in common if each in body), *(each for each in body if each not in common)]
    imported = import_lines(kind, (*template, *own, *common), names_in(body))
    first_lines = 2 if ordered[0].is_line else 3
    text = f"{docstring.text}\n\n{imported}" + "\n" * first_lines + ordered[0].text
    for before, each in pairwise(ordered):
        text += "\n" * (1 if before.is_line and each.is_line else 3) + each.text
    return text + "\n"


def statements(source: str) -> list[Statement]:
    """Return the statements of a module, with the comments within each."""
    lines, found = source.splitlines(), []
    for node in ast.parse(source).body:
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
        found.append(Statement(node, "\n".join(lines[first - 1 : node.end_lineno])))
    return found


def statements_of_unit(kind: str, module: str) -> Iterator[Statement]:
    """Yield the statements of a unit's module, and before them those of modules of other units that it imports."""
    if not module.startswith(f"{OF_UNITS}."):
        raise UserError(f"{kind}: the class of this unit is in {module}; put it into a file in models/recurrent/units")
    _, *own = statements(inspect.getsource(sys.modules[module]))
    for each in own:
        if isinstance(each.node, ast.ImportFrom) and str(each.node.module).startswith(f"{OF_UNITS}."):
            yield from statements_of_unit(kind, str(each.node.module))
    yield from own


def names_in(body: Iterable[Statement]) -> set[str]:
    """Return all names in some statements."""
    return {name for each in body for name in each.names}


def import_lines(kind: str, found: Iterable[Statement], used: set[str]) -> str:
    """Return the imports of the `used` names, which are among those of the statements `found`, as ruff sorts them."""
    sections: list[dict[str, set[str]]] = [defaultdict(set), defaultdict(set)]
    for node in (each.node for each in found if isinstance(each.node, Import)):
        for name, given in ((each.name, each.asname) for each in node.names):
            module = name if isinstance(node, ast.Import) else "." * node.level + (node.module or "")
            if (given or name.partition(".")[0]) not in used or f"{module}.".startswith(f"{OF_UNITS}."):
                continue
            package = module.partition(".")[0]
            if package not in PACKAGES | sys.stdlib_module_names:
                raise UserError(f"{kind}: the module of this unit imports {module}, which an export lacks")
            line = f"import {module}" if isinstance(node, ast.Import) else f"from {module} import "
            told = f"{name} as {given}" if given else name
            sections[package in PACKAGES][line if isinstance(node, ast.ImportFrom) else f"import {told}"].add(told)
    ordered = (sorted(each.items(), key=lambda item: (item[0].startswith("from"), item[0])) for each in sections)
    return "\n\n".join(
        "\n".join(line + ", ".join(sorted(names, key=_order)) * line.startswith("from") for line, names in section)
        for section in ordered
    )


def _order(name: str) -> tuple[bool, str]:
    return name[0].islower(), name.lower()
