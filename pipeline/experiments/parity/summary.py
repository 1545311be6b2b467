"""What the parity experiment found: its report, its table, its metrics."""

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from pipeline.experiments.parity.tasks import FEEDFORWARD, Run, hidden_sizes
from pipeline.run.console import Metrics, percent_learnt
from pipeline.settings.experiment_sections import Parity

Found = Mapping[str, Sequence[dict[str, int] | None]]  # by net, the size that each number of bits needs


def summarize(
    parity: Parity, runs: Mapping[str, Sequence[Run]], held_out: Mapping[str, Any], needed: Found
) -> dict[str, Any]:
    """Return the report on the results of all tasks, by net."""
    figures = {net: [run.figures for run in own] for net, own in runs.items()}
    return {
        **parity.model_dump(include={"bits", "longest", "test_sequences", "held_out"}),
        "sequences": 2**parity.bits,
        "nets": {
            net: {
                "hidden_sizes": hidden_sizes(parity, net),
                "figures": net_figures(own, held_out[net]),
                "held_out": held_out[net],
                "runs": own,
            }
            for net, own in figures.items()
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


def by_length(nets: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each recurrent net's accuracy on sequences of each length, averaged over its seeds."""
    for name, net in nets.items():
        if "by_length" in (runs := net["runs"])[0]:
            for bits, shares in enumerate(zip(*(run["by_length"] for run in runs), strict=True), start=1):
                yield {"model": name, "bits": bits, "share_right": sum(shares) / len(runs)}


def net_figures(runs: Sequence[Mapping[str, Any]], tested: Sequence[Mapping[str, Any]]) -> Metrics:
    """Return the metrics of one net, from its runs on all sequences and those `tested` on sequences held out."""
    held_out = [run["held_out"] for run in tested]
    figures: Metrics = {
        "parameters": runs[0]["parameters"],
        "solved": sum(run["solved"] for run in runs),
        "worst_accuracy": min(run["whole"] for run in runs),
        "held_out_accuracy": sum(held_out) / len(held_out),
        "held_out_worst": min(held_out),
    }
    if longest := [run["by_length"][-1] for run in runs if "by_length" in run]:
        figures |= {
            "longest_exact": longest.count(1),
            "longest_best": max(longest),
            "longest_worst": min(longest),
            "long_runs_worst": min(run["runs_by_length"][-1] for run in runs),
            "restarted": sum(run["restarts"] > 0 for run in runs),
        }
    return figures


def describe(report: Mapping[str, Any], name: str) -> str:
    """Return the outcome of a net in one line."""
    seeds, figures = len(report["nets"][name]["runs"]), report["nets"][name]["figures"]
    line = f"{name}: {figures['solved']} of {seeds} seeds have all {report['sequences']:,} sequences right"
    if "longest_best" not in figures:
        return f"{line}, {percent_learnt(figures['worst_accuracy'], 2)} at least"
    return (
        f"{line}; at {report['longest']} bits {figures['longest_exact']} of {seeds}, "
        f"{percent_learnt(figures['longest_worst'], 1)} at worst"
    )
