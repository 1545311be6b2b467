"""What the parity experiment found: its report, its table, its figures."""

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from pipeline.experiments.parity.settings import Parity
from pipeline.experiments.parity.tasks import FEEDFORWARD, Run, hidden_sizes
from pipeline.run.console import Metrics

Found = Mapping[str, Sequence[dict[str, int] | None]]  # by net, the size that each number of bits needs


def summarize(
    parity: Parity, runs: Mapping[str, Sequence[Run]], held_out: Mapping[str, Any], needed: Found
) -> dict[str, Any]:
    """Return the report on the results of all tasks, by net."""
    return {
        **parity.model_dump(include={"bits", "longest", "test_sequences", "held_out"}),
        "sequences": 2**parity.bits,
        "tries": parity.recurrent.tries,
        "nets": {
            net: {
                "hidden_sizes": hidden_sizes(parity, net),
                "held_out": held_out[net],
                "runs": [run.figures for run in own],
            }
            for net, own in runs.items()
        },
        "hidden_states": hidden_states(runs),
        "needed": {
            **parity.needed.model_dump(exclude={"units"}),
            "layers": {net: len(hidden_sizes(parity, net)) for net in needed},
            "nets": needed,
            "smallest": smallest_feedforward(needed),
        },
    }


def hidden_states(runs: Mapping[str, Sequence[Run]]) -> dict[str, Any]:
    """Return the hidden values of each unit's first seed that learnt all sequences."""
    solved = {net: [run.hidden for run in own if run.hidden and run.figures["solved"]] for net, own in runs.items()}
    return {net: hidden[0] for net, hidden in solved.items() if hidden}


def smallest_feedforward(needed: Found) -> dict[str, Any] | None:
    """Return the feedforward net with the fewest parameters that learns the most bits, or None if none does."""
    found: list[dict[str, Any]] = [{"net": net, **size} for net in FEEDFORWARD if (size := needed[net][-1])]
    return min(found, key=itemgetter("parameters"), default=None)


def by_length(nets: Mapping[str, Any]) -> Iterator[dict[str, float]]:
    """Yield, for each number of bits, each recurrent net's accuracy on sequences that long, averaged over its seeds."""
    curves = {
        name: [sum(shares) / len(runs) for shares in zip(*(run["by_length"] for run in runs), strict=True)]
        for name, net in nets.items()
        if "by_length" in (runs := net["runs"])[0]
    }
    for bits, shares in enumerate(zip(*curves.values(), strict=True), start=1):
        yield {"bits": bits, **dict(zip(curves, shares, strict=True))}


def net_figures(net: Mapping[str, Any]) -> Metrics:
    """Return the figures of one net of the report."""
    runs = net["runs"]
    figures: Metrics = {
        "solved": sum(run["solved"] for run in runs),
        "worst_accuracy": min(run["whole"] for run in runs),
        "held_out_accuracy": net["held_out"]["held_out"],
    }
    if longest := [run["by_length"][-1] for run in runs if "by_length" in run]:
        figures["solved_at_first"] = sum(run["solved"] and run["tries"] == 1 for run in runs)
        figures["most_tries"] = max(run["tries"] for run in runs)
        figures["longest_best"] = max(longest)
    return figures


def describe(report: Mapping[str, Any], name: str) -> str:
    """Return the outcome of a net in one line."""
    net, figures = report["nets"][name], net_figures(report["nets"][name])
    line = f"{name}: {figures['solved']} of {len(net['runs'])} seeds have all {report['sequences']:,} sequences right"
    if "longest_best" not in figures:
        return f"{line}, {figures['worst_accuracy']:.1%} at least"
    worst = min(run["by_length"][-1] for run in net["runs"])
    return (
        f"{line}, {figures['solved_at_first']} at the first try; at {report['longest']} bits "
        f"{figures['longest_best']:.1%} at best, {worst:.1%} at worst"
    )


def all_figures(report: Mapping[str, Any], runs: Mapping[str, Sequence[Run]]) -> Metrics:
    """Return the stage's metrics."""
    nets = {name: net_figures(net) for name, net in report["nets"].items()}
    figures: Metrics = {
        "sequences": report["sequences"],
        "trained": sum(map(len, runs.values())),
        "solved": sum(net["solved"] for net in nets.values()),
    }
    for name, net in nets.items():
        figures |= {f"{name}_{figure}": value for figure, value in net.items()}
        figures[f"{name}_seconds_a_seed"] = round(max(run.seconds for run in runs[name]), 3)
    if smallest := report["needed"]["smallest"]:
        figures["smallest_feedforward_units"] = smallest["hidden_units"]
        figures["smallest_feedforward_parameters"] = smallest["parameters"]
    return figures
