from collections.abc import Callable
from typing import Any

import pytest

from pipeline.experiments.parity.tasks import hold_out, list_tasks, search_sizes, train_on_all
from pipeline.settings import load_params
from pipeline.settings.experiment_sections import Parity
from tests.conftest import SetParams

Change = Callable[[dict[str, Any]], Parity]


@pytest.fixture
def change(set_params: SetParams) -> Change:
    """Return a function that changes keys of `parity` in params.yaml and returns the section."""

    def changed(keys: dict[str, Any]) -> Parity:
        set_params({f"parity.{key}": value for key, value in keys.items()})
        parity = load_params().parity
        assert parity
        return parity

    return changed


def test_a_search_ends_with_the_grid(change: Change) -> None:
    settings = change({"needed.hidden": [1], "needed.bits": [2, 4], "feedforward.wide": [4]})
    assert search_sizes(settings, "wide", [1]) == [None, None]


def test_a_net_that_fails_uses_all_its_updates_and_counts(change: Change) -> None:
    settings = change({"bits": 4, "recurrent.first_length": 2, "recurrent.most": 3})
    for seed, run in zip((1, 2), train_on_all(settings, "gru", [1, 2]), strict=True):
        assert not run.figures["solved"]
        assert (run.figures["seed"], run.figures["updates"]) == (seed, 3)
        assert [updates for updates, _, _ in run.figures["curve"]] == [3]


def test_a_feedforward_net_stops_when_all_is_right(change: Change) -> None:
    ((figures, hidden, _),) = train_on_all(change({"bits": 2, "recurrent.first_length": 2}), "wide", [1])
    assert figures["solved"]
    assert hidden is None
    assert figures["updates"] == 100


@pytest.mark.parametrize("share", [0.001, 0.999])
def test_at_least_one_sequence_is_held_out_and_one_is_learnt(change: Change, share: float) -> None:
    few = {"bits": 2, "recurrent.first_length": 2, "feedforward.updates": 1, "held_out": share}
    for found in hold_out(change(few), "wide", [1, 2]):
        assert 0 <= found["trained"] <= 1
        assert 0 <= found["held_out"] <= 1


def test_every_net_is_trained_and_held_out_from_every_seed(change: Change) -> None:
    keys = {"seed": 7, "seeds": 12, "recurrent.units": ["gru"], "needed.units": ["elman"], "needed.seeds": 2}
    tasks = list(list_tasks(change(keys)))
    assert [(task.net, task.seeds) for task in tasks if task.kind == "search"] == [
        (net, (7, 8)) for net in ("wide", "deep", "elman")
    ]
    for kind in ("train", "hold_out"):
        assert [(task.net, task.seeds) for task in tasks if task.kind == kind] == [
            *((net, (seed,)) for net in ("wide", "deep") for seed in range(7, 19)),
            ("gru", tuple(range(7, 17))),
            ("gru", (17, 18)),
        ]
