"""The tasks of the parity experiment, each done by one worker: train a net from some seeds, and test it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch

from pipeline.experiments.parity import nets
from pipeline.experiments.parity.nets import RECURRENT_NETS, RecurrentNets, accuracies
from pipeline.experiments.parity.training import RecurrentTraining, train_feedforward
from pipeline.settings.experiment_sections import Parity

NETS = ("wide", "deep", *RECURRENT_NETS)  # in the order of the report
WIDE = [2048]  # hidden units of the wide net, as in the book
LEARNING_RATE = 0.1  # of a feedforward net of one layer of one unit
SIDE_BY_SIDE = 10  # recurrent nets in a task; the products of more would hold mostly zeros
TEST_SEQUENCES = 1000  # of `longest` bits


class Task(NamedTuple):
    """A net (a unit, `wide` or `deep`) and the seeds from which it is trained."""

    net: str
    seeds: Sequence[int]


class Trained(NamedTuple):
    """What a net has learnt from a seed: its accuracy on all sequences and, if it is recurrent, on the longest."""

    parameters: int
    accuracy: float
    longest: float | None = None
    restarts: int = 0


def list_tasks(parity: Parity) -> Iterator[Task]:
    """Yield all tasks, the longest first: one for ten seeds of a recurrent net, one for each of a feedforward net."""
    seeds = range(1, parity.seeds + 1)
    for net in (*RECURRENT_NETS, "wide", "deep"):
        together = SIDE_BY_SIDE if net in RECURRENT_NETS else 1
        for first in range(0, len(seeds), together):
            yield Task(net, seeds[first : first + together])


def train(parity: Parity, task: Task) -> list[Trained]:
    """Train a task's nets on all sequences, test them on these, and recurrent ones on longer ones, too."""
    torch.set_num_threads(1)  # these nets are too small for two
    sequences, sizes = nets.all_sequences(parity.bits), hidden_sizes(parity, task.net)
    if task.net not in RECURRENT_NETS:
        (seed,) = task.seeds
        net = nets.feedforward_net(parity.bits, sizes, seed)
        train_feedforward(net, sequences, seed, LEARNING_RATE / (max(sizes) ** 0.5 * len(sizes)))
        parameters = sum(weights.numel() for weights in net.parameters())
        return [Trained(parameters, accuracy) for accuracy in accuracies(net, sequences)]
    recurrent = RecurrentNets(task.net, task.seeds)
    RecurrentTraining(recurrent, sequences).run()
    longer = torch.randint(2, (TEST_SEQUENCES, parity.longest), generator=torch.Generator().manual_seed(1))
    tested = zip(accuracies(recurrent, sequences), accuracies(recurrent, longer), recurrent.restarts, strict=True)
    return [Trained(recurrent.values.shape[1], *own) for own in tested]


def hidden_sizes(parity: Parity, net: str) -> list[int]:
    """Return the width of each hidden layer of a net."""
    return [nets.HIDDEN_SIZE] if net in RECURRENT_NETS else {"wide": WIDE, "deep": parity.deep}[net]


def learnt_by(outcomes: Sequence[Trained]) -> dict[str, float]:
    """Return the metrics of a net from its seeds; those of longer sequences are a recurrent net's."""
    longest = [own.longest for own in outcomes if own.longest is not None]
    accuracy = [own.accuracy for own in outcomes]
    found = {"parameters": outcomes[0].parameters, "solved": accuracy.count(1), "worst_accuracy": min(accuracy)}
    if not longest:
        return found
    restarted = sum(own.restarts > 0 for own in outcomes)
    return {**found, "longest_exact": longest.count(1), "longest_worst": min(longest), "restarted": restarted}
