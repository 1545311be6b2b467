"""What a command answers, for programs and for people."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """The answer of a command: --json prints `data`, else `lines` are printed, and a `note` about them on stderr.

    Lines are printed as they come.
    """

    data: Any
    lines: Iterable[str]
    note: str = ""


def show(answer: Answer, *, as_json: bool) -> None:
    """Print an answer."""
    if as_json:
        print(json.dumps(answer.data, indent=2, ensure_ascii=False))
    else:
        for line in answer.lines:
            print(line, flush=True)
        if answer.note:
            print(answer.note, file=sys.stderr)
    sys.stdout.flush()


def table(rows: Iterable[Sequence[str]], align: str) -> list[str]:
    """Return rows as lines with aligned columns; `align` has a `<` or `>` for each column."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(row, align, widths, strict=True)).rstrip()
        for row in rows
    ]
