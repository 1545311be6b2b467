"""List the presets, or merge one into params.yaml and print what changes."""

import argparse
from collections.abc import Mapping
from typing import Any

from pipeline.run.errors import UserError
from pipeline.run.outputs import whole_file
from pipeline.settings.changes import changed, flat, in_flow_style, shown
from pipeline.settings.params import PARAMS, Params, parse_yaml, read_text, read_yaml, validated
from wikilm.commands.answer import Answer, table
from wikilm.presets import PRESETS, committed, purposes, with_preset


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="a file in presets/ without its ending, such as book")
    parser.add_argument("--dry-run", action="store_true", help="only print what would change")
    parser.add_argument("--fresh", action="store_true", help=f"start from {PARAMS} as committed: drop all edits")


def preset(arguments: argparse.Namespace) -> Answer:
    """Merge a preset into params.yaml and return what changes; raises `UserError` if the result would be invalid.

    Without a name, return what each preset is for.
    """
    if arguments.name is None:
        return Answer(purposes(), table([(name, lines[0]) for name, lines in purposes().items()], "<<"))
    original = committed(PARAMS) if arguments.fresh else read_text(PARAMS)
    text, after = with_preset(arguments.name, original)
    changes = differences(*settings_before(original if arguments.fresh else None), after)
    if not changes and not arguments.fresh:
        return Answer({}, [f"{PARAMS}: nothing to change"])
    if not arguments.dry_run:
        newline = "\r\n" if PARAMS.is_file() and b"\r\n" in PARAMS.read_bytes() else "\n"
        with whole_file(PARAMS.resolve()) as partial:  # a link stays a link
            partial.write_text(text, encoding="utf-8", newline=newline)
    lines = [f"{key}: {change}" for key, change in changes.items()]
    if not arguments.fresh and (kept := edits_kept(arguments.name, after, changes)):
        lines.append(f"kept from before (`--fresh` drops it): {kept}")
    then = " ".join(purposes()[arguments.name][1:])
    return Answer(changes, lines, f"{PARAMS}: {'not written (--dry-run)' if arguments.dry_run else 'written'}. {then}")


def settings_before(committed: str | None) -> tuple[dict[str, Any], Params]:
    """Return params.yaml as it is written, and its settings; where it is broken, of the text `committed` if given."""
    try:
        return (written := read_yaml(PARAMS)), validated(written)
    except UserError:
        if committed is None:
            raise
        return (written := parse_yaml(committed, PARAMS)), validated(written)


def edits_kept(name: str, after: Params, changes: Mapping[str, str]) -> str:
    """Return the settings that differ from their defaults and that the preset `name` leaves alone, as text."""
    set_by_it = *flat(read_yaml(PRESETS / f"{name}.yaml")), "wiki.", "runtime.", "models."
    kept = [key for key in changed(after) if key not in changes and not key.startswith(set_by_it)]
    return ", ".join(f"{key}: {shown(key, flat(after)[key])}" for key in kept)


def differences(written: Mapping[str, Any], before: Params, after: Params) -> dict[str, str]:
    """Return each change from the settings `before`, which are `written` so, to those `after`, by its dotted key."""
    turned_off = [name for name, section in after if section is None and getattr(before, name) is not None]
    changes = {name: f"{in_flow_style(written[name])} -> off" for name in turned_off}
    changes |= {f"models.{name}": "removed" for name in before.models if name not in after.models}
    changes |= {f"models.{name}": "added" for name in after.models if name not in before.models}
    old, new = flat(before), flat(after)
    for key in old | new:
        section, entry = key.split(".")[0], ".".join(key.split(".")[:2])
        if old.get(key) != new.get(key) and section not in changes and entry not in changes:
            changes[key] = f"{shown(key, old.get(key))} -> {shown(key, new.get(key))}"
    return changes
