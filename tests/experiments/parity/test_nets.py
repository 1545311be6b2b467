"""The labels of the parity problem by counting, and nets side by side."""

from itertools import product

import pytest
import torch

from models.recurrent.layers import RecurrentStack
from pipeline.experiments.parity import nets as module
from pipeline.experiments.parity.nets import (
    RECURRENT_NETS,
    RecurrentNets,
    accuracies,
    all_sequences,
    feedforward_net,
    running_parity,
)


def test_every_sequence_is_there_once_in_counting_order_and_labels_say_whether_the_ones_are_odd() -> None:
    sequences = list(product((0, 1), repeat=5))
    assert all_sequences(5).tolist() == [list(sequence) for sequence in sequences]
    counted = [[row[: step + 1].count(1) % 2 for step in range(5)] for row in sequences]
    assert running_parity(all_sequences(5)).tolist() == counted


@pytest.mark.parametrize("unit", RECURRENT_NETS)
def test_nets_side_by_side_are_the_nets_of_their_seeds_and_carry_their_state(unit: str) -> None:
    nets = RecurrentNets(unit, (5, 6, 7))
    alone = RecurrentStack(RECURRENT_NETS[unit], 1, [module.HIDDEN_SIZE])
    sequences = torch.randint(2, (3, 8, 6), generator=torch.Generator().manual_seed(1))
    logits, _ = nets(sequences)
    for number, own in enumerate(sequences):
        weights = {name: weight[number].detach() for name, weight in nets.weights.items()}
        alone.load_state_dict({name: weights[f"recurrent.{name}"] for name in alone.state_dict()})
        hidden = alone(2.0 * own.unsqueeze(2) - 1)[0]
        expected = hidden @ weights["readout.weight"].T + weights["readout.bias"]
        torch.testing.assert_close(logits[number], expected.squeeze(2))
    (one,) = RecurrentNets(unit, (6,))(sequences[1:2])[0]
    torch.testing.assert_close(logits[1], one)
    before, state = nets(sequences[..., :3])
    torch.testing.assert_close(torch.cat([before, nets(sequences[..., 3:], state)[0]], 2), logits)


def test_a_feedforward_net_has_the_layers_asked_for() -> None:
    weights = list(feedforward_net(4, [6, 3], seed=1).parameters())
    assert [tuple(weight.shape) for weight in weights] == [(6, 4), (6,), (3, 6), (3,), (1, 3), (1,)]


def test_accuracy_counts_last_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TESTED_AT_ONCE", 3)
    odd = feedforward_net(2, [1], seed=1)
    for weight in odd.parameters():
        torch.nn.init.ones_(weight)  # so it always says odd
    assert accuracies(odd, all_sequences(2)) == [0.5]
    assert accuracies(odd, torch.tensor([[1, 0], [0, 1]])) == [1]
    nets, sequences = RecurrentNets("gru", (1, 2)), all_sequences(4)
    right = (nets(sequences.expand(2, -1, -1))[0][..., -1] > 0) == running_parity(sequences)[:, -1].bool()
    assert accuracies(nets, sequences) == pytest.approx(right.double().mean(1).tolist())
