"""Run one command after another; Python, torch and each language model are loaded once.

A line is a command without `wikilm`, such as `analogy king man woman`. Any other line is the start of a sentence, which
`next` continues. `help` lists the commands; `exit`, `quit` or Ctrl-D ends it.
"""

import argparse
import contextlib
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

from pipeline.run.errors import UserError
from pipeline.run.failures import one_line_errors
from wikilm.commands.answer import run
from wikilm.run import Run

PROMPT = "wikilm> "
HELP = "--help"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments: none."""


def shell(arguments: argparse.Namespace) -> None:
    """Answer each line of the terminal or of stdin; an error ends its line only."""
    parser: argparse.ArgumentParser = arguments.parser
    runs: dict[Path, Run] = {}
    for line in _lines():
        with contextlib.suppress(SystemExit), one_line_errors("wikilm"):
            is_command = line.split()[0] in (*arguments.commands, HELP)
            words = _split(line) if is_command else ["next", *line.split()]
            with contextlib.chdir(arguments.folder):  # a path in the line is seen from the user's folder
                asked = parser.parse_args(words)
            asked.json |= arguments.json
            if not sys.stdin.isatty() and vars(asked).get("file") == "-":
                raise UserError(f"{line}: stdin has the shell's own lines; give the name of a file")
            if "data" in asked:  # a run keeps the language models that it has loaded
                asked.data = runs.setdefault(asked.data.path, asked.data)
                asked.data.reread()
            run(asked)


def _split(line: str) -> list[str]:
    """Return the words of a command; raises `UserError` if a quotation does not end."""
    try:
        return shlex.split(line)
    except ValueError as error:
        raise UserError(f"{line}: {str(error).lower()}") from None


def _lines() -> Iterator[str]:
    """Yield the lines that are not blank. A terminal shows the prompt."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 # the arrow keys edit the line and fetch earlier ones
    prompt = PROMPT if sys.stdin.isatty() else ""
    while True:
        try:
            line = input(prompt).strip()
        except EOFError:
            return
        except UnicodeDecodeError as error:
            raise UserError(f"stdin: is not UTF-8 text: {error.reason}") from None
        if line in ("exit", "quit"):
            return
        if line:
            yield HELP if line == "help" else line
