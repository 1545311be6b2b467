"""Text stages on a real Dask cluster: a scheduler and workers of their own processes."""

import bz2
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import Client
from distributed.diagnostics.plugin import SchedulerPlugin

from pipeline import download, extract, templates, tokens
from pipeline.run.errors import UserError
from pipeline.run.workers import map_in_order
from pipeline.settings import load_params
from tests.conftest import HERE, SetParams
from tests.run.test_workers import shout
from tests.small_dumps import SENTENCES, a_page, wrap
from tests.waiting import HANG, wait_until


class Cluster:
    """A scheduler, and workers that can be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        contact = folder / "scheduler.json"
        self.start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", contact)
        wait_until(lambda: contact.exists() and contact.read_text().endswith("}"))  # it is written in place
        self.address = json.loads(contact.read_text())["address"]

    def start(self, role: str, *arguments: object) -> "subprocess.Popen[bytes]":
        """One `dask` command in a session of its own, its output in a file."""
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", role, *map(str, arguments)],
            cwd=self.folder,
            env=HERE,
            stdout=(self.folder / f"{len(self.processes)}.log").open("wb"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def workers(self, number: int, *flags: str, threads: int = 1) -> None:
        """Start some workers, and wait until all that were started are there."""
        for _ in range(number):
            self.start("worker", self.address, "--nthreads", threads, "--no-dashboard", *flags)
        with Client(self.address, set_as_default=False) as client:
            alive = sum(process.poll() is None for process in self.processes)
            client.wait_for_workers(alive - 1, timeout=HANG)

    def close(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    monkeypatch.setattr("pipeline.run.workers.CLUSTER_SECONDS", HANG)
    (tmp_path / "cluster").mkdir()
    cluster = Cluster(tmp_path / "cluster")
    yield cluster
    cluster.close()


class Killer(SchedulerPlugin):
    """Kills one of some workers that has work, once the third task of a client is done.

    Runs in the scheduler, which says when that is, however busy the machine.
    """

    def __init__(self, pids: dict[str, int]) -> None:
        self.pids, self.done = pids, 0

    async def start(self, scheduler: Any) -> None:
        self.scheduler = scheduler

    def add_client(self, scheduler: Any, client: str) -> None:
        self.done = 0

    def transition(self, key: Any, start: Any, finish: Any, *args: Any, **kwargs: Any) -> None:
        self.done += finish == "memory"
        if finish == "memory" and self.done == 3:
            busy = max(self.pids, key=lambda address: len(self.scheduler.workers[address].processing))
            os.killpg(os.getpgid(self.pids.pop(busy)), signal.SIGKILL)


def run_stages() -> dict[str, bytes]:
    """Run the text stages; every file that they wrote."""
    download.main(["raw"])
    templates.main(["raw", "templates.db"])
    extract.main(["raw", "templates.db", "articles"])
    tokens.main(["articles", "tokens"])
    return {path.as_posix(): path.read_bytes() for folder in ("articles", "tokens") for path in Path(folder).iterdir()}


@pytest.mark.slow
def test_a_cluster_that_loses_workers_gives_the_same_bytes(
    cluster: Cluster, in_tmp: Path, set_params: SetParams, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [a_page(number, f"Number {number}. {SENTENCES} " * (number % 9 * 15)) for number in range(1, 300)]
    Path("many.xml.bz2").write_bytes(bz2.compress(wrap(pages).encode(), 1))
    monkeypatch.setattr("pipeline.dumps.dump.PIECE_BYTES_BZIP2", 1_000)
    set_params({"wiki.source": "many.xml.bz2"})
    alone = run_stages()
    assert len(alone) > 20

    cluster.workers(4, "--no-nanny")  # nobody starts another one
    set_params({"runtime.scheduler": cluster.address})
    with Client(cluster.address, set_as_default=False) as client:
        client.register_plugin(Killer(client.run(os.getpid)))
        assert run_stages() == alone
    assert sum(process.poll() is not None for process in cluster.processes) == 3  # one in each stage


@pytest.mark.slow
def test_a_cluster_that_cannot_work_is_refused(
    cluster: Cluster, in_tmp: Path, set_params: SetParams, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(address: str, told: str) -> None:
        set_params({"runtime.scheduler": address})
        with pytest.raises(UserError, match=told):
            list(map_in_order(len, ["a"], load_params().runtime))

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.run.workers.CLUSTER_SECONDS", 1)
        refused("tcp://127.0.0.1:1", r"runtime\.scheduler is 'tcp://127\.0\.0\.1:1': no Dask scheduler answers there")
    wait = Client.wait_for_workers
    with monkeypatch.context() as patch:
        patch.setattr(Client, "wait_for_workers", lambda self, number, timeout: wait(self, number, timeout=1))
        refused(cluster.address, "that cluster has no worker; start `dask worker --nthreads 1 tcp://")
    cluster.workers(1, threads=2)
    refused(cluster.address, "its workers have several threads; start them as `dask worker --nthreads 1 tcp:")


@pytest.mark.slow
def test_a_scheduler_that_goes_away_is_one_line_and_its_successor_does_the_work(
    cluster: Cluster, in_tmp: Path, set_params: SetParams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.run.workers.CLUSTER_SECONDS", 20)  # for which a client also tries to reconnect
    cluster.workers(1)
    set_params({"runtime.scheduler": cluster.address})
    results = map_in_order(shout, ["a", "hang"], load_params().runtime)
    assert next(results) == ("a", "A")
    os.killpg(cluster.processes[0].pid, signal.SIGKILL)
    with pytest.raises(UserError, match=r"runtime\.scheduler: it has stopped"):
        next(results)

    os.killpg(cluster.processes[1].pid, signal.SIGKILL)
    cluster.processes[1].wait()
    port = cluster.address.rpartition(":")[2]
    cluster.start("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
    cluster.workers(1)
    assert list(map_in_order(shout, ["b"], load_params().runtime)) == [("b", "B")]
