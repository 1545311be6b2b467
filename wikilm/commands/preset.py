"""Merge a preset into params.yaml and print what changes."""

import argparse

from pipeline.run.outputs import whole_file
from pipeline.settings import PARAMS, load_params
from pipeline.settings.changes import ABSENT, Change, differences, plain, shown
from wikilm.commands.answer import Answer
from wikilm.presets import with_preset


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("name", metavar="NAME", help="a file in presets/ without its ending, such as book")
    parser.add_argument("--dry-run", action="store_true", help="only print what would change")


def preset(arguments: argparse.Namespace) -> Answer:
    """Merge a preset into params.yaml and return what changes; raises `UserError` if the result would be invalid."""
    before = load_params()
    text, after = with_preset(arguments.name)
    changes = differences(before, after)
    if not changes:
        return Answer({}, [f"{PARAMS}: nothing to change"])
    if not arguments.dry_run:
        newline = "\r\n" if b"\r\n" in PARAMS.read_bytes() else "\n"
        with whole_file(PARAMS.resolve()) as partial:  # a link stays a link
            partial.write_text(text, encoding="utf-8", newline=newline)
    data = {key: {"before": plain(key, old), "after": plain(key, new)} for key, (old, new) in changes.items()}
    lines = [_line(key, change) for key, change in changes.items()]
    return Answer(data, lines, f"{PARAMS}: {'not written (--dry-run)' if arguments.dry_run else 'written'}")


def _line(key: str, change: Change) -> str:
    if change.after is ABSENT:
        return f"{key}: removed"
    if change.before is ABSENT:
        return f"{key}: added"
    return f"{key}: {shown(key, change.before)} -> {shown(key, change.after)}"
