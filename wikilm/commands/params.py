"""Print every setting, and the default of each changed one."""

import argparse
import json
from pathlib import Path

from pipeline.settings import load_params
from pipeline.settings.changes import as_yaml, defaults_for, differences, plain
from wikilm.commands.answer import Answer
from wikilm.commands.options import add_params


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_params(parser)
    parser.add_argument("--schema", action="store_true", help="print the JSON schema of params.yaml instead")


def params(arguments: argparse.Namespace) -> Answer:
    """Return all settings, with the default of each changed one; or the JSON schema of params.yaml."""
    if arguments.schema:
        from wikilm.schema import json_schema

        schema = json_schema()
        return Answer(schema, json.dumps(schema, indent=2, ensure_ascii=False).splitlines())
    settings = load_params(Path(arguments.params))
    changed = differences(defaults_for(settings), settings)
    data = {
        "settings": {key: plain(key, value) for key, value in settings},
        "changed": {
            key: {"value": plain(key, value), "default": plain(key, default)}
            for key, (default, value) in changed.items()
        },
    }
    return Answer(data, list(as_yaml(settings, changed)))
