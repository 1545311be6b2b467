"""The examples of docs/python.md."""

import importlib.util
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.documents import blocks

PAGE = ROOT / "docs/python.md"


def test_the_pages_examples_run(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found: dict[str, object] = {}
    examples = blocks(PAGE, "python")
    for example in examples:
        needed = re.findall(r"^import (\w+)", example, re.MULTILINE)
        if all(importlib.util.find_spec(name) for name in needed):  # pandas and DuckDB are for tests alone
            exec(compile(example, str(PAGE), "exec"), found)
    printed = capsys.readouterr().out
    assert "the king" in printed
    assert "Berlin ist die Kapitale Deutschlands." in printed
    assert "(1, 'Page 0', 'the king rules the land')" in printed
    assert "'kign' (nearest in spelling: king)" in printed
    assert len(examples) > 6
