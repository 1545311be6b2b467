"""Change a file that a stage wrote, and run some of the commands and stages that read a run, outside DVC.

A JSON file loses a key or gets a value of another type; another file is cut, or some of its bytes change. Each command
must answer, or report an error in one line that names the file or its folder. A change that a format cannot show, such
as another number in an array, may change an answer: the next `dvc repro` finds it.
"""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.faults.project import copy, finished_project
from benchmarks.faults.report import Tried
from benchmarks.faults.stages import command_of, refusal, run_stage

COMMANDS = (
    "analogy in an can",
    "neighbours in --model skipgram",
    "similarity in an",
    "odd in an can many",
    "next in the",
    "generate",
    "gates in the",
    "models",
    "stats",
    "poem --poet ada --seed 1",
)
STAGES = ("report", "compare", "analogies@gru", "analogies@skipgram", "embeddings@gru", "index", "vocabulary")
READERS = 6  # of the commands above, drawn for each try
OTHER_TYPES: tuple[Any, ...] = (None, "?", -1, 1.5, [], {}, True, 10**30, ...)  # `...`: without the key


def run(scratch: Path, tries: int, seed: int) -> Tried:
    """Tamper with this many random files and return the results."""
    finished = scratch / "finished"
    measured = finished_project(finished)
    root, chance, tried = copy(finished, scratch / "tampered"), random.Random(seed), Tried("tampered files")
    commands = [["wikilm.__main__", *command.split()] for command in COMMANDS]
    commands += [command_of(root, stage) for stage in STAGES]
    for command in commands:
        whole = run_stage(root, command)
        assert whole.code == 0, whole.printed
    files = [path for path in sorted((root / "data").rglob("*")) if path.is_file() and "timings" not in path.parts]
    files = [path for path in files if path.read_bytes().strip() not in (b"", b"{}", b"[]")]
    outs = [out for each in measured.values() for out in each.outs]
    for _ in range(tries):
        path, wrong = chance.choice(files), []
        name = path.relative_to(root).as_posix()
        out = next((out for out in outs if name == out or name.startswith(f"{out}/")), name)
        told = tamper(path, chance)
        for command in chance.sample(commands, READERS):
            if (ended := run_stage(root, command)).code:
                wrong += [f"{' '.join(command[:4])}: {each}" for each in refusal(ended, [name, out])]
        tried.add(f"{name}, {told}", wrong)
        copy(finished, root)
    return tried


def tamper(path: Path, chance: random.Random) -> str:
    """Change a file that is not empty; return what was changed."""
    whole = path.read_bytes()
    path.chmod(0o644)
    if path.suffix == ".json":
        content = json.loads(whole)
        parent = chance.choice([each for each in nested(content) if each])
        key = chance.choice(list(parent) if isinstance(parent, dict) else range(len(parent)))
        value = chance.choice([each for each in OTHER_TYPES if each != parent[key]])
        if value is ...:
            del parent[key]
        else:
            parent[key] = value
        path.write_text(json.dumps(content), encoding="utf-8")
        return f"{key!r} {'is removed' if value is ... else f'is {value!r}'}"
    place = chance.randrange(len(whole))
    cut = chance.random() < 0.3
    path.write_bytes(whole[:place] + (b"" if cut else chance.randbytes(4) + whole[place + 4 :]))
    return f"{'cut' if cut else 'other bytes'} at {place}"


def nested(content: Any) -> Iterator[Any]:
    """Yield the dictionaries and lists in JSON."""
    if isinstance(content, dict | list):
        yield content
        for each in content.values() if isinstance(content, dict) else content:
            yield from nested(each)
