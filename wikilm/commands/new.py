"""Make a project in a folder of its own, with this one's code, its own git and DVC, and the same environment.

Example: wikilm new ../dewiki
"""

import argparse
from pathlib import Path

from wikilm.commands.answer import Answer, table
from wikilm.commands.options import from_here
from wikilm.new_project import ENVIRONMENT, make_project


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("folder", type=from_here, metavar="FOLDER", help="the folder; it is new or empty")


def new(arguments: argparse.Namespace) -> Answer:
    """Make a project and return what it consists of."""
    folder = Path(arguments.folder)
    made = make_project(folder)
    around = f"; {made.inside} around it shows it as an untracked folder" if made.inside else ""
    linked = f"{made.environment}, by the link {ENVIRONMENT}" if made.environment else "none; `make setup` makes one"
    rows = [
        (str(folder), f"{made.files:,} files, {made.bytes / 1e6:.1f} MB, of {made.code} ({made.commit})"),
        ("git", f"a repository of its own, with one commit{around}"),
        ("environment", linked),
    ]
    note = f"Next: cd {folder.resolve()}, edit wiki in params.yaml, and run `wikilm repro`"
    return Answer({"folder": str(folder), **made._asdict()}, table(rows, "<<"), note)
