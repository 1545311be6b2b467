"""Damage sound files at random and see how each command ends: `python -m tests.hostile.fuzz --seconds 3600 --seed 1`.

A damaged file may be refused in a line, or answered if it still says something. Whatever else happens is printed, with
the seed that makes the file again.
"""

import argparse
import bz2
import io
import json
import random
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.hostile.archives import npy, of_tensors
from tests.hostile.limits import complaints, make_sound, run_within_limits

VECTORS = "wikilm neighbours king --model svd", "pipeline.analogies svd data/embeddings/svd questions found.json"
MODEL = "wikilm next the king --model gru", "wikilm score data/given.txt --model gru", "wikilm models"
GRAMMAR = (
    "pipeline.grammar data/sequences.db data/articles.json data/models data/metrics/train found --metrics found.json"
)
SUITES = "wikilm grammar pairs/short.json pairs/suite.json --model gru", "wikilm check", GRAMMAR
WAYS = {  # by the start of a path, the commands that read it
    "params.yaml": ("wikilm check", "wikilm params", "wikilm next the --model gru"),
    "svd.npz": ("wikilm neighbours king --vectors svd.npz", "wikilm evaluate svd.npz"),
    "enwiki-40m.zip": (
        "wikilm next the king --model enwiki-40m.zip",
        "wikilm score words.tsv --words --json --model enwiki-40m.zip",
        "wikilm grammar pairs/short.json --model enwiki-40m.zip",
        "wikilm export enwiki-40m.zip out",
    ),
    "pairs/short.json": SUITES,
    "pairs/suite.json": SUITES,
    "pairs": ("wikilm grammar pairs/mine.jsonl pairs/table.tsv --model gru", "wikilm check", GRAMMAR),
    "words.tsv": (
        "wikilm score words.tsv --words --model gru",
        "wikilm score words.tsv --words --model mixture --json",
    ),
    "questions": ("wikilm evaluate svd.npz --sets questions", VECTORS[1]),
    "data/embeddings/svd": (*VECTORS, "wikilm evaluate data/embeddings/svd/vectors.txt"),
    "data/models/gru": (*MODEL, "pipeline.embeddings gru data/models/gru data/vocabulary.tsv found"),
    "data/models/svd": ("pipeline.embeddings svd data/models/svd data/vocabulary.tsv found",),
    "data/sequences.db": (*MODEL, "pipeline.baselines data/sequences.db data/example.json found"),
    "data/articles": ("pipeline.tokens data/articles found", "wikilm next the king --model gru"),
    "data/tokens": (
        "pipeline.index data/tokens data/vocabulary.tsv data/remap found.db",
        "pipeline.vocabulary data/tokens data/articles f.tsv found counts.tsv f.json found.json",
    ),
    "data/remap": ("pipeline.index data/tokens data/vocabulary.tsv data/remap found.db",),
    "data/vocabulary.tsv": ("pipeline.index data/tokens data/vocabulary.tsv data/remap found.db",),
    "data/metrics": ("wikilm models", "wikilm score data/given.txt --model gru"),
    "tiny.xml": ("pipeline.templates data/raw found.db", "pipeline.extract data/raw data/templates.db found"),
    "data/raw": ("pipeline.templates data/raw found.db", "pipeline.extract data/raw data/templates.db found"),
    "data/reports/perplexities.json": ("pipeline.report data found.html found", "wikilm next the king --model mixture"),
    "data": ("pipeline.report data found.html found", *MODEL),
}


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Return bytes of which some are flipped, cut, swapped, doubled or gone."""
    if not content:
        return bytes(chance.randrange(256) for _ in range(chance.randrange(20)))
    start, length = chance.randrange(len(content)), chance.randrange(1, 64)
    piece = content[start : start + length]
    other = chance.randrange(len(content))
    return chance.choice(
        [
            content[:start] + bytes(byte ^ 1 << chance.randrange(8) for byte in piece[:3]) + content[start + 3 :],
            content[:start],
            content[:start] + content[start + length :],
            content[:other] + piece + content[other:],
            content[:start] + piece * chance.choice([2, 100, 10_000]) + content[start:],
            content[:start] + bytes(length) + content[start + length :],
            content[:start] + b"\xff" * length + content[start + length :],
        ]
    )


ODD: list[Any] = [
    None,
    True,
    -1,
    0,
    10**30,
    float("nan"),
    1e308,
    "",
    "x" * 70_000,
    "../../x",
    "\x1b[2J",
    [],
    {},
    [[]],
    [1],
]


def edited(value: Any, chance: random.Random) -> Any:
    """Return JSON in which one value is another, of another kind, or gone."""
    if chance.random() < 0.2 or not isinstance(value, dict | list) or not value:
        return chance.choice(ODD)
    parts = dict(value) if isinstance(value, dict) else dict(enumerate(value))
    key = chance.choice(list(parts))
    if chance.random() < 0.2:
        del parts[key]
    else:
        parts[key] = edited(parts[key], chance)
    return parts if isinstance(value, dict) else list(parts.values())


def mutated(name: str, content: bytes, chance: random.Random) -> bytes:
    """Return a file that differs, inside its archive if it is one, and by its values if it is JSON."""
    if name.endswith((".zip", ".npz")) and chance.random() < 0.9:
        return in_archive(content, chance)
    if name.endswith(".bz2") and chance.random() < 0.5:
        return bz2.compress(damaged(bz2.decompress(content), chance))
    if name.endswith((".json", ".yaml")) and chance.random() < 0.7:
        parsed = json.loads(content) if name.endswith(".json") else parsed_yaml(content)
        return json.dumps(edited(parsed, chance)).encode()
    if name.endswith(".safetensors") and chance.random() < 0.8:
        return of_tensors(lambda tensors: of_other_values(tensors, chance))(content)
    if name.endswith(".npy") and not name.endswith("scores.npy") and chance.random() < 0.7:
        of_other_values(own := {"": np.load(io.BytesIO(content))}, chance)
        return npy(own.get("", np.zeros(0)))
    return damaged(content, chance)


def of_other_values(tensors: dict[str, np.ndarray], chance: random.Random) -> None:
    """Let a tensor have another value, shape, kind or order, or be gone."""
    name = chance.choice(list(tensors))
    own = tensors.pop(name)
    if chance.random() < 0.05:
        return
    odd = np.array(chance.choice([0, 1, -1, 7, 255, 1e30, -1e30, np.nan, np.inf, 2**63]))
    place, kind = chance.randrange(own.size + 1), chance.choice(["u1", "i2", "u4", "i8", "u8", "f2", "f4", "f8"])
    ways: list[Callable[[], np.ndarray]] = [
        lambda: own.ravel()[:place],
        lambda: own[None],
        lambda: own.astype(kind),
        lambda: own[::-1],
        lambda: np.full_like(own, odd.astype(own.dtype)),
        lambda: np.repeat(own, 2, axis=0),
        lambda: np.insert(own.ravel(), place, odd.astype(own.dtype))[: own.size].reshape(own.shape),
    ]
    with np.errstate(all="ignore"):
        own = chance.choice(ways)()
    tensors[name] = np.ascontiguousarray(own)


def parsed_yaml(content: bytes) -> Any:
    from ruamel.yaml import YAML

    return YAML(typ="safe").load(content)


def in_archive(content: bytes, chance: random.Random) -> bytes:
    """Return an archive of which a member is damaged, gone or has another name."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        members = {name: file.read(name) for name in file.namelist()}
    name = chance.choice([*members, *(each for each in members if each.endswith("tensors"))])
    own, act = members.pop(name), chance.random()
    if act > 0.1:
        members[name if act > 0.15 else f"../{name}"] = mutated(name, own, chance)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for each, inside in members.items():
            file.writestr(each, inside)
    return packed.getvalue()


def ways_in(name: str) -> tuple[str, ...]:
    """Return the commands that read a file, by the first start of its path in WAYS."""
    return next((ways for start, ways in WAYS.items() if name.startswith(start)), ())


def try_one(seed: int, sound: Path, scratch: Path) -> tuple[str, list[str]]:
    """Return what was done, and what is wrong with how it ended."""
    chance = random.Random(seed)
    folder = shutil.copytree(sound, scratch / "work")
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    name = chance.choice([each for each in files if ways_in(each)])
    command = chance.choice(ways_in(name))
    (folder / name).write_bytes(mutated(name, (folder / name).read_bytes(), chance))
    ending = run_within_limits(command, folder, scratch / "temporary")
    wrong = complaints(ending, scratch)
    return f"{name}: {command}", wrong and [", ".join(wrong), *ending.output.splitlines()[-3:]]


def main() -> None:
    """Try seeds, from the first given, until the seconds are over; print what went wrong, and how many were tried."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--number", type=int, default=1_000_000, help="the most files")
    given = parser.parse_args()
    end, seed, wrong = time.monotonic() + given.seconds, given.seed, 0
    with tempfile.TemporaryDirectory() as scratch:
        sound = make_sound(Path(scratch) / "sound")
        while time.monotonic() < end and seed < given.seed + given.number:
            with tempfile.TemporaryDirectory() as own:
                done, told = try_one(seed, sound, Path(own))
            wrong += bool(told)
            if told:
                print(f"{seed}: {done}\n    " + "\n    ".join(told), flush=True)
            seed += 1
    print(f"{seed - given.seed:,} damaged files, {wrong:,} that ended badly")


if __name__ == "__main__":
    main()
