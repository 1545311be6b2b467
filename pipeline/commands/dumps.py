"""List the dumps of a wiki that can be downloaded."""

import argparse

from pipeline.commands.answer import Answer, table
from pipeline.run.console import UserError
from pipeline.settings import load_params


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("project", metavar="WIKI", help="enwiki, simplewiki, ltgwiki ...")
    parser.add_argument("--mirror", metavar="URL", help="the server (default: wiki.mirror)")
    parser.add_argument(
        "--layout", choices=("content", "legacy"), help="how the server lays out its files (default: wiki.layout)"
    )


def dumps(arguments: argparse.Namespace) -> Answer:
    """Return the date of each complete dump of a wiki, the number of its files and, where known, their bytes."""
    from pipeline.sources.web import Web
    from pipeline.sources.wikimedia import LAYOUTS

    params = load_params()
    layout = LAYOUTS[arguments.layout or params.wiki.layout]
    server = layout(Web(params.runtime.contact), arguments.mirror or params.wiki.mirror, arguments.project)
    found = []
    for day, files in server.available().items():
        sizes = [file.bytes for file in files if file.bytes is not None]
        total = sum(sizes) if len(sizes) == len(files) else None
        found.append({"date": str(day), "files": len(files), "bytes": total})
    if not found:
        raise UserError(f"{server.home}: no complete dump there")
    rows = [
        (str(dump["date"]), f"{dump['files']} file(s)", "" if dump["bytes"] is None else f"{dump['bytes']:,} bytes")
        for dump in found
    ]
    return Answer(found, table(rows, "<>>"))
