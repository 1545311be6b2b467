"""The labels of the parity problem by counting, and small nets that learn them quickly."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.recurrent.units import RecurrentStack
from pipeline.experiments.parity.nets import (
    MOGRIFIER,
    Accuracy,
    FeedforwardNets,
    Nets,
    RecurrentNets,
    State,
    accuracies,
    all_sequences,
    correct,
    running_parity,
)
from pipeline.experiments.parity.training import (
    EVALUATE_EVERY,
    MIXED_EVERY,
    RESTART_AFTER,
    Recipe,
    _Training,
    clip,
    train,
)
from pipeline.settings.experiment_sections import ParityRecurrent

UNITS = ["elman", "rated", "gru", "lstm", "mogrifier", "mingru"]


def recurrent_nets(unit: str = "gru", seeds: Sequence[int] = (1,), hidden_size: int = 4) -> RecurrentNets:
    return RecurrentNets(unit, hidden_size, ParityRecurrent(), seeds)


def sequences_for(nets: Nets, bits: int) -> torch.Tensor:
    return all_sequences(bits).expand(len(nets.seeds), -1, -1)


SEARCH = Recipe(**ParityRecurrent().model_dump(include=set(Recipe._fields)))._replace(updates=200)


def learn(nets: Nets, bits: int, recipe: Recipe = SEARCH) -> list[tuple[list[int], list[Accuracy]]]:
    return list(train(nets, sequences_for(nets, bits), 64, recipe))


@pytest.mark.parametrize("bits", [1, 2, 5])
def test_every_sequence_is_there_once_in_counting_order(bits: int) -> None:
    assert all_sequences(bits).tolist() == [list(sequence) for sequence in product((0, 1), repeat=bits)]


@given(st.lists(st.lists(st.integers(0, 1), min_size=9, max_size=9), min_size=1, max_size=5))
def test_a_label_says_whether_the_ones_so_far_are_odd_in_number(sequences: list[list[int]]) -> None:
    counted = [[row[: step + 1].count(1) % 2 for step in range(len(row))] for row in sequences]
    assert running_parity(torch.tensor(sequences)).tolist() == counted


@pytest.mark.parametrize("unit", UNITS)
def test_nets_side_by_side_are_the_nets_of_their_seeds(unit: str) -> None:
    nets = recurrent_nets(unit, (5, 6, 7), hidden_size=3)
    alone = RecurrentStack(MOGRIFIER if unit == "mogrifier" else unit, 1, [3], path="reference")
    sequences = torch.randint(2, (3, 8, 6), generator=torch.Generator().manual_seed(1))
    logits, _ = nets(sequences)
    for number, own in enumerate(sequences):
        weights = {name: weight[number].detach() for name, weight in nets.weights.items()}
        alone.load_state_dict({name: weights[f"recurrent.{name}"] for name in alone.state_dict()})
        hidden = alone(2.0 * own.unsqueeze(2) - 1)[0]
        expected = hidden @ weights["readout.weight"].T + weights["readout.bias"]
        torch.testing.assert_close(logits[number], expected.squeeze(2))
    (one,) = recurrent_nets(unit, (6,), hidden_size=3)(sequences[1:2])[0]
    torch.testing.assert_close(logits[1], one)


@pytest.mark.parametrize("unit", UNITS)
def test_a_recurrent_net_labels_every_step_by_what_it_has_read(unit: str) -> None:
    nets = recurrent_nets(unit, (1, 2))
    sequences = sequences_for(nets, 4)
    logits, _ = nets(sequences)
    assert logits.shape == (2, 16, 4)
    assert nets.hidden(sequences).shape == (16, 4, 2, 4)
    before, state = nets(sequences[..., :3])
    torch.testing.assert_close(logits[..., :3], before)
    torch.testing.assert_close(logits[..., 3:], nets(sequences[..., 3:], state)[0])


def test_a_feedforward_net_labels_the_last_step() -> None:
    nets = FeedforwardNets(4, [6, 3], (1, 2))
    assert nets(sequences_for(nets, 4))[0].shape == (2, 16, 1)
    assert nets.values.shape[1] == 4 * 6 + 6 + 6 * 3 + 3 + 3 + 1


def test_accuracy_counts_last_labels_and_all() -> None:
    class Odd(Nets):
        """Say odd at every step."""

        def __call__(self, sequences: torch.Tensor, state: State = ()) -> tuple[torch.Tensor, State]:
            return torch.ones(sequences.shape), state

    odd = Odd((1,), lambda: torch.nn.Linear(1, 1))
    sequences = torch.tensor([[[1, 0], [0, 1], [0, 0], [1, 1]]])  # odd odd, even odd, even even, odd even
    assert correct(odd, sequences).tolist() == [[[True, True], [False, True], [False, False], [True, False]]]
    assert accuracies(odd, sequences) == [(0.5, 0.5)]
    assert accuracies(odd, sequences[:, :1]) == [(1, 1)]
    assert accuracies(odd, sequences[:, 3:]) == [(0, 0.5)]


def test_a_long_test_carries_the_state() -> None:
    nets = recurrent_nets(seeds=(3,))
    sequences = torch.randint(2, (1, 5, 120), generator=torch.Generator().manual_seed(1))
    logits, _ = nets(sequences)
    assert torch.equal(correct(nets, sequences), (logits > 0) == running_parity(sequences).bool())


def test_recurrent_nets_learn_six_bits_and_have_the_rule() -> None:
    nets = recurrent_nets("lstm", seeds=(4, 5))
    assert max(reached.whole for reached in accuracies(nets, sequences_for(nets, 6))) < 0.9
    learn(nets, 6)
    assert accuracies(nets, sequences_for(nets, 6)) == [(1, 1), (1, 1)]
    longer = torch.randint(2, (2, 100, 200), generator=torch.Generator().manual_seed(1))
    assert accuracies(nets, longer) == [(1, 1), (1, 1)]
    once = torch.eye(100, 200, dtype=torch.int64).expand(2, -1, -1)  # a value that drifts while it reads zeros fails
    assert accuracies(nets, once) == [(1, 1), (1, 1)]


@given(st.integers(0, 2**31), st.integers(1, 5))
def test_on_ones_a_minimal_gru_changes_its_answer_no_more_often_than_it_has_hidden_units(seed: int, size: int) -> None:
    """So it cannot learn parity, which changes at every step."""
    nets = recurrent_nets("mingru", (seed,), size)
    nets.values = nets.values.detach().double()
    ones = torch.ones(1, 1, 60, dtype=torch.int64)
    answers = nets(ones)[0][0, 0] > 0
    assert answers.diff().sum() <= size


def test_training_starts_with_short_sequences() -> None:
    lengths: list[int] = []

    class Recorded(RecurrentNets):
        def __call__(self, *arguments: Any) -> tuple[torch.Tensor, State]:
            logits, state = super().__call__(*arguments)
            if torch.is_grad_enabled():  # not an evaluation
                lengths.append(logits.shape[2])
            return logits, state

    learn(Recorded("gru", 4, ParityRecurrent(), (1,)), 6, SEARCH._replace(updates=5))
    assert lengths[0] == 2
    assert lengths[-1] == 6
    assert lengths == sorted(lengths)


def test_a_training_that_finds_nothing_ends() -> None:
    found = learn(recurrent_nets("mingru", (1, 2)), 6, SEARCH._replace(most=150))
    assert [updates for updates, _ in found] == [[EVALUATE_EVERY] * 2, [150] * 2]
    assert all(accuracy.whole < 0.7 for accuracy in found[-1][1])


def test_a_net_that_has_used_its_updates_stays_as_it_is() -> None:
    nets = recurrent_nets(seeds=(1, 2))
    training = _Training(nets, sequences_for(nets, 4), 16, SEARCH)
    training.searching[:], training.left[0] = False, 0
    before = nets.values.detach().clone()
    training.update()
    assert torch.equal(nets.values[0], before[0])
    assert not torch.equal(nets.values[1], before[1])
    assert training.updates.tolist() == [0, 1]


def test_a_net_draws_the_same_numbers_whatever_the_others_do() -> None:
    def drawn(seeds: Sequence[int]) -> torch.Tensor:
        nets = recurrent_nets(seeds=seeds)
        training = _Training(nets, sequences_for(nets, 4), 8, SEARCH)
        training.searching[0] = False
        training.update()
        return training.generators[0].get_state()

    assert torch.equal(drawn((1,)), drawn((1, 2)))


def test_a_batch_with_an_error_takes_back_five_without_one() -> None:
    nets = recurrent_nets(seeds=(1, 2, 3))
    training = _Training(nets, sequences_for(nets, 6), 64, SEARCH)
    training.searching[:], training.left[:] = False, torch.tensor([50, 50, 198])
    training._count(torch.tensor([True, False, False]))
    assert training.left.tolist() == [49, 55, SEARCH.updates]


def test_a_search_that_lasts_starts_anew_from_other_weights() -> None:
    nets = recurrent_nets(seeds=(1, 2))
    training = _Training(nets, sequences_for(nets, 6), 64, SEARCH)
    before = nets.values.detach().clone()
    training.searching[1] = False
    training.updates[:], training.lengths[:] = RESTART_AFTER - 1, 5
    training._count(torch.tensor([False, False]))
    assert nets.restarts == [1, 0]
    assert training.lengths.tolist() == [SEARCH.first_length, 5]
    assert not torch.equal(nets.values[0], before[0])
    assert torch.equal(nets.values[1], before[1])
    again = recurrent_nets(seeds=(1,))
    again.restart(0)
    assert torch.equal(again.values[0], nets.values[0])


def test_some_rows_read_one_sequence_again_and_again() -> None:
    nets = recurrent_nets(seeds=(1, 2))
    training = _Training(nets, sequences_for(nets, 4), 16, SEARCH)
    training.lengths[:], training.searching[1] = 4, False
    training.updates[:] = 1
    for _ in range(3):
        drawn = training._draw()[:, 12:].tolist()
        assert drawn[1] == [[0, 0, 0, 0], [0, 0, 0, 1], [1, 1, 1, 0], [1, 1, 1, 1]] != drawn[0]
    training.updates[:] = MIXED_EVERY
    assert training._draw()[1, 12:].tolist() != drawn[1]


def test_rows_carry_their_state_and_its_parity() -> None:
    nets = recurrent_nets(seeds=(1, 2))
    training = _Training(nets, sequences_for(nets, 4), 4, SEARCH._replace(state_noise=0.0))
    training.searching[:] = torch.tensor([False, True])
    right, ends = torch.tensor([[True, True, True, False]] * 2), torch.arange(1.0, 33).view(4, 8)
    training._carry((ends,), right, torch.ones(2, 4, 1, dtype=torch.int64))
    assert training.parity.squeeze(2).tolist() == [[0, 0, 1, 0], [0, 0, 0, 0]]  # in the second half, where right
    expected = torch.zeros(4, 2, 4)
    expected[2, 0] = ends.view(4, 2, 4)[2, 0]
    torch.testing.assert_close(training.state[0], expected.flatten(1))


def test_training_repeats_and_the_caller_may_stop_it() -> None:
    def weights(seed: int) -> torch.Tensor:
        nets = recurrent_nets(seeds=(seed,))
        sequences = sequences_for(nets, 5)
        steps = train(nets, sequences, 8, SEARCH)
        assert next(steps) == ([EVALUATE_EVERY], accuracies(nets, sequences))
        return nets.values.detach()

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))


def test_a_gradient_is_clipped_for_each_net() -> None:
    gradient = torch.ones(2, 25) * torch.tensor([[1], [1e-6]])
    clip(gradient, 0.5)
    assert gradient.norm(dim=1).tolist() == pytest.approx([0.5, 5e-6])
