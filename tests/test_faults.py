"""The harnesses of `benchmarks.faults`, in small."""

import mmap
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from benchmarks.faults import __main__ as every_harness
from benchmarks.faults import kills, numbers, project, reruns, room, soak, stall, tamper, together
from benchmarks.faults.disk import new_disk
from benchmarks.faults.report import Tried
from benchmarks.memory import Sample, growth, peak, sample
from pipeline.run.errors import UserError
from pipeline.settings import load_params
from tests.conftest import ROOT, SetParams


def test_make_runs_every_harness_and_fails_if_one_does(tmp_path: Path) -> None:
    for failing in ("damage", "none"):
        (tmp_path / "python").write_text(f'#!/bin/sh\necho "$2"\n[ "$2" != benchmarks.{failing} ]\n')
        (tmp_path / "python").chmod(0o755)
        command = ["make", "--silent", "--old-file=.venv/tools", f"BIN={tmp_path}", "faults"]
        made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert len(made.stdout.split()) == 6
        assert bool(made.returncode) == (failing == "damage")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("kills", "kills: ended by ValueError('wrong')"),
        ("stall", "stall: not tried: only root can mount a file system"),
        ("power", "power: not tried: only root can mount a file system"),
    ],
)
def test_a_harness_that_cannot_run_is_no_success_and_does_not_hide_the_others(
    name: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> Tried:
        raise ValueError("wrong")

    monkeypatch.setattr(kills, "run", fail)
    monkeypatch.setattr(numbers, "run", lambda _: Tried("numbers"))
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    monkeypatch.setattr("sys.argv", ["faults", "--scratch", str(tmp_path), name, "numbers"])
    with pytest.raises(SystemExit) as exit_:
        every_harness.main()
    assert exit_.value.code == 1
    assert capsys.readouterr().out.splitlines() == [told, "numbers: 0 tried, 0 held"]


def test_the_settings_of_the_harnesses_hold(set_params: SetParams) -> None:
    set_params(project.settings())
    assert load_params().runtime.workers == project.SMALLER["runtime.workers"]


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a finished project of two stages."""
    folder = tmp_path_factory.mktemp("faults")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(project, "in_order", lambda root: ["download", "templates"])
        project.finished_project(folder / "finished")
    return folder


@pytest.mark.slow
def test_a_harness_makes_the_run_that_it_breaks(scratch: Path) -> None:
    measured = project.finished_project(scratch / "finished")
    assert measured["download"].outs == ["data/metrics/download.json", "data/raw"]
    assert measured["download"].operations > 0
    assert not reruns.wrong_files(scratch / "finished", project.hashes(scratch / "finished"))


@pytest.mark.slow
def test_stages_that_are_killed_hold(scratch: Path) -> None:
    tried = kills.run(scratch, 3, seed=72)  # none by the clock; the fourth would kill `dvc repro`
    assert (tried.held, tried.broken) == (3, [])


@pytest.mark.slow
def test_stages_without_room_hold(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "mount", lambda disk: False)  # with or without root
    tried = room.run(scratch, 4, seed=1)
    assert (tried.held, tried.broken) == (4, [])


@pytest.mark.slow
def test_tampered_outputs_hold(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("COMMANDS", ()), ("STAGES", ("templates",)), ("READERS", 1)):
        monkeypatch.setattr(tamper, name, value)
    tried = tamper.run(scratch, 2, seed=1)
    assert (tried.held, tried.broken) == (2, [])


@pytest.fixture
def can_mount(tmp_path: Path) -> None:
    """Skip the test if this user, or this container, cannot mount a disk."""
    try:
        with new_disk(tmp_path / "disk"):
            pass
    except (UserError, OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no disk can be mounted: {error}")


@pytest.mark.slow
@pytest.mark.usefixtures("can_mount")
def test_a_disk_that_stalls_holds(scratch: Path) -> None:
    tried = stall.run(scratch, 1, 0.5, seed=1)
    assert (tried.held, tried.broken) == (1, [])


@pytest.mark.slow
def test_a_stage_that_pauses_holds(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "TRAINING", "templates")
    finished, measured = scratch / "finished", project.finished_project(scratch / "finished")
    soon = {"templates": measured["templates"]._replace(seconds=0.1)}
    root = project.copy(finished, scratch / "together")
    assert together.paused(root, finished, soon, pause=0.2) == []
    assert reruns.wrong_files(root, project.hashes(finished)) == []


def test_a_file_with_other_times_is_the_same_unless_it_is_cut(tmp_path: Path) -> None:
    def found(page: str, times: str) -> dict[str, str]:
        for name, content in (("reports/index.html", page), ("timings/index.json", times)):
            (tmp_path / "data" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "data" / name).write_text(content)
        return project.hashes(tmp_path)

    page, times = "<p>5 s</p>\n</html>", '{\n  "seconds": 5\n}\n'
    whole = found(page, times)
    assert reruns.wrong_files(tmp_path, whole) == []
    assert found(page.replace("5", "6"), times.replace("5", "6")) == whole
    assert found(page[:-1], times)["data/reports/index.html"] != whole["data/reports/index.html"]
    assert found(page, times[:-2])["data/timings/index.json"] != whole["data/timings/index.json"]


def test_a_tampered_file_differs(tmp_path: Path) -> None:
    for name, content in (("a.json", b'{"a": [1, {"b": 2.5}]}'), ("a.npy", b"0123456789")):
        for seed in range(20):
            (tmp_path / name).write_bytes(content)
            tamper.tamper(tmp_path / name, random.Random(seed))
            assert (tmp_path / name).read_bytes() != content


def samples_of(minutes: int, growing: float = 0.0) -> list[Sample]:
    """Return a sample each second of a process whose memory grows by so many MB a minute."""
    return [Sample(second, 400 + second / 60 * growing, 10) for second in range(minutes * 60)]


PRIVATE = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS


def test_memory_and_open_files_are_seen(tmp_path: Path) -> None:
    before = sample(os.getpid(), 0)
    # Mapped, because an allocator may hold memory that was freed before, which would not be new.
    with (tmp_path / "a").open("w"), mmap.mmap(-1, 50_000_000, flags=PRIVATE) as more:
        for page in range(0, len(more), mmap.PAGESIZE):
            more[page] = 1
        after = sample(os.getpid(), 0)
    assert after.megabytes - before.megabytes == pytest.approx(50, abs=5)
    assert after.files == before.files + 1


def test_the_peak_of_a_process_is_its_own() -> None:
    with mmap.mmap(-1, 400_000_000, flags=PRIVATE) as more:
        for page in range(0, len(more), mmap.PAGESIZE):
            more[page] = 1
        assert peak() > 400
        command = [sys.executable, "-c", "from benchmarks.memory import peak; print(peak())"]
        assert float(subprocess.check_output(command, cwd=ROOT)) < 200


def test_growth_leaves_out_the_start_and_the_end() -> None:
    assert growth(samples_of(10, growing=1)) == pytest.approx((1, 0))
    uneven = [each for each in samples_of(10, growing=1) if each.seconds < 60 or each.seconds % 10 == 0]
    assert growth(uneven) == pytest.approx((1, 0))
    loading = [Sample(second, second, second) for second in range(60)]
    ending = [Sample(600 + second, 0, 0) for second in range(5)]
    assert growth([*loading, *samples_of(10)[60:], *ending]) == (0, 0)


def test_a_leak_and_an_early_end_are_faults() -> None:
    assert soak.judged("train", samples_of(10), 10)[1] == []
    assert soak.judged("train", samples_of(10, growing=2), 10)[1] == ["memory grows by 2.0 MB a minute"]
    assert soak.judged("train", samples_of(8), 10)[1] == ["it ended early"]
    assert soak.judged("train", [], 10)[1] == ["it ended early"]
    unseen = [Sample(second, 0, 10) for second in range(600)]
    assert soak.judged("train", unseen, 10)[1] == ["this kernel does not tell how much memory it uses"]


def test_a_cut_lock_lacks_stages_and_a_damaged_one_is_restored(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    text = "stages:\n  poems:\n    cmd: a\n  report:\n    cmd: b\n"
    for folder in (whole, cut):
        folder.mkdir()
        (folder / "dvc.lock").write_text(text)
    assert reruns.lost_stages(cut, whole) == set()
    (cut / "dvc.lock").write_text(text[: text.index("  report")])
    assert reruns.lost_stages(cut, whole) == {"report"}
    for end in range(len("stages: p")):
        (cut / "dvc.lock").write_text(text[:end])
        assert reruns.lost_stages(cut, whole) == set()


def test_one_stage_its_runs_and_its_outputs_are_forgotten(tmp_path: Path) -> None:
    commands = {"train": "python -m pipeline.train 'gru'" + " data/sequences.db" * 9, "report": "python -m report"}
    outs = {"train": [{"md5": "aa1.dir"}, {"md5": "bb2"}, {"md5": "dd4"}], "report": [{"md5": "dd4"}]}
    stages = {stage: {"cmd": command, "outs": outs[stage]} for stage, command in commands.items()}
    YAML().dump({"stages": stages}, tmp_path / "dvc.lock")
    objects = tmp_path / ".dvc/cache/files/md5"
    for name in ("aa/1.dir", "bb/2", "cc/3", "dd/4"):
        (objects / name).parent.mkdir(parents=True)
        (objects / name).write_text('[{"md5": "cc3", "relpath": "weights.pt"}]')
    for stage, command in commands.items():
        folder = tmp_path / ".dvc/cache/runs/ab" / stage
        folder.mkdir(parents=True)
        (folder / ".unfinished.tmp").touch()
        for run in "12":
            YAML().dump({"cmd": command, "deps": []}, folder / run)
    project.forget(tmp_path, "train")
    assert list(project.lock_of(tmp_path)) == ["report"]
    assert [folder.name for folder in tmp_path.glob(".dvc/cache/runs/*/*")] == ["report"]
    assert [path.relative_to(objects).as_posix() for path in objects.glob("*/*")] == ["dd/4"]
