"""Presets: overlays in `presets/` that are merged into a params.yaml."""

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import CommentMark
from ruamel.yaml.tokens import AliasToken, AnchorToken, CommentToken

from pipeline.run.errors import UserError
from pipeline.settings import PARAMS, Params, parse_yaml, read_text, read_yaml, validated
from pipeline.settings.changes import flow

PRESETS = Path(__file__).parents[1] / "presets"
COLUMNS = 80  # DVC's YAML writer breaks longer lines


def with_preset(name: str) -> tuple[str, Params]:
    """Return the text of a valid params.yaml with a preset merged into it, and its settings.

    Comments and all other settings stay. Raises `UserError` if there is no such preset, or if it does not fit.
    """
    names = sorted(path.stem for path in PRESETS.glob("*.yaml"))
    if name not in names:
        raise UserError(f"no preset {name!r}; there are {', '.join(names)}")
    overlay, original = read_yaml(PRESETS / f"{name}.yaml"), read_text(PARAMS)
    if any(isinstance(token, AnchorToken | AliasToken) for token in YAML(typ="safe", pure=True).scan(original)):
        raise UserError(f"{PARAMS}: has YAML anchors (& and *), which a preset cannot be merged into; write them out")
    yaml, merged = YAML(), io.StringIO()
    yaml.default_flow_style = False  # as in DVC, which edits this file too
    document = yaml.load(original)
    _merge(document, overlay)
    yaml.dump(document, merged)
    text = merged.getvalue()
    return text, validated(parse_yaml(text, PARAMS), f"{PARAMS} with the preset {name}")


def _merge(section: CommentedMap, overlay: Mapping[str, Any], *, whole: bool = False) -> None:
    """Merge an overlay into a section, key by key; with `whole`, replace the values of its keys.

    A section that is off stays off.
    """
    for key, value in sorted(overlay.items(), key=lambda item: item[1] is None):  # remove last: no section gets empty
        if isinstance(value, dict) and section.get(key) in ("off", False):
            continue
        if isinstance(value, dict) and isinstance(section.get(key), CommentedMap) and not whole:
            _merge(section[key], value, whole=key == "models")
        elif value is not None or key in section:
            _put(section, key, value)


def _put(section: CommentedMap, key: str, value: Any) -> None:
    """Set a key, or remove it if the value is None. Blank lines and comments after it stay where they are."""
    keys = list(section)
    at = keys.index(key) if key in section else len(keys) - 1
    tail = _cut_tail(section, keys[at]) if keys else ""
    if value is None:
        del section[key]
        at -= 1
    else:
        section[key] = _styled(key, value)
        at = list(section).index(key)
    if tail:
        _add_tail(section, list(section)[at] if at >= 0 else None, tail)


def _styled(key: str, value: Any) -> Any:
    """Return a value that is written in one line if it fits, else with a line for each of its keys, at any depth."""
    return YAML().load("\n".join(_lines(key, value, "  ")))[key]


def _lines(key: str, value: Any, indent: str) -> Iterator[str]:
    line = f"{indent}{flow(key)}: {flow(value)}"
    if isinstance(value, dict) and len(line) > COLUMNS:
        yield f"{indent}{flow(key)}:"
        for name, inner in value.items():
            yield from _lines(name, inner, f"{indent}  ")
    else:
        yield line


def _cut_tail(section: CommentedMap, key: str) -> str:
    """Remove and return the blank lines and comments between a key's last line and the next key."""
    tokens, slot = _tokens(section, key)
    if not tokens[slot]:
        return ""
    own, _, tail = tokens[slot].value.partition("\n")
    tokens[slot].value = f"{own}\n"
    if not own:
        tokens[slot] = None
    return str(tail)


def _add_tail(section: CommentedMap, key: str | None, tail: str) -> None:
    """Write blank lines and comments after a key's last line, or before the first key."""
    tokens, slot = _tokens(section, key)
    if tokens[slot]:
        tokens[slot].value += tail
    elif key is None:
        tokens[1] = [CommentToken(tail, CommentMark(0))]
    else:
        tokens[slot] = CommentToken(f"\n{tail}", CommentMark(0))


def _tokens(section: CommentedMap, key: str | None) -> tuple[list[Any], int]:
    """Return ruamel.yaml's comments on a key's last line, or on a section, and which of them ends that line."""
    if key is None:
        section.ca.comment = section.ca.comment or [None, None]
        return section.ca.comment, 0
    place: Any = section
    last: Any = key
    while isinstance(place[last], CommentedMap | CommentedSeq) and place[last] and not place[last].fa.flow_style():
        place = place[last]
        last = list(place)[-1] if isinstance(place, CommentedMap) else len(place) - 1
    return place.ca.items.setdefault(last, [None] * 4), 2 if isinstance(place, CommentedMap) else 0
