"""Print every setting, and the default of each changed one."""

import argparse
import json
from pathlib import Path

from pipeline.settings.changes import ANY, changed, flat, shown
from pipeline.settings.params import load_params
from wikilm.commands.answer import Answer
from wikilm.commands.options import add_params


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_params(parser)
    parser.add_argument("--schema", action="store_true", help="print the JSON schema of params.yaml instead")


def params(arguments: argparse.Namespace) -> Answer:
    """Return all settings by dotted key, with the default of each changed one; or the JSON schema of params.yaml."""
    if arguments.schema:
        from wikilm.schema import json_schema

        schema = json_schema()
        return Answer(schema, json.dumps(schema, indent=2, ensure_ascii=False).splitlines())
    settings = load_params(Path(arguments.params))
    found, differ = flat(settings), changed(settings)
    marks = dict.fromkeys(found, "") | {
        key: " # changed" if default is ... else f" # default: {shown(key, default)}"
        for key, (_, default) in differ.items()
    }
    lines = [f"{key}: {shown(key, value)}{marks[key]}" for key, value in found.items()]
    return Answer({"settings": ANY.dump_python(found), "changed": list(differ)}, lines)
