"""Small nets that learn parity quickly, and each rule of their training by itself."""

from collections.abc import Sequence

import pytest
import torch

from pipeline.experiments.parity import training as module
from pipeline.experiments.parity.nets import RecurrentNets, accuracies, all_sequences, feedforward_net
from pipeline.experiments.parity.training import RecurrentTraining, clip, train_feedforward


def training_of(seeds: Sequence[int], bits: int = 4, unit: str = "gru") -> RecurrentTraining:
    return RecurrentTraining(RecurrentNets(unit, seeds), all_sequences(bits))


@pytest.fixture(autouse=True)
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 16)


def test_recurrent_nets_learn_six_bits_and_have_the_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 128)
    training = training_of((4, 5), 6, "lstm")
    assert max(accuracies(training.nets, training.sequences)) < 0.9
    training.run()
    assert not training.left.any()
    longer = torch.randint(2, (100, 200), generator=torch.Generator().manual_seed(1))
    once = torch.eye(100, 200, dtype=torch.int64)  # a value that drifts while it reads zeros fails
    for sequences in (training.sequences, longer, once):
        assert accuracies(training.nets, sequences) == [1, 1]


def test_a_training_that_finds_nothing_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_UPDATES", 30)
    training = training_of((1, 2), 8, "mingru")
    training.run()
    assert training.updates.tolist() == [30, 30]
    assert training.searching.all()


def test_sequences_grow_by_a_bit_after_each_batch_without_an_error() -> None:
    training = training_of((1, 2))
    assert training._draw().shape == (2, 16, module.FIRST_LENGTH)
    for _ in range(3):
        training._count(torch.tensor([True, False]))
    assert (training.lengths.tolist(), training.searching.tolist()) == ([4, 2], [False, True])
    assert training._draw().shape == (2, 16, 4)


def test_a_net_that_has_used_its_updates_stays_as_it_is() -> None:
    training = training_of((1, 2))
    training.searching[:], training.left[0] = False, 0
    before = training.nets.values.detach().clone()
    training.update()
    assert torch.equal(training.nets.values[0], before[0])
    assert not torch.equal(training.nets.values[1], before[1])
    assert training.updates.tolist() == [0, 1]


def test_training_repeats_and_a_net_draws_the_same_numbers_whatever_the_others_do() -> None:
    def drawn(seeds: Sequence[int]) -> list[torch.Tensor]:
        training = training_of(seeds)
        training.searching[0] = False
        training.update()
        return [training.generators[0].get_state(), training.nets.values.detach()]

    (one, weights), (same, again), (beside_another, _) = drawn((1,)), drawn((1,)), drawn((1, 2))
    assert torch.equal(one, same)
    assert torch.equal(weights, again)
    assert torch.equal(one, beside_another)


def test_a_batch_with_an_error_takes_back_five_without_one() -> None:
    training = training_of((1, 2, 3), 6)
    training.searching[:], training.left[:] = False, torch.tensor([50, 50, module.UPDATES - 2])
    training._count(torch.tensor([True, False, False]))
    assert training.left.tolist() == [49, 55, module.UPDATES]


def test_a_search_that_lasts_starts_anew_from_other_weights() -> None:
    training = training_of((1, 2), 6)
    before = training.nets.values.detach().clone()
    training.searching[1] = False
    training.updates[:], training.lengths[:] = module.RESTART_AFTER - 1, 5
    training._count(torch.tensor([False, False]))
    assert (training.nets.restarts, training.lengths.tolist()) == ([1, 0], [module.FIRST_LENGTH, 5])
    assert not torch.equal(training.nets.values[0], before[0])
    assert torch.equal(training.nets.values[1], before[1])
    again = training_of((1,)).nets
    again.restart(0)
    assert torch.equal(again.values[0], training.nets.values[0])


def test_some_rows_read_one_sequence_again_and_again() -> None:
    training = training_of((1, 2))
    training.lengths[:], training.searching[1] = 4, False
    training.updates[:] = 1
    for _ in range(3):
        drawn = training._draw()[:, 12:].tolist()
        assert drawn[1] == [[0, 0, 0, 0], [0, 0, 0, 1], [1, 1, 1, 0], [1, 1, 1, 1]] != drawn[0]
    training.updates[:] = module.MIXED_EVERY
    assert training._draw()[1, 12:].tolist() != drawn[1]


def test_rows_carry_their_state_and_its_parity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 4)
    training = training_of((1, 2))
    training.searching[:] = torch.tensor([False, True])
    right, ends = torch.tensor([[True, True, True, False]] * 2), torch.arange(1.0, 33).view(4, 8)
    training._carry((ends,), right, torch.ones(2, 4, 1, dtype=torch.int64))
    assert training.parity.squeeze(2).tolist() == [[0, 0, 1, 0], [0, 0, 0, 0]]  # in the second half, where right
    expected = torch.zeros(4, 2, 4)
    expected[2, 0] = ends.view(4, 2, 4)[2, 0]
    moved = (training.state[0] - expected.flatten(1)).abs()
    assert 0 < moved.max() <= module.STATE_NOISE
    assert torch.equal(moved > 0, expected.flatten(1) > 0)


def test_a_gradient_is_clipped_for_each_net() -> None:
    gradient = torch.ones(2, 25) * torch.tensor([[1], [1e-6]])
    clip(gradient, 0.5)
    assert gradient.norm(dim=1).tolist() == pytest.approx([0.5, 5e-6])


def test_a_feedforward_net_learns_and_stops_when_all_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    evaluated: list[list[float]] = []

    def evaluate(net: torch.nn.Sequential, sequences: torch.Tensor) -> list[float]:
        evaluated.append(accuracies(net, sequences))
        return evaluated[-1]

    monkeypatch.setattr(module, "EVALUATE_EVERY", 50)
    monkeypatch.setattr(module, "accuracies", evaluate)
    train_feedforward(feedforward_net(2, [16], seed=1), all_sequences(2), seed=1, learning_rate=0.05)
    assert evaluated.index([1]) == len(evaluated) - 1 < module.FEEDFORWARD_UPDATES // 50 - 1
