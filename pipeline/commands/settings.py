"""Commands for whoever writes params.yaml: whether it is in order, and which dumps it could name."""

import argparse

from pipeline.commands.answer import Answer, table
from pipeline.run.console import UserError
from pipeline.settings import load_params


def check(arguments: argparse.Namespace) -> Answer:
    """Say that a parameter file is in order; raises `UserError` where it is not."""
    models = list(load_params(arguments.params).language_models)
    line = f"{arguments.params}: in order; language models: {', '.join(models)}"
    return Answer({"params": str(arguments.params), "language_models": models}, [line])


def dumps(arguments: argparse.Namespace) -> Answer:
    """The date of each complete dump of a wiki, how many files it has and, where known, their bytes."""
    from pipeline.sources.web import Web
    from pipeline.sources.wikimedia import LAYOUTS

    params = load_params()
    layout = LAYOUTS[arguments.layout or params.wiki.layout]
    there = layout(Web(params.runtime.contact), arguments.mirror or params.wiki.mirror, arguments.project)
    found = []
    for day, files in there.available().items():
        sizes = [file.bytes for file in files if file.bytes is not None]
        total = sum(sizes) if len(sizes) == len(files) else None
        found.append({"date": str(day), "files": len(files), "bytes": total})
    if not found:
        raise UserError(f"{there.home}: no complete dump there")
    rows = [
        (str(dump["date"]), f"{dump['files']} file(s)", "" if dump["bytes"] is None else f"{dump['bytes']:,} bytes")
        for dump in found
    ]
    return Answer(found, table(rows, "<>>"))
