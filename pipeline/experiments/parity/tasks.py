"""The tasks of the parity experiment, each done by one worker: train a net, hold out sequences, search for a size."""

import time
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn

from pipeline.experiments.parity.nets import (
    Accuracy,
    FeedforwardNet,
    RecurrentNet,
    accuracy,
    all_sequences,
    correct,
    count_parameters,
    running_parity,
    train,
)
from pipeline.experiments.parity.settings import Parity, ParityFeedforward, ParityRecurrent

FEEDFORWARD = ("wide", "deep")
SHOWN_STEPS = 24  # of the hidden values on the page


class Task(NamedTuple):
    """What to do with which net (a unit, `wide` or `deep`), from which seed."""

    kind: Literal["train", "hold_out", "search"]
    net: str
    seed: int


class Run(NamedTuple):
    """A net trained on all sequences: its figures for the report, its hidden values if it is recurrent, its time."""

    figures: dict[str, Any]
    hidden: dict[str, list[Any]] | None
    seconds: float


class Trained(NamedTuple):
    """A net after its last try, and its learning curve over all tries: (updates, whole, every step)."""

    net: nn.Module
    tries: int
    updates: int
    accuracy: Accuracy
    curve: list[tuple[int, float, float]]


def list_tasks(parity: Parity) -> Iterator[Task]:
    """Yield all tasks, the longest first."""
    for net in (*FEEDFORWARD, *parity.needed.units):
        yield Task("search", net, parity.seed)
    for net in (*FEEDFORWARD, *parity.recurrent.units):
        yield Task("hold_out", net, parity.seed)
        for number in range(parity.seeds):
            yield Task("train", net, parity.seed + number)


def work(parity: Parity, task: Task) -> Any:
    """Return the result of a task."""
    torch.set_num_threads(1)  # these nets are too small for two
    function = {"train": train_on_all, "hold_out": hold_out, "search": search_sizes}[task.kind]
    return function(parity, task.net, task.seed)


def train_on_all(parity: Parity, net: str, seed: int) -> Run:
    """Train a net on all sequences; test a recurrent net on longer ones, too."""
    start = time.perf_counter()
    torch.manual_seed(seed)
    trained = train_net(parity, net, hidden_sizes(parity, net), all_sequences(parity.bits))
    figures = {
        "seed": seed,
        "parameters": count_parameters(trained.net),
        "solved": trained.accuracy.whole == 1,
        "tries": trained.tries,
        "updates": trained.updates,
        **trained.accuracy._asdict(),
        "curve": trained.curve,
    }
    hidden = None
    if isinstance(trained.net, RecurrentNet):
        generator = torch.Generator().manual_seed(parity.seed)
        test = torch.randint(2, (parity.test_sequences, parity.longest), generator=generator)
        figures["by_length"] = correct(trained.net, test).double().mean(0).tolist()
        hidden = hidden_values(trained.net, test[:1, :SHOWN_STEPS])
    return Run(figures, hidden, time.perf_counter() - start)


def hold_out(parity: Parity, net: str, seed: int) -> dict[str, float]:
    """Train a net on part of the sequences; return its accuracy on these and on the others."""
    torch.manual_seed(seed)
    sequences = all_sequences(parity.bits)[torch.randperm(2**parity.bits)]
    number = min(max(1, round(parity.held_out * len(sequences))), len(sequences) - 1)
    trained = train_net(parity, net, hidden_sizes(parity, net), sequences[number:])
    return {"trained": trained.accuracy.whole, "held_out": accuracy(trained.net, sequences[:number]).whole}


def search_sizes(parity: Parity, net: str, seed: int) -> list[dict[str, int] | None]:
    """Return, for each number of bits, the smallest size of the grid that learns it, or None if no size does.

    Each search begins at the size that the last one found: more bits are assumed to need no fewer hidden units.
    """
    widths, place = parity.needed.hidden, 0
    found: list[dict[str, int] | None] = []
    for bits in parity.needed.bits:
        size = None
        while place < len(widths) and not (size := try_width(parity, net, widths[place], bits, seed)):
            place += 1
        found.append(size)
    return found


def try_width(parity: Parity, net: str, width: int, bits: int, seed: int) -> dict[str, int] | None:
    """Return the size of a net with layers `width` wide if it learns all sequences from one of the seeds, else None."""
    sizes = [width] * len(hidden_sizes(parity, net))
    for number in range(parity.needed.seeds):
        torch.manual_seed(seed + number)
        trained = train_net(parity, net, sizes, all_sequences(bits), goal=parity.needed.accuracy, stop_early=True)
        if trained.accuracy.whole >= parity.needed.accuracy:
            return {"width": width, "hidden_units": sum(sizes), "parameters": count_parameters(trained.net)}
    return None


def hidden_sizes(parity: Parity, net: str) -> list[int]:
    """Return the width of each hidden layer of a net."""
    return {"wide": parity.feedforward.wide, "deep": parity.feedforward.deep}.get(net, [parity.recurrent.hidden_size])


def train_net(
    parity: Parity, net: str, sizes: Sequence[int], sequences: Tensor, *, goal: float = 1.0, stop_early: bool = False
) -> Trained:
    """Train a net with hidden layers of `sizes` on `sequences` until its accuracy is `goal`.

    A recurrent net has several tries, each from new weights. A try continues after it reaches the goal unless it must
    `stop_early`: labels that are clearly right at 12 steps stay right at many more. A feedforward net always stops.
    """
    bits, recurrent = sequences.shape[1], parity.recurrent
    settings: ParityFeedforward | ParityRecurrent = recurrent
    tries, first_length, learning_rate = recurrent.tries, recurrent.first_length, recurrent.learning_rate
    if net in FEEDFORWARD:
        settings, tries, first_length, stop_early = parity.feedforward, 1, bits, True
        learning_rate = settings.learning_rate / (max(sizes) ** 0.5 * len(sizes))
    curve: list[tuple[int, float, float]] = []
    before = 0
    for attempt in range(1, tries + 1):
        model = FeedforwardNet(bits, sizes) if net in FEEDFORWARD else RecurrentNet(net, sizes[0], recurrent)
        for update, score in train(
            model,
            sequences,
            updates=settings.updates,
            batch=parity.batch,
            learning_rate=learning_rate,
            gradient_clip=settings.gradient_clip,
            first_length=first_length,
        ):
            curve.append((before + update, *score))
            if stop_early and score.whole >= goal:
                break
        before += update
        trained = Trained(model, attempt, before, score, curve)
        if score.whole >= goal:
            break
    return trained


def hidden_values(net: RecurrentNet, sequence: Tensor) -> dict[str, list[Any]]:
    """Return the bits of a sequence (1, bits), their labels, and each hidden value after every step."""
    with torch.no_grad():
        values = net.hidden(sequence)[0].T.tolist()
    return {"bits": sequence[0].tolist(), "parity": running_parity(sequence)[0].tolist(), "values": values}
