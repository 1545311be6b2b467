"""The labels of the parity problem by counting, and small nets that learn them quickly."""

from itertools import product
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pipeline.experiments.parity.nets import (
    EVALUATE_EVERY,
    FeedforwardNet,
    RecurrentNet,
    accuracy,
    all_sequences,
    correct,
    count_parameters,
    running_parity,
    train,
)
from pipeline.experiments.parity.settings import ParityRecurrent


def a_recurrent_net(unit: str = "gru", seed: int = 1, hidden_size: int = 4) -> RecurrentNet:
    torch.manual_seed(seed)
    return RecurrentNet(unit, hidden_size, ParityRecurrent())


def learn(net: torch.nn.Module, bits: int, updates: int, first_length: int, learning_rate: float = 0.05) -> None:
    for _ in train(
        net,
        all_sequences(bits),
        updates=updates,
        batch=64,
        learning_rate=learning_rate,
        gradient_clip=0.1,
        first_length=first_length,
    ):
        pass


@pytest.mark.parametrize("bits", [1, 2, 5])
def test_every_sequence_is_there_once_in_counting_order(bits: int) -> None:
    assert all_sequences(bits).tolist() == [list(sequence) for sequence in product((0, 1), repeat=bits)]


@given(st.lists(st.lists(st.integers(0, 1), min_size=9, max_size=9), min_size=1, max_size=5))
def test_a_label_says_whether_the_ones_so_far_are_odd_in_number(sequences: list[list[int]]) -> None:
    counted = [[row[: step + 1].count(1) % 2 for step in range(len(row))] for row in sequences]
    assert running_parity(torch.tensor(sequences)).tolist() == counted


@given(st.lists(st.integers(0, 1), min_size=1, max_size=40), st.data())
def test_one_flipped_bit_flips_every_label_from_there_on(bits: list[int], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(bits) - 1))
    flipped = [bit ^ (step == place) for step, bit in enumerate(bits)]
    before, after = running_parity(torch.tensor([bits, flipped])).tolist()
    assert [one ^ other for one, other in zip(before, after, strict=True)] == [
        int(step >= place) for step in range(len(bits))
    ]


def test_labels_by_hand() -> None:
    sequences = torch.tensor([[0, 1, 1, 1, 0], [1, 0, 0, 1, 1]])
    assert running_parity(sequences).tolist() == [[0, 1, 0, 1, 1], [1, 1, 1, 0, 1]]


def test_half_of_all_sequences_are_odd() -> None:
    assert running_parity(all_sequences(7))[:, -1].double().mean() == 0.5


@pytest.mark.parametrize("unit", ["elman", "rated", "gru", "lstm", "mogrifier", "mingru"])
def test_a_recurrent_net_labels_every_step_by_what_it_has_read(unit: str) -> None:
    net = a_recurrent_net(unit)
    sequences = all_sequences(4)
    assert net(sequences).shape == (16, 4)
    assert net.hidden(sequences).shape == (16, 4, 4)
    torch.testing.assert_close(net(sequences)[:, :3], net(sequences[:, :3]))


def test_a_feedforward_net_labels_the_last_step() -> None:
    net = FeedforwardNet(4, [6, 3])
    assert net(all_sequences(4)).shape == (16, 1)
    assert count_parameters(net) == 4 * 6 + 6 + 6 * 3 + 3 + 3 + 1


def test_accuracy_counts_last_labels_and_all() -> None:
    class Odd(torch.nn.Module):
        """Says odd at every step."""

        def forward(self, sequences: torch.Tensor) -> torch.Tensor:
            return torch.ones(sequences.shape)

    sequences = torch.tensor([[1, 0], [0, 1], [0, 0], [1, 1]])  # odd odd, even odd, even even, odd even
    assert correct(Odd(), sequences).tolist() == [[True, True], [False, True], [False, False], [True, False]]
    assert accuracy(Odd(), sequences) == (0.5, 0.5)
    assert accuracy(Odd(), sequences[:1]) == (1, 1)
    assert accuracy(Odd(), sequences[3:]) == (0, 0.5)


def test_a_recurrent_net_learns_six_bits_and_has_the_rule() -> None:
    net = a_recurrent_net(seed=4)
    assert accuracy(net, all_sequences(6)).whole < 0.7
    learn(net, bits=6, updates=300, first_length=2)
    assert accuracy(net, all_sequences(6)) == (1, 1)
    assert accuracy(net, all_sequences(10)).whole > 0.99


@given(st.integers(0, 2**31), st.integers(1, 5))
def test_on_ones_a_minimal_gru_changes_its_answer_no_more_often_than_it_has_hidden_units(seed: int, size: int) -> None:
    """So it cannot learn parity, which changes at every step."""
    net = a_recurrent_net("mingru", seed, size).double()
    answers = net(torch.ones(1, 60, dtype=torch.int64))[0] > 0
    assert answers.diff().sum() <= size


def test_a_feedforward_net_learns_four_bits() -> None:
    torch.manual_seed(1)
    net = FeedforwardNet(4, [32])
    assert accuracy(net, all_sequences(4)).whole < 1
    learn(net, bits=4, updates=300, first_length=4, learning_rate=0.02)
    assert accuracy(net, all_sequences(4)) == (1, 1)


def test_training_starts_with_short_sequences() -> None:
    lengths = []

    def record(module: torch.nn.Module, inputs: Any, logits: torch.Tensor) -> None:
        if torch.is_grad_enabled():  # not an evaluation
            lengths.append(logits.shape[1])

    net = a_recurrent_net()
    net.register_forward_hook(record)
    learn(net, bits=6, updates=300, first_length=2)
    assert lengths[0] == 2
    assert lengths[-1] == 6
    assert lengths == sorted(lengths)


def test_training_repeats_and_the_caller_may_stop_it() -> None:
    def weights(seed: int) -> torch.Tensor:
        net = a_recurrent_net(seed=seed)
        training = train(
            net, all_sequences(5), updates=99, batch=8, learning_rate=0.05, gradient_clip=0.1, first_length=2
        )
        assert next(training) == (EVALUATE_EVERY, accuracy(net, all_sequences(5)))
        return torch.cat([parameter.detach().flatten() for parameter in net.parameters()])

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))
