"""Print the size of each room, and by how much it grew since its record: `python -m tests.sizes`.

`--record` renews tests/sizes.json, the record. Python and TOML count in lines of code, which are neither blank nor a
comment nor in a docstring, pages in words, other text in lines that are not blank, and the rest in bytes.
"""

import argparse
import ast
import io
import json
import subprocess
import tokenize
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.conftest import ROOT

RECORD = ROOT / "tests/sizes.json"
MOST_GROWTH = 0.05
SLACK = {"lines of code": 10, "lines": 10, "words": 100, "bytes": 1000}  # that a small room may grow
TOP = ("README.md", "CONTRIBUTING.md", "Makefile", "dvc.yaml", "params.yaml", "pyproject.toml", "bin/wikilm")
ROOMS = ("models", "wikilm", "presets", "questions", "vectors", "tests", "benchmarks", "docs")
BINARY = {".ipynb", ".npz", ".png", ".zip"}  # a notebook is mostly its pictures
NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def lines_of_code(text: str) -> int:
    """Return the number of lines of code in Python's source."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    code = {line for t in tokens if t.type not in NO_CODE for line in range(t.start[0], t.end[0] + 1)}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node) is not None:
            code -= set(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return len(code)


def measured(path: Path) -> tuple[str, int]:
    """Return in what a file is counted, and how much of it there is."""
    if path.suffix in BINARY:
        return "bytes", path.stat().st_size
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return "lines of code", lines_of_code(text)
    if path.suffix == ".md":
        return "words", len(text.split())
    lines = [line for line in text.splitlines() if line.strip()]
    if path.suffix == ".toml":
        return "lines of code", sum(not line.lstrip().startswith("#") for line in lines)
    return "lines", len(lines)


def rooms() -> Iterator[tuple[str, Iterator[Path]]]:
    """Yield the rooms of the house, each with the files of the project in it."""
    listed = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True)
    own = [path for name in listed.splitlines() if (path := ROOT / name).is_file()]
    yield "top", (ROOT / name for name in TOP)
    yield "pipeline", (path for path in own if path.parent == ROOT / "pipeline")
    for folder in (*sorted((ROOT / "pipeline").glob("[a-z]*/")), *(ROOT / name for name in ROOMS)):
        yield folder.relative_to(ROOT).as_posix(), (path for path in own if folder in path.parents)


def sizes() -> dict[str, int]:
    """Return how much there is of what in each room, such as {"models, lines of code": 1300}."""
    found: Counter[str] = Counter()
    for room, files in rooms():
        for path in set(files) - {RECORD}:
            kind, size = measured(path)
            found[f"{room}, {kind}"] += size
    return dict(+found)  # without what is empty


def complaints(found: Mapping[str, int], record: Mapping[str, int]) -> list[str]:
    """Return a line for each room that grew by more than 5% and some slack, or that the record does not name."""
    told = []
    for name, size in found.items():
        recorded = record.get(name)
        if recorded is None:
            told.append(f"{name}: {size:,}, and no record")
        elif size > recorded + max(recorded * MOST_GROWTH, SLACK[name.rpartition(", ")[2]]):
            told.append(f"{name}: {size:,}, {size / recorded - 1:.0%} over its record of {recorded:,}")
    return [f"{line}; see Size in CONTRIBUTING.md, then `python -m tests.sizes --record`" for line in told]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", action="store_true", help="renew the record")
    if parser.parse_args().record:
        RECORD.write_text(json.dumps(sizes(), indent=2) + "\n", encoding="utf-8")
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    for name, size in sizes().items():
        recorded = record.get(name, 0)
        print(f"{size:>9,} {recorded:>9,} {size / max(recorded, 1) - 1:>7.1%}  {name}")


if __name__ == "__main__":
    main()
