"""The `wikilm` command."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from pipeline.corpus.web import Web
from pipeline.corpus.wikimedia import LAYOUTS
from pipeline.run.console import UserError, one_line_errors
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
    dumps = commands.add_parser("dumps", help="list the dumps of a wiki that can be downloaded")
    dumps.add_argument("project", help="the wiki: enwiki, simplewiki, ltgwiki ...")
    dumps.add_argument("--mirror", help="the server's address instead of params.yaml's")
    dumps.add_argument("--layout", choices=LAYOUTS, help="instead of params.yaml's")
    dumps.add_argument("--json", action="store_true", help="as JSON")
    dumps.set_defaults(command=list_dumps)
    arguments = parser.parse_args(argv)
    with one_line_errors("wikilm"):
        arguments.command(arguments)


def check_params(path: Path) -> None:
    """Say that a parameter file is in order; raises `UserError` where it is not."""
    params = load_params(path)
    print(f"{path}: in order; language models: {', '.join(params.language_models)}")


def list_dumps(arguments: argparse.Namespace) -> None:
    """Print the date of each complete dump of a wiki, how many files it has and, where known, their bytes."""
    params = load_params()
    layout = LAYOUTS[arguments.layout or params.wiki.layout]
    dumps = layout(Web(params.runtime.contact), arguments.mirror or params.wiki.mirror, arguments.project)
    found = []
    for day, files in dumps.available().items():
        sizes = [file.bytes for file in files if file.bytes is not None]
        total = sum(sizes) if len(sizes) == len(files) else None
        found.append({"date": str(day), "files": len(files), "bytes": total})
    if arguments.json:
        print(json.dumps(found, indent=2))
        return
    if not found:
        raise UserError(f"{dumps.home}: no complete dump there")
    for entry in found:
        amount = "" if entry["bytes"] is None else f"{entry['bytes']:>18,} bytes"
        print(f"{entry['date']}{entry['files']:>6} file(s){amount}")


if __name__ == "__main__":
    main()
