"""Presets: overlays in `presets/` that are merged into a params.yaml."""

import io
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.tokens import AliasToken, AnchorToken

from pipeline.run.doors import MOST_SETTINGS, bounded_text
from pipeline.run.errors import UserError
from pipeline.settings.changes import in_flow_style
from pipeline.settings.params import PARAMS, Params, parse_yaml, read_yaml, validated

PRESETS = Path(__file__).parents[1] / "presets"
TAIL = re.compile(r"(^[ \t]*(#.*)?\n)*\Z", re.MULTILINE)  # blank lines and comments before the next section


def with_preset(name: str, original: str) -> tuple[str, Params]:
    """Return the `original` text of a params.yaml with a preset merged into it, and its settings, which are valid.

    Comments and all other settings stay. Raises `UserError` if there is no such preset, or if it does not fit.
    """
    if name not in (names := purposes()):
        raise UserError(f"no preset {name!r}; there are {', '.join(names)}")
    overlay = read_yaml(PRESETS / f"{name}.yaml")
    parse_yaml(original, PARAMS)  # within the limits of `pipeline.run.doors`, which what follows does not know
    if any(isinstance(token, AnchorToken | AliasToken) for token in YAML(typ="safe", pure=True).scan(original)):
        raise UserError(f"{PARAMS}: has YAML anchors (& and *), which a preset cannot be merged into; write them out")
    text = "".join(_merged(section, overlay) for section in re.split(r"(?m)^(?=[\w\"'])", original))
    return text, validated(parse_yaml(text, PARAMS), f"{PARAMS} with the preset {name}")


def committed(path: Path) -> str:
    """Return the text of a file as the last commit has it; raises `UserError` if none has."""
    found = subprocess.run(["git", "show", f"HEAD:./{path}"], capture_output=True, encoding="utf-8", errors="replace")
    if found.returncode:
        raise UserError(f"--fresh: git has no {path} of an earlier commit: {found.stderr.splitlines()[0]}")
    return found.stdout


def purposes() -> dict[str, list[str]]:
    """Return the lines of the comment at the head of each preset: what it is for, then what to know and to do."""
    texts = {path.stem: bounded_text(path, MOST_SETTINGS) for path in sorted(PRESETS.glob("*.yaml"))}
    return {name: re.findall("(?m)^# (.*)", text) for name, text in texts.items()}


def _merged(text: str, overlay: Mapping[str, Any]) -> str:
    """Return the text of a section with its part of the overlay, in the style of DVC, which edits this file too."""
    body = TAIL.sub("", text)
    document: Any = YAML().load(body) or {}
    if not (key := next((key for key in document if key in overlay), None)):
        return text
    _merge(document, {key: overlay[key]})
    yaml, merged = YAML(), io.StringIO()
    yaml.dump(document, merged)
    # ruamel.yaml drops the comments that follow an entry with it.
    lost = [line for line in body.splitlines(True) if re.match(r"\s*#", line)]
    return merged.getvalue() + "".join(line for line in lost if line not in merged.getvalue()) + text.removeprefix(body)


def _merge(section: CommentedMap, overlay: Mapping[str, Any], *, whole: bool = False) -> None:
    """Merge an overlay into a section, key by key; with `whole`, replace the values of its keys. None removes a key.

    A section that is off stays off.
    """
    for key, value in overlay.items():
        old = section.get(key)
        if value is None:
            section.pop(key, None)
        elif isinstance(value, dict) and isinstance(old, CommentedMap) and not whole:
            _merge(old, value, whole=key == "models")
        elif not isinstance(value, dict) or old not in ("off", False):
            section[key] = YAML().load(in_flow_style(value))
