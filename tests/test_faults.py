"""The harnesses of `benchmarks.faults`, in small."""

import random
from collections.abc import Callable
from pathlib import Path

from benchmarks.faults import project, tamper
from pipeline.settings import load_params


def test_the_settings_of_the_harnesses_hold(set_params: Callable[..., None]) -> None:
    set_params(project.settings())
    assert load_params().runtime.workers == project.SMALLER["runtime.workers"]


def test_a_tampered_file_differs(tmp_path: Path) -> None:
    for name, content in (("a.json", b'{"a": [1, {"b": 2.5}]}'), ("a.npy", b"0123456789")):
        for seed in range(20):
            (tmp_path / name).write_bytes(content)
            tamper.tamper(tmp_path / name, random.Random(seed))
            assert (tmp_path / name).read_bytes() != content
