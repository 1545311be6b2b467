"""Stage: the parity problem (book, chapter 2), learnt by recurrent and by feedforward nets from many seeds."""

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from operator import itemgetter
from pathlib import Path
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
    parameters_of,
    running_parity,
    train,
)
from pipeline.experiments.parity.settings import Parity
from pipeline.run.console import Metrics, progress, say, stage
from pipeline.run.outputs import write_json
from pipeline.run.tables import write_table
from pipeline.run.workers import map_in_order
from pipeline.settings import load_params

FEEDFORWARD = ("wide", "deep")
LOOK = 25  # updates from one point of a learning curve to the next
SHOWN = 24  # steps of the hidden values that the page shows


class Task(NamedTuple):
    """What one worker does at a time: a net (a unit, `wide` or `deep`) learns, or is searched for."""

    kind: Literal["learn", "hold_out", "need"]
    net: str
    seed: int


class Learnt(NamedTuple):
    """A net after its last try, how well it does, and (updates so far, whole, every step) along the way."""

    net: nn.Module
    tries: int
    updates: int
    accuracy: Accuracy
    curve: list[tuple[int, float, float]]


@stage
def main(report: Path, table: Path) -> Metrics:
    """Train every net from every seed on all sequences and on some of them; what they reach goes into REPORT.

    Each unit's share of sequences right by their length goes into TABLE.
    """
    params = load_params()
    parity = params.parity
    found: dict[str, dict[str, list[Any]]] = {kind: {} for kind in ("learn", "hold_out", "need")}
    seconds: dict[str, list[float]] = {}
    tasks = list(tasks_of(parity))
    with progress("parity", len(tasks), "task") as bar:
        for task, (result, took) in map_in_order(partial(work, parity), tasks, params.runtime):
            found[task.kind].setdefault(task.net, []).append(result)
            if task.kind == "learn":
                seconds.setdefault(task.net, []).append(took)
            bar.update()
    shown = hidden_states(found["learn"])
    needed = {net: result for net, (result,) in found["need"].items()}
    nets = {
        net: {"hidden_sizes": sizes_of(parity, net), "held_out": found["hold_out"][net][0], "runs": found["learn"][net]}
        for net in nets_of(parity)
    }
    write_json(
        report,
        {
            **parity.model_dump(include={"bits", "longest", "test_sequences", "held_out"}),
            "sequences": 2**parity.bits,
            "tries": parity.recurrent.tries,
            "nets": nets,
            "hidden_states": shown,
            "needed": {
                **parity.needed.model_dump(exclude={"units"}),
                "layers": {net: len(sizes_of(parity, net)) for net in needed},
                "nets": needed,
                "smallest": smallest(needed),
            },
        },
    )
    write_table(table, list(by_length(found["learn"])))
    for name, net in nets.items():
        say(f"parity: {describe(name, net['runs'], parity)}; {max(seconds[name]):.1f} s a seed at most")
    return figures(parity, nets, seconds, smallest(needed))


def tasks_of(parity: Parity) -> Iterator[Task]:
    """All that there is to do, the longest first."""
    for net in (*FEEDFORWARD, *parity.needed.units):
        yield Task("need", net, parity.seed)
    for net in nets_of(parity):
        yield Task("hold_out", net, parity.seed)
        for number in range(parity.seeds):
            yield Task("learn", net, parity.seed + number)


def nets_of(parity: Parity) -> list[str]:
    """The names of the nets."""
    return [*FEEDFORWARD, *parity.recurrent.units]


def work(parity: Parity, task: Task) -> tuple[Any, float]:
    """What comes of a task, and the seconds that it took. One thread: these nets are too small for two."""
    torch.set_num_threads(1)
    start = time.perf_counter()
    result = {"learn": learn_all, "hold_out": hold_out, "need": need}[task.kind](parity, task.net, task.seed)
    return result, time.perf_counter() - start


def learn_all(parity: Parity, name: str, seed: int) -> dict[str, Any]:
    """A net learns all sequences; a recurrent one is tested on longer ones, and its hidden values are kept."""
    torch.manual_seed(seed)
    learnt = learn(parity, name, sizes_of(parity, name), all_sequences(parity.bits), goal=1.0, settle=True)
    result = {
        "seed": seed,
        "parameters": parameters_of(learnt.net),
        "solved": learnt.accuracy.whole == 1,
        "tries": learnt.tries,
        "updates": learnt.updates,
        **learnt.accuracy._asdict(),
        "curve": learnt.curve,
    }
    if isinstance(learnt.net, RecurrentNet):
        test = some_sequences(parity)
        result["by_length"] = correct(learnt.net, test).double().mean(0).tolist()
        result["hidden"] = hidden_values(learnt.net, test[0, :SHOWN])
    return result


def hold_out(parity: Parity, name: str, seed: int) -> dict[str, float]:
    """A net learns some of the sequences, and is asked about the others: its accuracy on both."""
    torch.manual_seed(seed)
    sequences = all_sequences(parity.bits)[torch.randperm(2**parity.bits)]
    number = min(max(1, round(parity.held_out * len(sequences))), len(sequences) - 1)
    learnt = learn(parity, name, sizes_of(parity, name), sequences[number:], goal=1.0, settle=True)
    return {"trained": learnt.accuracy.whole, "held_out": accuracy(learnt.net, sequences[:number]).whole}


def need(parity: Parity, name: str, seed: int) -> list[dict[str, int] | None]:
    """For each number of bits the fewest hidden units of the grid that learn it, from any seed; None: more than all.

    That more bits need no fewer is taken for granted: each search begins where the last one ended.
    """
    grid = list(parity.needed.hidden)
    found: list[dict[str, int] | None] = []
    for bits in parity.needed.bits:
        answer = None
        while grid and answer is None:
            answer = enough(parity, name, grid[0], bits, seed)
            if answer is None:
                grid.pop(0)
        found.append(answer)
    return found


def enough(parity: Parity, name: str, width: int, bits: int, seed: int) -> dict[str, int] | None:
    """The size of a net with layers of that width, if it learns so many bits from one of the seeds."""
    sizes = [width] * len(sizes_of(parity, name))
    for number in range(parity.needed.seeds):
        torch.manual_seed(seed + number)
        learnt = learn(parity, name, sizes, all_sequences(bits), goal=parity.needed.accuracy)
        if learnt.accuracy.whole >= parity.needed.accuracy:
            return {"width": width, "hidden_units": sum(sizes), "parameters": parameters_of(learnt.net)}
    return None


def smallest(needed: Mapping[str, Sequence[dict[str, int] | None]]) -> dict[str, Any] | None:
    """The feedforward net of the fewest parameters that was found enough for the most bits, if one was."""
    found: list[dict[str, Any]] = [{"net": net, **answer} for net in FEEDFORWARD if (answer := needed[net][-1])]
    return min(found, key=itemgetter("parameters"), default=None)


def learn(
    parity: Parity, name: str, sizes: Sequence[int], sequences: Tensor, *, goal: float, settle: bool = False
) -> Learnt:
    """Train a net on `sequences` until its accuracy is `goal`: a recurrent one in several tries, each from new weights.

    To `settle`, a recurrent net's try goes on to its end: what is clearly right at 12 steps stays so at many more.
    """
    recurrent = name not in FEEDFORWARD
    params = parity.recurrent if recurrent else parity.feedforward
    bits = sequences.shape[1]
    rate = params.learning_rate / (1 if recurrent else max(sizes) ** 0.5 * len(sizes))
    curve: list[tuple[int, float, float]] = []
    before = 0
    for attempt in range(1, parity.recurrent.tries + 1 if recurrent else 2):
        net = make_net(parity, name, sizes, bits)
        for update in train(
            net,
            sequences,
            updates=params.updates,
            batch=parity.batch,
            learning_rate=rate,
            gradient_clip=params.gradient_clip,
            first_length=min(parity.recurrent.first_length, bits) if recurrent else bits,
        ):
            if update % LOOK == 0 or update == params.updates:
                score = accuracy(net, sequences)
                curve.append((before + update, *score))
                if score.whole >= goal and not (recurrent and settle):
                    break
        before += update
        learnt = Learnt(net, attempt, before, score, curve)
        if score.whole >= goal:
            break
    return learnt


def make_net(parity: Parity, name: str, sizes: Sequence[int], bits: int) -> RecurrentNet | FeedforwardNet:
    """A net with new weights."""
    if name in FEEDFORWARD:
        return FeedforwardNet(bits, sizes)
    settings = parity.recurrent
    return RecurrentNet(
        name,
        sizes[0],
        activation=settings.activation,
        bias_deviation=settings.bias_deviation,
        readout_deviation=settings.readout_deviation,
    )


def sizes_of(parity: Parity, name: str) -> list[int]:
    """How wide each layer of a net is."""
    return {"wide": parity.feedforward.wide, "deep": parity.feedforward.deep}.get(name, [parity.recurrent.hidden_size])


def some_sequences(parity: Parity) -> Tensor:
    """The long sequences that all recurrent nets are tested on, (rows, longest)."""
    generator = torch.Generator().manual_seed(parity.seed)
    return torch.randint(2, (parity.test_sequences, parity.longest), generator=generator)


def hidden_values(net: RecurrentNet, bits: Tensor) -> dict[str, list[Any]]:
    """One sequence, its labels, and each hidden value after every step."""
    sequence = bits.unsqueeze(0)
    with torch.no_grad():
        values = net.hidden(sequence)[0].T.tolist()
    return {"bits": bits.tolist(), "parity": running_parity(sequence)[0].tolist(), "values": values}


def hidden_states(learnt: Mapping[str, Sequence[dict[str, Any]]]) -> dict[str, Any]:
    """Of each unit the hidden values of the first seed that learnt all; taken out of the runs."""
    found: dict[str, Any] = {}
    for name, runs in learnt.items():
        for run in runs:
            values = run.pop("hidden", None)
            if values and run["solved"]:
                found.setdefault(name, values)
    return found


def by_length(learnt: Mapping[str, Sequence[dict[str, Any]]]) -> Iterator[dict[str, float]]:
    """For each number of bits the share of sequences that each unit has right, the mean over its seeds."""
    curves = {
        name: [sum(shares) / len(runs) for shares in zip(*(run["by_length"] for run in runs), strict=True)]
        for name, runs in learnt.items()
        if name not in FEEDFORWARD
    }
    for bits, shares in enumerate(zip(*curves.values(), strict=True), start=1):
        yield {"bits": bits, **dict(zip(curves, shares, strict=True))}


def describe(name: str, runs: Sequence[Mapping[str, Any]], parity: Parity) -> str:
    """A net's outcome in a line."""
    solved = sum(run["solved"] for run in runs)
    line = f"{name}: {solved} of {len(runs)} seeds have all {2**parity.bits:,} sequences right"
    if name in FEEDFORWARD:
        return f"{line}, {min(run['whole'] for run in runs):.1%} at least"
    ends = [run["by_length"][-1] for run in runs]
    best, worst = f"{max(ends):.1%} at best", f"{min(ends):.1%} at worst"
    return f"{line}, {first_tries(runs)} at the first try; at {parity.longest} bits {best}, {worst}"


def first_tries(runs: Sequence[Mapping[str, Any]]) -> int:
    """How many seeds needed no second try."""
    return sum(run["solved"] and run["tries"] == 1 for run in runs)


def figures(
    parity: Parity,
    nets: Mapping[str, Mapping[str, Any]],
    seconds: Mapping[str, Sequence[float]],
    smallest_net: Mapping[str, Any] | None,
) -> Metrics:
    """The flat numbers for `dvc metrics`."""
    every_run = [run for net in nets.values() for run in net["runs"]]
    found: Metrics = {
        "sequences": 2**parity.bits,
        "trained": len(every_run),
        "solved": sum(run["solved"] for run in every_run),
    }
    for name, net in nets.items():
        runs = net["runs"]
        found[f"{name}_solved"] = sum(run["solved"] for run in runs)
        found[f"{name}_worst_accuracy"] = min(run["whole"] for run in runs)
        found[f"{name}_held_out_accuracy"] = net["held_out"]["held_out"]
        if name not in FEEDFORWARD:
            found[f"{name}_solved_at_first"] = first_tries(runs)
            found[f"{name}_most_tries"] = max(run["tries"] for run in runs)
            found[f"{name}_longest_best"] = max(run["by_length"][-1] for run in runs)
        found[f"{name}_seconds_a_seed"] = round(max(seconds[name]), 3)
    if smallest_net:
        found["smallest_feedforward_units"] = smallest_net["hidden_units"]
        found["smallest_feedforward_parameters"] = smallest_net["parameters"]
    return found


if __name__ == "__main__":
    main()
