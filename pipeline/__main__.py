"""The `wikilm` command."""

import importlib
import os
import sys
from collections.abc import Sequence

from pipeline.commands.answer import show
from pipeline.commands.parser import build_parser
from pipeline.run.console import UserError, one_line_errors


def main(argv: Sequence[str] | None = None) -> None:
    """Parse the command line and run one command; ends with exit code 1 and one line on a user's mistake."""
    given = sys.argv[1:] if argv is None else argv
    with one_line_errors("wikilm"):
        for argument in given:
            _check_text(argument)
    arguments = build_parser().parse_args(given)
    with one_line_errors("wikilm"):
        # Only what a command needs is loaded: some answer in a fraction of the time that torch takes.
        module, function = arguments.answer.split(".")
        answer = getattr(importlib.import_module(f"pipeline.commands.{module}"), function)(arguments)
        try:
            show(answer, as_json=arguments.json)
        except BrokenPipeError:  # `head` has seen enough; nor shall Python complain when it closes
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _check_text(argument: str) -> None:
    """Raise `UserError` where a shell gave bytes that are none: what is said of them could not be printed."""
    try:
        argument.encode()
    except UnicodeEncodeError:
        raise UserError(f"{argument!r}: is not UTF-8 text") from None


if __name__ == "__main__":
    main()
