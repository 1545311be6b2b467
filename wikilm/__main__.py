"""The `wikilm` command."""

import atexit
import contextlib
import gc
import io
import os
import sys
from collections.abc import Sequence

from pipeline.run.errors import UserError, did_you_mean
from pipeline.run.failures import one_line_errors
from wikilm.commands.answer import run
from wikilm.commands.parser import COMMANDS, build_parser
from wikilm.run_folder import check_text, find_project


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command in the folder of the project, which is this one or one above; without a command, print the help.

    A user's mistake ends it with one line and exit code 1.
    """
    given = sys.argv[1:] if argv is None else argv
    atexit.register(gc.freeze)  # Python would search all of torch for cycles at the end, for 0.2 seconds
    sys.stdout = sys.stdout or io.StringIO()  # Python sets it to None where the caller closed it
    with one_line_errors("wikilm"):
        for argument in given:
            check_text(argument)
        root = find_project()  # before the parser, which needs a working folder
        parser = build_parser()
        if given and given[0] not in COMMANDS and (guess := did_you_mean(given[0], COMMANDS)):
            parser.error(f"no command {given[0]!r}; {guess}")
        arguments = parser.parse_args(given)
        with contextlib.chdir(root) if root else contextlib.nullcontext():
            try:
                run(arguments)
            except BrokenPipeError:  # `head` has read enough; this keeps Python quiet when it closes
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            except UnicodeEncodeError as error:
                raise UserError(f"stdout: {error.encoding} lacks a letter of the answer; set PYTHONUTF8=1") from None


if __name__ == "__main__":
    main()
