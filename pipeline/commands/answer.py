"""What a command found, for programs and for people."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """`data` is what --json prints; else `lines` are printed, and a `note` on how they came about, on stderr."""

    data: Any
    lines: Sequence[str]
    note: str = ""


def show(answer: Answer, *, as_json: bool) -> None:
    """Print an answer."""
    if as_json:
        print(json.dumps(answer.data, indent=2, ensure_ascii=False))
    else:
        print("\n".join(answer.lines))
        if answer.note:
            sys.stdout.flush()
            print(answer.note, file=sys.stderr)
    sys.stdout.flush()


def table(rows: Iterable[Sequence[str]], align: str) -> list[str]:
    """Rows as lines with aligned columns; `align` has a `<` or `>` for each."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(row, align, widths, strict=True)).rstrip()
        for row in rows
    ]
