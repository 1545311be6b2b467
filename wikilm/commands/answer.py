"""The answer of a command, for programs and for people."""

import argparse
import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from rich.cells import cell_len

from pipeline.run.console import say, tell
from pipeline.run.errors import UserError
from wikilm.run_folder import find_project


class Answer(NamedTuple):
    """The answer of a command: --json prints `data`, else `lines` are printed, and a `note` about them on stderr."""

    data: Any
    lines: Iterable[str]
    note: str = ""


def run(arguments: argparse.Namespace) -> None:
    """Run the command of a parsed command line and print its answer, if any; without a command, print the help."""
    if not arguments.answer:
        arguments.parser.print_help()
        tell(f"\n{next_step()}")
    elif answer := arguments.answer(arguments):
        show(answer, as_json=arguments.json)


def next_step() -> str:
    """Return what a user may want to do now."""
    root = find_project()
    if root is None:
        return (
            "No params.yaml is here or in a folder above: change to the project's folder, or make one by `wikilm new`."
        )
    if not (root / "data/embeddings").is_dir():
        return "Next: `wikilm repro` runs the pipeline by params.yaml; the built-in sample takes some minutes."
    return (
        "Next: open data/reports/index.html in a browser; `wikilm models` compares the models; "
        "`wikilm next the king` asks the best."
    )


def show(answer: Answer, *, as_json: bool) -> None:
    """Print an answer."""
    if as_json:
        try:
            tell(json.dumps(answer.data, indent=2, ensure_ascii=False, allow_nan=False))
        except ValueError:
            raise UserError("the answer has a value that is no finite number; model or vectors are damaged") from None
    else:
        for line in answer.lines:
            tell(line)
        if answer.note:
            say(answer.note)


def table(rows: Iterable[Sequence[str]], align: str) -> list[str]:
    """Return rows as lines with aligned columns; `align` has a `<` or `>` for each column.

    A letter may be as wide as two in a terminal, or take no room.
    """
    rows = list(rows)
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            f"{cell:{side}{width - cell_len(cell) + len(cell)}}"
            for cell, side, width in zip(row, align, widths, strict=True)
        ).rstrip()
        for row in rows
    ]
