"""The tasks of the parity experiment, each done by one worker: train a net, hold out sequences, search for a size."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
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
from pipeline.experiments.parity.settings import Parity

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


class Recipe(NamedTuple):
    """How to make a net and how to train it."""

    make: Callable[[], nn.Module]
    train: Callable[[nn.Module, Tensor], Iterator[tuple[int, Accuracy]]]
    tries: int  # each from new weights, until one reaches the goal
    stops_early: bool  # whether a try ends as soon as it reaches the goal


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
    recipe = make_recipe(parity, net, hidden_sizes(parity, net), parity.bits)
    trained = train_with_retries(recipe, all_sequences(parity.bits), goal=1.0)
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
    recipe = make_recipe(parity, net, hidden_sizes(parity, net), parity.bits)
    trained = train_with_retries(recipe, sequences[number:], goal=1.0)
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
    recipe = make_recipe(parity, net, sizes, bits)._replace(stops_early=True)
    for number in range(parity.needed.seeds):
        torch.manual_seed(seed + number)
        trained = train_with_retries(recipe, all_sequences(bits), goal=parity.needed.accuracy)
        if trained.accuracy.whole >= parity.needed.accuracy:
            return {"width": width, "hidden_units": sum(sizes), "parameters": count_parameters(trained.net)}
    return None


def hidden_sizes(parity: Parity, net: str) -> list[int]:
    """Return the width of each hidden layer of a net."""
    return {"wide": parity.feedforward.wide, "deep": parity.feedforward.deep}.get(net, [parity.recurrent.hidden_size])


def make_recipe(parity: Parity, net: str, sizes: Sequence[int], bits: int) -> Recipe:
    """Return how to make and train a net with hidden layers of `sizes` for sequences of `bits` bits."""
    feedforward, recurrent = parity.feedforward, parity.recurrent
    settings = feedforward if net in FEEDFORWARD else recurrent
    training = partial(train, updates=settings.updates, batch=parity.batch, gradient_clip=settings.gradient_clip)
    if net in FEEDFORWARD:
        rate = feedforward.learning_rate / (max(sizes) ** 0.5 * len(sizes))
        training = partial(training, learning_rate=rate, first_length=bits)
        return Recipe(partial(FeedforwardNet, bits, sizes), training, tries=1, stops_early=True)
    make = partial(
        RecurrentNet,
        net,
        sizes[0],
        activation=recurrent.activation,
        bias_deviation=recurrent.bias_deviation,
        readout_deviation=recurrent.readout_deviation,
    )
    training = partial(training, learning_rate=recurrent.learning_rate, first_length=recurrent.first_length)
    # A recurrent net trains to the end of a try: labels that are clearly right at 12 steps stay right at many more.
    return Recipe(make, training, tries=recurrent.tries, stops_early=False)


def train_with_retries(recipe: Recipe, sequences: Tensor, *, goal: float) -> Trained:
    """Train a net on `sequences`, in several tries if need be, until its accuracy is `goal`."""
    curve: list[tuple[int, float, float]] = []
    before = 0
    for attempt in range(1, recipe.tries + 1):
        net = recipe.make()
        for update, score in recipe.train(net, sequences):
            curve.append((before + update, *score))
            if recipe.stops_early and score.whole >= goal:
                break
        before += update
        trained = Trained(net, attempt, before, score, curve)
        if score.whole >= goal:
            break
    return trained


def hidden_values(net: RecurrentNet, sequence: Tensor) -> dict[str, list[Any]]:
    """Return the bits of a sequence (1, bits), their labels, and each hidden value after every step."""
    with torch.no_grad():
        values = net.hidden(sequence)[0].T.tolist()
    return {"bits": sequence[0].tolist(), "parity": running_parity(sequence)[0].tolist(), "values": values}
