"""The files of `python -m benchmarks.bombs`, of 200 kB: within the bounds of a page, or beyond lower ones."""

from pathlib import Path

import pytest

from benchmarks import bombs
from pipeline.dumps import dump


@pytest.mark.parametrize("lower", [{}, {"CHUNK": 10_000, "PAGE_BYTES": 150_000, "PAGE_ELEMENTS": 10_000}])
def test_what_would_fill_the_memory_ends_as_expected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lower: dict[str, int]
) -> None:
    monkeypatch.setattr(bombs, "MEGABYTE", 200_000)
    for bound, value in lower.items():
        monkeypatch.setattr(dump, bound, value)
    for name, path, expected, _ in bombs.bombs(tmp_path, megabytes=1):
        told = bombs.ending(path)
        assert told.startswith(expected), f"{name}: {told}"
