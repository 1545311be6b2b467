"""Print the sizes of the house with their caps: `python -m tests.sizes`.

A line of code is one that `tokenize` finds neither blank nor a comment, and that is not in a docstring.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.conftest import ROOT

NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


class Size(NamedTuple):
    """What is counted, how much of it there is, and how much there may be."""

    name: str
    found: int
    most: int


def lines_of_code(path: Path) -> int:
    """Return the number of a Python file's lines of code."""
    text = path.read_text(encoding="utf-8")
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    code = {line for t in tokens if t.type not in NO_CODE for line in range(t.start[0], t.end[0] + 1)}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node) is not None:
            code -= set(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return len(code)


def sizes() -> Iterator[Size]:
    """Yield the sizes of the project that have a cap."""

    def code(*folders: str) -> int:
        return sum(lines_of_code(path) for folder in folders for path in (ROOT / folder).rglob("*.py"))

    def words(*paths: Path) -> int:
        return sum(len(path.read_text(encoding="utf-8").split()) for path in paths)

    pages = [path for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")) if path.stem != "parameters"]
    screen = [path for path in (ROOT / "pipeline/page").iterdir() if path.suffix in {".js", ".html", ".css"}]
    settings = re.findall(r"^\| `", (ROOT / "docs/parameters.md").read_text(encoding="utf-8"), re.MULTILINE)
    # With 250 lines for a first hour without a wrong turn and 300 for subwords; in benchmarks 300 for claims that a
    # stranger can check and 200 for a transformer; 300 of JavaScript, HTML and CSS for a page that opens with a story.
    yield Size("lines of code in pipeline, models, wikilm", code("pipeline", "models", "wikilm"), 12_850)
    yield Size("lines of code in tests", code("tests"), 11_000)
    yield Size("lines of code in benchmarks", code("benchmarks"), 2_300)
    yield Size("lines of JavaScript, HTML, CSS", sum(len(path.read_text().splitlines()) for path in screen), 1_300)
    yield Size("words of README and docs but for parameters.md", words(*pages), 14_000)
    yield Size("pages of README and docs but for parameters.md", len(pages), 14)
    yield Size("words of benchmarks/RESULTS.md", words(ROOT / "benchmarks/RESULTS.md"), 4_000)
    yield Size("settings in docs/parameters.md", len(settings), 170)


if __name__ == "__main__":
    for size in sizes():
        print(f"{size.found:>7,} of {size.most:>6,}  {size.name}")
