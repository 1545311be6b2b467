"""The `wikilm` command."""

import os
import sys
from collections.abc import Sequence

from pipeline.commands.answer import show
from pipeline.commands.parser import build_parser
from pipeline.run.console import UserError, one_line_errors


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command, or print the help; a user's mistake ends it with one line and exit code 1."""
    given = sys.argv[1:] if argv is None else argv
    with one_line_errors("wikilm"):
        for argument in given:
            _check_text(argument)
    parser = build_parser()
    arguments = parser.parse_args(given)
    if not arguments.answer:
        parser.print_help()
        return
    with one_line_errors("wikilm"):
        answer = arguments.answer(arguments)
        try:
            show(answer, as_json=arguments.json)
        except BrokenPipeError:  # `head` has read enough; this keeps Python quiet when it closes
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _check_text(argument: str) -> None:
    """Raise `UserError` if an argument is not UTF-8: a message about it could not be printed."""
    try:
        argument.encode()
    except UnicodeEncodeError:
        raise UserError(f"{argument!r}: is not UTF-8 text") from None


if __name__ == "__main__":
    main()
