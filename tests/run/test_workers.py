import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from operator import length_hint
from pathlib import Path
from threading import Event

import pytest

from pipeline.run.errors import UserError
from pipeline.run.workers import AHEAD, _processes, _submit, _without_interrupts, map_in_order
from pipeline.settings.params import load_params
from tests.conftest import ROOT
from tests.waiting import HANG

RUNTIME = load_params(ROOT / "params.yaml").runtime


def shout(word: str) -> str:
    """What the workers do here; some words make them misbehave."""
    if word == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if word.endswith("/dead once") and not Path(word).exists():
        Path(word).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if word == "blocked":
        return ",".join(sorted(signal.Signals(number).name for number in signal.pthread_sigmask(signal.SIG_BLOCK, [])))
    if word == "raise":
        raise ValueError("no such word")
    return word.upper()


def own_process(_: int) -> int:
    return os.getpid()


def run(words: list[str]) -> list[tuple[str, str]]:
    return list(map_in_order(shout, words, RUNTIME.model_copy(update={"workers": 2})))


def test_an_item_whose_worker_died_of_something_else_is_tried_again(tmp_path: Path) -> None:
    words = ["a", f"{tmp_path}/dead once", "b"]
    assert run(words) == [(word, word.upper()) for word in words]


def test_ctrl_c_is_left_to_the_main_process() -> None:
    assert run(["blocked", "blocked"]) == [("blocked", "SIGINT")] * 2
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == set()


def test_ctrl_c_while_workers_start_is_heard_at_the_end() -> None:
    """Otherwise nobody would know the worker that is just starting, so nobody would stop it."""
    ended, started = Event(), Event()

    def start() -> None:
        with _without_interrupts():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.1)
            started.set()

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored by what a shell runs in the background
    with ThreadPoolExecutor(1) as pool:
        pool.submit(ended.wait)  # as a library's thread does, it takes signals that the main thread blocks
        try:
            with pytest.raises(KeyboardInterrupt):
                start()
        finally:
            ended.set()
            signal.signal(signal.SIGINT, before)
    assert started.is_set()


def test_a_temporary_folder_whose_path_is_too_long_for_a_socket_will_do(tmp_path: Path) -> None:
    folder = tmp_path / ("länge" * 16)
    folder.mkdir()
    code = (
        "from pipeline.run.workers import Runtime, map_in_order\n"
        "if __name__ == '__main__': print(list(map_in_order(len, ['word', 'a'], Runtime(workers=2))))"
    )
    environment = {**os.environ, "TMPDIR": str(folder)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=HANG, check=True)
    assert done.stdout == "[('word', 4), ('a', 1)]\n"


@pytest.mark.skipif(sys.platform != "linux", reason="a server starts workers only on Linux")
def test_workers_that_cannot_be_started_are_an_error_of_one_line(tmp_path: Path) -> None:
    package = tmp_path / "pipeline"
    package.mkdir()
    # What Python raises on a module whose bytecode a full disk has cut.
    (package / "__init__.py").write_text("raise EOFError('marshal data too short')")
    program = """if True:
        import os, sys
        from pipeline.run.runtime import Runtime
        from pipeline.run.workers import UserError, map_in_order
        os.chdir(sys.argv[1])  # where the server of Python 3.11 looks first
        sys.path.insert(0, sys.argv[1])  # newer ones have this list
        try:
            list(map_in_order(len, ["a", "b"], Runtime(workers=2)))
        except UserError as error:
            print(error)
    """
    command = [sys.executable, "-c", program, str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=HANG)
    assert "marshal data too short" in ended.stderr
    assert ended.stdout.startswith("worker processes cannot be started, or have ended: "), ended


def submit_after_a_death() -> None:
    with _processes(1) as pool:
        os.kill(_submit(pool, own_process, 0).result(), signal.SIGKILL)
        time.sleep(1)  # by then the pool has noticed
        _submit(pool, own_process, 1).result()


def test_a_worker_that_dies_while_it_waits_is_an_error_of_one_line() -> None:
    with pytest.raises(UserError, match=r"have ended: .+ lower runtime\.workers"):
        submit_after_a_death()


@pytest.mark.parametrize(
    ("word", "error", "told"),
    [("die", UserError, "^die: its worker died; perhaps it lacked memory"), ("raise", ValueError, "no such word")],
)
def test_an_item_that_kills_its_workers_is_named_and_an_error_ends_the_work(
    word: str, error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        run(["a", word, "b"])


def test_one_worker_is_this_process() -> None:
    alone = RUNTIME.model_copy(update={"workers": 1})
    assert [result for _, result in map_in_order(own_process, [0, 1], alone)] == [os.getpid()] * 2


def test_items_come_in_order_and_are_read_as_they_are_needed() -> None:
    words = iter([f"word{number}" for number in range(60)])
    results = map_in_order(shout, words, RUNTIME.model_copy(update={"workers": 2}))
    assert next(results) == ("word0", "WORD0")
    assert length_hint(words) >= 60 - (2 * AHEAD + 1)
    assert list(results) == [(f"word{number}", f"WORD{number}") for number in range(1, 60)]
