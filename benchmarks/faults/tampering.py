"""Ways to tamper with a file: bytes flipped, cut or replaced, other values, other shapes, code in a pickle."""

import io
import json
import math
import pickle
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch

from benchmarks.damage import cut, flip

RAN = "code-ran"  # the file that code in a pickle makes
SCRIPT = "</script><script>alert(1)</script>"
HOSTILE = (SCRIPT, "\x1b[2J\x1b]0;title\x07", "\u202egnik\u202c", "a'b\"c`touch${IFS}code-ran`", "\x00\x01", "%s%n{0}")
VALUES: tuple[Any, ...] = (None, True, "text", -1, 1e308, math.nan, math.inf, [], {}, [[]], *HOSTILE)

Tamper = Callable[[bytes, Random], bytes]


class Code:
    """An object whose pickle makes the file `RAN` when it is loaded without care."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path(RAN),)


def ways(path: Path) -> dict[str, Tamper]:
    """Return the ways to tamper with a file, by name."""
    return {**BYTES, **KINDS[path.suffix.removeprefix(".")]}


def _empty(content: bytes, random: Random) -> bytes:
    return b""


def _nulls(content: bytes, random: Random) -> bytes:
    return bytes(len(content))


def _a_page(content: bytes, random: Random) -> bytes:
    return f"<!doctype html><title>{SCRIPT}</title>\n".encode()


def _code(content: bytes, random: Random) -> bytes:
    return pickle.dumps(Code())


def _places(content: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place in nested objects and lists: what holds a value, and its key or index."""
    for key in list(content) if isinstance(content, dict) else range(len(content)):
        yield content, key
        if isinstance(content[key], dict | list):
            yield from _places(content[key])


def _json_value(content: bytes, random: Random) -> bytes:
    found = json.loads(content)
    holder, key = random.choice(list(_places(found)))
    holder[key] = random.choice(VALUES)
    return json.dumps(found).encode()


def _json_lack(content: bytes, random: Random) -> bytes:
    found = json.loads(content)
    holder, key = random.choice(list(_places(found)))
    del holder[key]
    return json.dumps(found).encode()


def _json_whole(content: bytes, random: Random) -> bytes:
    return json.dumps(random.choice(VALUES)).encode()


def _array(change: Callable[[np.ndarray], np.ndarray]) -> Tamper:
    """Return what changes the array of a .npy file."""

    def tamper(content: bytes, random: Random) -> bytes:
        changed = io.BytesIO()
        np.save(changed, change(np.load(io.BytesIO(content))))
        return changed.getvalue()

    return tamper


def _with_nan(array: np.ndarray) -> np.ndarray:
    changed = array.copy()
    if array.dtype.names:
        changed["log_probability"][0] = math.nan
        return changed
    changed = changed.astype(float)
    changed.flat[0] = math.nan
    return changed


def _objects(array: np.ndarray) -> np.ndarray:
    return np.array([Code()] * len(array), object)


ARRAY = {
    "NaN": _array(_with_nan),
    "a row less": _array(lambda array: array[1:]),
    "no row": _array(lambda array: array[:0]),
    "a dimension more": _array(lambda array: array[None]),
    "a column less": _array(lambda array: array[..., :-1]),
    "integers": _array(lambda array: np.zeros(array.shape, np.int64)),
    "text": _array(lambda array: np.full(array.shape, "text")),
    "objects with code": _array(_objects),
}


def _tensors(change: Callable[[dict[str, torch.Tensor], str], object]) -> Tamper:
    """Return what changes one tensor of a file of tensors, or of the weights in a checkpoint."""

    def tamper(content: bytes, random: Random) -> bytes:
        found = torch.load(io.BytesIO(content), weights_only=False)  # of our own
        weights = found.get("state_dict", found)
        change(weights, random.choice([name for name in weights if weights[name].is_floating_point()]))
        changed = io.BytesIO()
        torch.save(found, changed)
        return changed.getvalue()

    return tamper


def _nan_tensor(tensors: dict[str, torch.Tensor], name: str) -> None:
    tensors[name] = torch.full_like(tensors[name], math.nan)


def _longer(tensors: dict[str, torch.Tensor], name: str) -> None:
    tensors[name] = torch.cat([tensors[name].reshape(-1), torch.zeros(1)])


def _other(tensors: dict[str, Any], name: str) -> None:
    tensors[name] = "text"


def _tensor_code(content: bytes, random: Random) -> bytes:
    changed = io.BytesIO()
    torch.save({"embedding.weight": Code(), "state_dict": Code()}, changed)
    return changed.getvalue()


TENSORS = {
    "NaN": _tensors(_nan_tensor),
    "another shape": _tensors(_longer),
    "a tensor less": _tensors(lambda tensors, name: tensors.pop(name)),
    "no tensor": _tensors(_other),
    "a pickle with code": _code,
    "tensors with code": _tensor_code,
}


def _checkpoint_lack(content: bytes, random: Random) -> bytes:
    found = torch.load(io.BytesIO(content), weights_only=False)
    del found[random.choice(list(found))]
    changed = io.BytesIO()
    torch.save(found, changed)
    return changed.getvalue()


def _members(change: Callable[[dict[str, bytes], Random], object]) -> Tamper:
    """Return what changes the members of a zip file."""

    def tamper(content: bytes, random: Random) -> bytes:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            members = {name: file.read(name) for name in file.namelist()}
        change(members, random)
        changed = io.BytesIO()
        with zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as file:
            for name, member in members.items():
                file.writestr(name, member)
        return changed.getvalue()

    return tamper


def _change_member(name: str, tamper: Tamper) -> Tamper:
    return _members(lambda members, random: members.update({name: tamper(members[name], random)}))


def _line(change: Callable[[list[str], int, Random], object]) -> Tamper:
    """Return what changes a line of a text file."""

    def tamper(content: bytes, random: Random) -> bytes:
        lines = content.decode().removesuffix("\n").split("\n")
        change(lines, random.randrange(len(lines)), random)
        return ("\n".join(lines) + "\n").encode()

    return tamper


def _put(lines: list[str], number: int, random: Random) -> None:
    """Replace a word of a line, between blanks or tabs."""
    separator = "\t" if "\t" in lines[number] else " "
    words = lines[number].split(separator)
    words[random.randrange(len(words))] = random.choice(("nan", "inf", "-1", "", "9" * 400, *HOSTILE))
    lines[number] = separator.join(words)


BYTES: Mapping[str, Tamper] = {"flip": flip, "cut": cut, "empty": _empty, "NULs": _nulls, "HTML": _a_page}
LINES: Mapping[str, Tamper] = {
    "a word": _line(_put),
    "a line less": _line(lambda lines, number, random: lines.pop(number)),
    "a line twice": _line(lambda lines, number, random: lines.insert(number, lines[number])),
    "Windows line ends": lambda content, random: content.replace(b"\n", b"\r\n"),
}
JSON: Mapping[str, Tamper] = {"a value": _json_value, "a key less": _json_lack, "another value": _json_whole}
KINDS: Mapping[str, Mapping[str, Tamper]] = {
    "json": JSON,
    "npy": ARRAY,
    "pt": TENSORS,
    "checkpoint": TENSORS | {"a part less": _checkpoint_lack},
    "npz": {f"header.json: {name}": _change_member("header.json", tamper) for name, tamper in JSON.items()}
    | {f"vectors.npy: {name}": _change_member("vectors.npy", tamper) for name, tamper in ARRAY.items()}
    | {f"words.txt: {name}": _change_member("words.txt", tamper) for name, tamper in LINES.items()}
    | {"a member less": _members(lambda members, random: members.pop(random.choice(list(members))))},
    "tsv": LINES,
    "txt": LINES,
    "bin": {},
    "yaml": {},
}
