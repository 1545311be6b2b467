"""The harnesses of `benchmarks.faults`, in small."""

from collections.abc import Callable

from benchmarks.faults import project
from pipeline.settings import load_params


def test_the_settings_of_the_harnesses_hold(set_params: Callable[..., None]) -> None:
    set_params(project.settings())
    assert load_params().runtime.workers == project.SMALLER["runtime.workers"]
