"""Text stages on a real Dask cluster: a scheduler and workers of their own processes."""

import bz2
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline import download, extract, tokens
from pipeline.run.console import UserError
from pipeline.run.params import load_params
from pipeline.run.workers import map_in_order
from tests.dumps import SENTENCES, a_page, wrap

pytest.importorskip("distributed")
ROOT = Path(__file__).parent.parent
TEXT_STAGES = [(download.main, ["raw"]), (extract.main, ["raw", "articles"]), (tokens.main, ["articles", "tokens"])]


class Cluster:
    """A scheduler, and workers that can be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        contact = folder / "scheduler.json"
        self.start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", contact)
        self.wait(contact.exists)
        self.address = json.loads(contact.read_text())["address"]

    def start(self, role: str, *arguments: object) -> "subprocess.Popen[bytes]":
        """One `dask` command in a session of its own, its output in a file."""
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", role, *map(str, arguments)],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=(self.folder / f"{len(self.processes)}.log").open("wb"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def worker(self) -> "subprocess.Popen[bytes]":
        """One more worker of one thread."""
        return self.start("worker", self.address, "--nthreads", 1, "--no-dashboard")

    def kill(self, process: "subprocess.Popen[bytes]") -> None:
        """End a process with all its children, as a machine that loses power."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    @staticmethod
    def wait(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def close(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                self.kill(process)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    cluster.close()


def run_stages() -> dict[str, bytes]:
    """Run the text stages; every file that they wrote."""
    for stage, arguments in TEXT_STAGES:
        stage(arguments)
    return {path.as_posix(): path.read_bytes() for folder in ("articles", "tokens") for path in Path(folder).iterdir()}


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_gives_the_same_bytes(
    cluster: Cluster, in_tmp: Path, set_params: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [a_page(number, f"Number {number}. {SENTENCES} " * (number % 9 * 60)) for number in range(1, 400)]
    Path("many.xml.bz2").write_bytes(bz2.compress(wrap(pages).encode()))
    monkeypatch.setattr("pipeline.corpus.dump.PIECE_BYTES_BZIP2", 2_000)
    set_params({"wiki.source": "many.xml.bz2"})
    alone = run_stages()
    assert len(alone) > 20

    victim = cluster.worker()
    cluster.worker()
    set_params({"runtime.scheduler": cluster.address})
    killed = []

    def kill_half_way() -> None:
        Path("articles/stats.json").unlink()
        shards = Path(".articles.partial").glob
        cluster.wait(lambda: len(list(shards("part-*"))) > len(alone) / 12)
        cluster.kill(victim)
        killed.append(not Path("articles/stats.json").exists())

    killer = threading.Thread(target=kill_half_way)
    killer.start()
    assert run_stages() == alone
    killer.join()
    assert killed == [True]  # the stage was not over by then


def test_no_scheduler_there(in_tmp: Path, set_params: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.run.workers.CLUSTER_SECONDS", 1)
    set_params({"runtime.scheduler": "tcp://127.0.0.1:1"})
    with pytest.raises(
        UserError, match=r"runtime\.scheduler is 'tcp://127\.0\.0\.1:1': no Dask scheduler answers there"
    ):
        list(map_in_order(len, ["a"], load_params().runtime))


@pytest.mark.slow
def test_a_scheduler_without_workers(
    tmp_path: Path, in_tmp: Path, set_params: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.run.workers.CLUSTER_SECONDS", 2)
    empty = Cluster(tmp_path)
    try:
        set_params({"runtime.scheduler": empty.address})
        with pytest.raises(UserError, match="that cluster has no worker; start `dask worker tcp://"):
            list(map_in_order(len, ["a"], load_params().runtime))
    finally:
        empty.close()
