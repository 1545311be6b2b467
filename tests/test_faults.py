"""The harnesses of `benchmarks.faults`, in small."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from benchmarks.faults import project, soak, tamper
from benchmarks.memory import Sample, growth
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


def test_growth_is_that_of_the_second_half_and_not_of_the_end() -> None:
    leak = [Sample(second, 400 + second / 60, 10) for second in range(600)]
    assert growth(leak) == pytest.approx((1, 0))
    flat = [*(Sample(second, 400, 10) for second in range(600)), *(Sample(second, 0, 0) for second in range(600, 605))]
    assert growth(flat) == (0, 0)


@pytest.mark.parametrize("seconds", [0, 500])
def test_a_process_that_ends_early_is_no_sound_one(seconds: int) -> None:
    assert soak.judged("train", [Sample(second, 1, 1) for second in range(seconds)], 10)[1] == ["it ended early"]
    assert soak.judged("train", [Sample(second, 1, 1) for second in range(600)], 10)[1] == []


def test_one_stage_and_its_runs_are_forgotten(tmp_path: Path) -> None:
    commands = {"train": "python -m pipeline.train 'gru'" + " data/sequences.db" * 9, "report": "python -m report"}
    YAML().dump({"stages": {stage: {"cmd": command} for stage, command in commands.items()}}, tmp_path / "dvc.lock")
    for stage, command in commands.items():
        folder = tmp_path / ".dvc/cache/runs/ab" / stage
        folder.mkdir(parents=True)
        (folder / ".unfinished.tmp").touch()
        for run in "12":
            YAML().dump({"cmd": command, "deps": []}, folder / run)
    project.forget(tmp_path, "train")
    assert list(project.lock_of(tmp_path)) == ["report"]
    assert [folder.name for folder in tmp_path.glob(".dvc/cache/runs/*/*")] == ["report"]
