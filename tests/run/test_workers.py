import os
import signal
import time
from collections.abc import Iterator

import pytest

from pipeline.run.workers import BATCH_WEIGHT, Lost, map_in_order


def shout(word: str) -> str:
    """What the workers do here; some words make them misbehave."""
    if word == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if word == "raise":
        raise ValueError("no such word")
    if word == "exit":
        raise SystemExit
    if word == "hang":
        time.sleep(600)
    return word.upper()


def run(words: list[str], workers: int = 2, weight: int = 150_000, seconds: float = 60) -> list[tuple[str, str]]:
    """Each word with its result, or with why it was lost."""
    results = map_in_order(shout, words, weight=lambda _: weight, workers=workers, seconds=seconds)
    return [(word, result.reason if isinstance(result, Lost) else result) for word, result in results]


@pytest.mark.parametrize("workers", [1, 3])
def test_results_come_in_the_order_of_the_items(workers: int) -> None:
    words = [f"word{number}" for number in range(60)]
    assert run(words, workers) == [(word, word.upper()) for word in words]


def test_a_dead_worker_costs_the_item_that_killed_it() -> None:
    words = ["a", "b", "die", "c", "d", "e", "die", "f"]
    assert run(words) == [(word, "worker_died" if word == "die" else word.upper()) for word in words]


def test_an_item_that_runs_away_costs_itself() -> None:
    words = ["a", "hang", "b", "c", "d"]
    start = time.monotonic()
    assert run(words, seconds=1.5) == [(word, "timed_out" if word == "hang" else word.upper()) for word in words]
    assert time.monotonic() - start < 60


def test_items_are_read_as_they_are_needed() -> None:
    read = 0

    def items() -> Iterator[str]:
        nonlocal read
        for _ in range(1000):
            read += 1
            yield "word"

    results = map_in_order(shout, items(), weight=lambda _: BATCH_WEIGHT, workers=2, seconds=60)
    next(results)
    assert read <= 8
    results.close()  # type: ignore[attr-defined] # a generator


@pytest.mark.parametrize("word", ["raise", "exit"])
def test_an_error_costs_the_item_that_raised_it(word: str) -> None:
    words = ["a", word, "b", word, "c"]
    assert run(words) == [(w, "failed" if w == word else w.upper()) for w in words]


def test_the_error_is_told_in_words() -> None:
    ((_, lost),) = map_in_order(shout, ["raise"], weight=len, workers=1, seconds=60)
    assert lost == Lost("failed", "ValueError: no such word")
