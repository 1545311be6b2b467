"""The tasks of the parity experiment, each done by one worker: train nets, hold out sequences, search for a size."""

import time
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor

from pipeline.experiments.parity.nets import (
    Accuracy,
    FeedforwardNets,
    Nets,
    RecurrentNets,
    accuracies,
    all_sequences,
    correct,
    running_parity,
)
from pipeline.experiments.parity.training import Recipe, train
from pipeline.settings.experiment_sections import Parity

FEEDFORWARD = ("wide", "deep")
SIDE_BY_SIDE = 10  # recurrent nets in a task; the products of more would hold mostly zeros
RUN = 50  # steps for which the bits of a test sequence of long runs stay the same, on average
SHOWN_STEPS = 24  # of the hidden values on the page


class Task(NamedTuple):
    """What to do with which net (a unit, `wide` or `deep`), from which seeds."""

    kind: Literal["train", "hold_out", "search"]
    net: str
    seeds: tuple[int, ...]


class Run(NamedTuple):
    """A net trained on all sequences: its figures for the report, its hidden values if it is recurrent, its time."""

    figures: dict[str, Any]
    hidden: dict[str, list[Any]] | None
    seconds: float


class Trained(NamedTuple):
    """Trained nets, and the learning curve of each: (updates, whole, every step)."""

    nets: Nets
    curves: list[list[tuple[int, float, float]]]

    def accuracies(self) -> list[Accuracy]:
        """Return each net's accuracy at the end."""
        return [Accuracy(*curve[-1][1:]) for curve in self.curves]


def list_tasks(parity: Parity) -> Iterator[Task]:
    """Yield all tasks, the longest first."""
    for net in (*FEEDFORWARD, *parity.needed.units):
        yield Task("search", net, tuple(range(parity.seed, parity.seed + parity.needed.seeds)))
    for net in (*FEEDFORWARD, *parity.recurrent.units):
        for seeds in groups(range(parity.seed, parity.seed + parity.seeds), net):
            yield Task("train", net, seeds)
            yield Task("hold_out", net, seeds)


def groups(seeds: range, net: str) -> Iterator[tuple[int, ...]]:
    """Yield the seeds that a task trains together: one for a feedforward net, which is wide, else up to ten."""
    together = 1 if net in FEEDFORWARD else SIDE_BY_SIDE
    yield from (tuple(seeds[first : first + together]) for first in range(0, len(seeds), together))


def work(parity: Parity, task: Task) -> list[Any]:
    """Return the results of a task: one for each seed, or of a search one for each number of bits."""
    torch.set_num_threads(1)  # these nets are too small for two
    if task.kind == "train":
        return train_on_all(parity, task.net, task.seeds)
    return (hold_out if task.kind == "hold_out" else search_sizes)(parity, task.net, task.seeds)


def train_on_all(parity: Parity, net: str, seeds: Sequence[int]) -> list[Run]:
    """Train nets on all sequences; test recurrent ones on longer ones, too."""
    start = time.perf_counter()
    sequences = all_sequences(parity.bits).expand(len(seeds), -1, -1)
    trained = train_nets(parity, net, hidden_sizes(parity, net), sequences, seeds)
    parameters = trained.nets.values.shape[1]
    figures: list[dict[str, Any]] = [
        {
            "seed": seed,
            "parameters": parameters,
            "solved": reached.whole == 1,
            "updates": curve[-1][0],
            "restarts": restarts,
            **reached._asdict(),
            "curve": curve,
        }
        for seed, reached, curve, restarts in zip(
            seeds, trained.accuracies(), trained.curves, trained.nets.restarts, strict=True
        )
    ]
    hidden: list[dict[str, list[Any]] | None] = [None] * len(seeds)
    if isinstance(trained.nets, RecurrentNets):
        generator = torch.Generator().manual_seed(parity.seed)
        shape = (parity.test_sequences, parity.longest)
        test = torch.randint(2, shape, generator=generator)
        runs = running_parity((torch.rand(shape, generator=generator) < 1 / RUN).long())  # it flips where the bits do
        for own, shares, of_runs in zip(
            figures, _right_by_length(trained.nets, test), _right_by_length(trained.nets, runs), strict=True
        ):
            own |= {"by_length": shares, "runs_by_length": of_runs}
        hidden = [*hidden_values(trained.nets, test[0, :SHOWN_STEPS])]
    seconds = (time.perf_counter() - start) / len(seeds)
    return [Run(own, values, seconds) for own, values in zip(figures, hidden, strict=True)]


def hold_out(parity: Parity, net: str, seeds: Sequence[int]) -> list[dict[str, Any]]:
    """Train nets on part of the sequences; return each one's accuracy on these and on the others."""
    sequences = all_sequences(parity.bits)
    orders = [torch.randperm(len(sequences), generator=torch.Generator().manual_seed(seed)) for seed in seeds]
    shuffled = torch.stack([sequences[order] for order in orders])
    number = min(max(1, round(parity.held_out * len(sequences))), len(sequences) - 1)
    trained = train_nets(parity, net, hidden_sizes(parity, net), shuffled[:, number:], seeds)
    return [
        {"seed": seed, "trained": learnt.whole, "held_out": other.whole}
        for seed, learnt, other in zip(
            seeds, trained.accuracies(), accuracies(trained.nets, shuffled[:, :number]), strict=True
        )
    ]


def search_sizes(parity: Parity, net: str, seeds: Sequence[int]) -> list[dict[str, int] | None]:
    """Return, for each number of bits, the smallest size of the grid that learns it, or None if no size does.

    Each search begins at the size that the last one found: more bits are assumed to need no fewer hidden units.
    """
    widths, place = parity.needed.hidden, 0
    found: list[dict[str, int] | None] = []
    for bits in parity.needed.bits:
        size = None
        while place < len(widths) and not (size := try_width(parity, net, widths[place], bits, seeds)):
            place += 1
        found.append(size)
    return found


def try_width(parity: Parity, net: str, width: int, bits: int, seeds: Sequence[int]) -> dict[str, int] | None:
    """Return the size of a net with layers `width` wide if it learns all sequences from one of the seeds, else None."""
    sizes = [width] * len(hidden_sizes(parity, net))
    sequences = all_sequences(bits).expand(len(seeds), -1, -1)
    trained = train_nets(parity, net, sizes, sequences, seeds, goal=parity.needed.accuracy)
    if max(reached.whole for reached in trained.accuracies()) < parity.needed.accuracy:
        return None
    return {"width": width, "hidden_units": sum(sizes), "parameters": trained.nets.values.shape[1]}


def hidden_sizes(parity: Parity, net: str) -> list[int]:
    """Return the width of each hidden layer of a net."""
    return {"wide": parity.feedforward.wide, "deep": parity.feedforward.deep}.get(net, [parity.recurrent.hidden_size])


def train_nets(
    parity: Parity,
    net: str,
    sizes: Sequence[int],
    sequences: Tensor,
    seeds: Sequence[int],
    *,
    goal: float | None = None,
) -> Trained:
    """Train nets with hidden layers of `sizes`, each on its `sequences`, until one of them has the accuracy `goal`.

    Without a goal a recurrent net uses all its updates: labels that are clearly right at 12 steps stay right at many
    more. A feedforward net stops when all its labels are right.
    """
    nets: Nets
    if net in FEEDFORWARD:
        nets, goal = FeedforwardNets(sequences.shape[2], sizes, seeds), goal or 1.0
        settings = parity.feedforward
        recipe = Recipe(settings.updates, settings.learning_rate / (max(sizes) ** 0.5 * len(sizes)))
    else:
        nets = RecurrentNets(net, sizes[0], parity.recurrent, seeds)
        recipe = Recipe(**parity.recurrent.model_dump(include=set(Recipe._fields)))
    training = train(nets, sequences, parity.batch, recipe)
    curves: list[list[tuple[int, float, float]]] = [[] for _ in seeds]
    for updates, reached in training:
        for curve, own, accuracy in zip(curves, updates, reached, strict=True):
            if not curve or own > curve[-1][0]:  # else its training has ended
                curve.append((own, *accuracy))
        if goal and max(accuracy.whole for accuracy in reached) >= goal:
            break
    return Trained(nets, curves)


def _right_by_length(nets: Nets, sequences: Tensor) -> list[list[float]]:
    """Return, for each net, the share of right labels after each step of sequences (rows, bits)."""
    return correct(nets, sequences.expand(len(nets.seeds), -1, -1)).double().mean(1).tolist()


def hidden_values(nets: RecurrentNets, sequence: Tensor) -> Iterator[dict[str, list[Any]]]:
    """Yield, for each net, the bits of a sequence (bits,), their labels, and each hidden value after every step."""
    with torch.no_grad():
        values = nets.hidden(sequence.expand(len(nets.seeds), 1, -1))
    for own in values[0].permute(1, 2, 0).tolist():
        yield {"bits": sequence.tolist(), "parity": running_parity(sequence).tolist(), "values": own}
