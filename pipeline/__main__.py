"""The `wikilm` command."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from pipeline.run.console import one_line_errors
from pipeline.run.params import load_params


def main(argv: Sequence[str] | None = None) -> None:
    """Parse the command line and run one command; ends with exit code 1 and one line on a user's mistake."""
    parser = argparse.ArgumentParser(
        prog="wikilm", description="From a Wikipedia dump to language models, embeddings and analogies."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="check every setting of a parameter file")
    check.add_argument("params", nargs="?", type=Path, default=Path("params.yaml"))
    check.set_defaults(command=lambda arguments: check_params(arguments.params))
    arguments = parser.parse_args(argv)
    with one_line_errors("wikilm"):
        arguments.command(arguments)


def check_params(path: Path) -> None:
    """Say that a parameter file is in order; raises `UserError` where it is not."""
    params = load_params(path)
    print(f"{path}: in order; language models: {', '.join(params.language_models)}")


if __name__ == "__main__":
    main()
