"""List the presets, or merge one into params.yaml and print what changes."""

import argparse

from pipeline.run.outputs import whole_file
from pipeline.settings import PARAMS, load_params, read_yaml
from pipeline.settings.changes import changed, flat, flow, shown
from wikilm.commands.answer import Answer, table
from wikilm.presets import PRESETS, purposes, with_preset


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
    before = load_params()
    text, after = with_preset(arguments.name, fresh=arguments.fresh)
    written = read_yaml(PARAMS)
    turned_off = [name for name, section in after if section is None and getattr(before, name) is not None]
    changes = {name: f"{flow(written[name])} -> off" for name in turned_off}
    changes |= {f"models.{name}": "removed" for name in before.models if name not in after.models}
    changes |= {f"models.{name}": "added" for name in after.models if name not in before.models}
    old, new = flat(before), flat(after)
    for key in old | new:
        known = {key.split(".")[0], ".".join(key.split(".")[:2])} & changes.keys()
        if not known and (values := [settings.get(key) for settings in (old, new)])[0] != values[1]:
            changes[key] = " -> ".join(shown(key, value) for value in values)
    if not changes:
        return Answer({}, [f"{PARAMS}: nothing to change"])
    if not arguments.dry_run:
        newline = "\r\n" if b"\r\n" in PARAMS.read_bytes() else "\n"
        with whole_file(PARAMS.resolve()) as partial:  # a link stays a link
            partial.write_text(text, encoding="utf-8", newline=newline)
    lines = [f"{key}: {change}" for key, change in changes.items()]
    set_by_it = flat(read_yaml(PRESETS / f"{arguments.name}.yaml"))
    kept = [key for key in changed(after) if key not in changes and not any(key.startswith(own) for own in set_by_it)]
    if kept := [key for key in kept if key.partition(".")[0] not in ("wiki", "runtime", "models")]:
        told = ", ".join(f"{key}: {shown(key, new[key])}" for key in kept)
        lines.append(f"kept from before (`--fresh` drops it): {told}")
    then = " ".join(purposes()[arguments.name][1:])
    return Answer(changes, lines, f"{PARAMS}: {'not written (--dry-run)' if arguments.dry_run else 'written'}. {then}")
