"""Change a file that a stage wrote, and read it with every command and stage that may.

A JSON file loses a key or gets a value of another type; another file is cut, or some of its bytes change. Each reader
must answer, or report an error in one line. A change that a format cannot show, such as another number in an array, may
change an answer: the next `dvc repro` finds it.
"""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.faults.project import copy, finished_project
from benchmarks.faults.report import Tried
from benchmarks.faults.stages import command_of, run_stage

COMMANDS = (
    "analogy king man woman",
    "neighbours king --model skipgram",
    "similarity king queen",
    "odd king queen man apple",
    "next the king of",
    "generate",
    "gates the king",
    "models",
    "stats",
    "poem --seed 1",
)
STAGES = ("report", "compare", "analogies@gru", "analogies@skipgram", "embeddings@gru", "index", "vocabulary")
READERS = 6  # of the commands above, drawn for each try
OTHER_TYPES: tuple[Any, ...] = (None, "?", -1, 1.5, [], {}, True, 10**30)


def run(scratch: Path, tries: int, seed: int) -> Tried:
    """Tamper with this many random files and return the results."""
    finished = scratch / "finished"
    finished_project(finished)
    root, chance, tried = copy(finished, scratch / "tampered"), random.Random(seed), Tried("tampered files")
    commands = [["pipeline.__main__", *command.split()] for command in COMMANDS]
    commands += [command_of(root, stage) for stage in STAGES]
    files = [path for path in sorted((root / "data").rglob("*")) if path.is_file() and "timings" not in path.parts]
    for _ in range(tries):
        path, wrong = chance.choice(files), []
        told = tamper(path, chance)
        for command in chance.sample(commands, READERS):
            ended = run_stage(root, command)
            if "Traceback" in ended.printed or ended.code not in (0, 1):
                wrong.append(f"{' '.join(command[:4])}: exit code {ended.code}: {ended.printed.strip()[-400:]}")
        tried.add(f"{path.relative_to(root)}, {told}", wrong)
        copy(finished, root)
    return tried


def tamper(path: Path, chance: random.Random) -> str:
    """Change a file; return what was changed."""
    whole = path.read_bytes()
    path.chmod(0o644)
    if path.suffix == ".json":
        content = json.loads(whole)
        parents = [each for each in nested(content) if each]
        parent = chance.choice(parents or [{}])
        key = chance.choice(list(parent) if isinstance(parent, dict) else range(len(parent)) or [None])
        value = chance.choice([*OTHER_TYPES, ...])
        if value is ... and parent:
            del parent[key]
        elif parent:
            parent[key] = value
        path.write_text(json.dumps(content), encoding="utf-8")
        return f"{key!r} {'is removed' if value is ... else f'is {value!r}'}"
    if not whole or chance.random() < 0.3:
        path.write_bytes(whole[: chance.randrange(len(whole) + 1)])
        return "cut"
    place = chance.randrange(len(whole))
    path.write_bytes(whole[:place] + chance.randbytes(4) + whole[place + 4 :])
    return f"other bytes at {place}"


def nested(content: Any) -> Iterator[Any]:
    """Yield the dictionaries and lists in JSON."""
    if isinstance(content, dict | list):
        yield content
        for each in content.values() if isinstance(content, dict) else content:
            yield from nested(each)
