"""The `wikilm` command."""

import importlib
import os
import sys
from collections.abc import Sequence

from pipeline.ask.answer import show
from pipeline.ask.parser import build_parser
from pipeline.run.console import one_line_errors


def main(argv: Sequence[str] | None = None) -> None:
    """Parse the command line and run one command; ends with exit code 1 and one line on a user's mistake."""
    arguments = build_parser().parse_args(argv)
    with one_line_errors("wikilm"):
        # Only what a command needs is loaded: some answer in a fraction of the time that torch takes.
        module, function = arguments.answer.split(".")
        answer = getattr(importlib.import_module(f"pipeline.ask.{module}"), function)(arguments)
        try:
            show(answer, as_json=arguments.json)
        except BrokenPipeError:  # `head` has seen enough; nor shall Python complain when it closes
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
