"""The benchmarks of `benchmarks.faults` that need no run, in small."""

import pytest

from benchmarks.faults import fuzz


@pytest.mark.parametrize("reader", ["xml", "questions", "jsonl", "verse"])
def test_any_text_is_read_or_refused(reader: str) -> None:
    assert fuzz.try_texts(reader, 60, first=0, bound=float("inf")) == ""
