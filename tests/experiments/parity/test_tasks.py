from collections.abc import Callable
from typing import Any

import pytest

from pipeline.experiments.parity.settings import Parity
from pipeline.experiments.parity.tasks import hold_out, list_tasks, search_sizes, train_on_all
from pipeline.settings import load_params

Change = Callable[[dict[str, Any]], Parity]


@pytest.fixture
def change(set_params: Callable[..., None]) -> Change:
    """Return a function that changes keys of `parity` in params.yaml and returns the section."""

    def changed(keys: dict[str, Any]) -> Parity:
        set_params({f"parity.{key}": value for key, value in keys.items()})
        parity = load_params().parity
        assert parity
        return parity

    return changed


def test_a_search_ends_with_the_grid(change: Change) -> None:
    settings = change({"needed.hidden": [1], "needed.bits": [2, 4], "needed.seeds": 1, "feedforward.wide": [4]})
    assert search_sizes(settings, "wide", 1) == [None, None]


def test_a_net_that_fails_uses_all_its_tries(change: Change) -> None:
    settings = change({"bits": 4, "recurrent.first_length": 2, "recurrent.updates": 3, "recurrent.tries": 2})
    failed = train_on_all(settings, "gru", 1).figures
    assert not failed["solved"]
    assert (failed["tries"], failed["updates"]) == (2, 6)
    assert [updates for updates, _, _ in failed["curve"]] == [3, 6]


def test_a_feedforward_net_has_one_try_and_stops_when_all_is_right(change: Change) -> None:
    figures, hidden, _ = train_on_all(change({"bits": 2, "recurrent.first_length": 2}), "wide", 1)
    assert figures["solved"]
    assert hidden is None
    assert (figures["tries"], figures["updates"]) == (1, 25)


@pytest.mark.parametrize("share", [0.001, 0.999])
def test_at_least_one_sequence_is_held_out_and_one_is_learnt(change: Change, share: float) -> None:
    few = {"bits": 2, "recurrent.first_length": 2, "feedforward.updates": 1, "held_out": share}
    assert all(0 <= accuracy <= 1 for accuracy in hold_out(change(few), "wide", 1).values())


def test_every_net_is_trained_from_every_seed(change: Change) -> None:
    tasks = list(list_tasks(change({"seed": 7, "seeds": 2, "recurrent.units": ["gru"], "needed.units": ["elman"]})))
    assert [task.net for task in tasks if task.kind == "search"] == ["wide", "deep", "elman"]
    assert [task.net for task in tasks if task.kind == "hold_out"] == ["wide", "deep", "gru"]
    assert [(task.net, task.seed) for task in tasks if task.kind == "train"] == [
        (net, seed) for net in ("wide", "deep", "gru") for seed in (7, 8)
    ]
