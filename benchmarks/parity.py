"""Count the seeds from which each recurrent unit learns parity: exactly, at any length, and from half of the sequences.

    python -m benchmarks.parity [--seeds 40] [--first 2001] [--units elman gru] [--held-out]

The settings are those of params.yaml but for the seeds. A net is exact at a length if the labels of all random test
sequences of that length are right. In sequences of long runs the bits stay the same for 50 steps on average. A net
whose search fails starts anew from other weights; the table says how many seeds did, at least once.
"""

import argparse
import time
from statistics import median

from pipeline.experiments.parity.tasks import groups, hold_out, train_on_all
from pipeline.settings import load_params
from pipeline.settings.experiment_sections import Parity

LENGTHS = (120, 1000)
KINDS = {"by_length": "", "runs_by_length": " in long runs"}


def main() -> None:
    """Print a row for each unit."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parity", description=__doc__)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--first", type=int, default=2001, help="the first seed")
    parser.add_argument("--units", nargs="+", help="default: those of params.yaml")
    parser.add_argument("--held-out", action="store_true", help="also learn half of the sequences, test on the others")
    arguments = parser.parse_args()
    parity = (load_params().parity or Parity()).model_copy(update={"longest": max(LENGTHS)})
    seeds = range(arguments.first, arguments.first + arguments.seeds)
    tests = [f"exact at {length:,} bits{kind}" for kind in KINDS.values() for length in LENGTHS]
    tests += ["exact on the held-out half"] * arguments.held_out
    header = [
        "unit",
        "started anew",
        "updates, median and most",
        f"all {2**parity.bits:,} right",
        *(f"{test} | worst" for test in tests),
        "CPU s a seed",
    ]
    print(f"| {' | '.join(header)} |\n|{'---|' * (5 + 2 * len(tests))}")
    for unit in arguments.units or parity.recurrent.units:
        print(f"| {unit} | {' | '.join(measure(parity, unit, seeds, arguments.held_out))} |", flush=True)


def measure(parity: Parity, unit: str, seeds: range, held_out: bool) -> list[str]:
    """Return the cells of a unit's row."""
    start = time.process_time()
    runs = [run.figures for group in groups(seeds, unit) for run in train_on_all(parity, unit, group)]
    columns = [[run[kind][length - 1] for run in runs] for kind in KINDS for length in LENGTHS]
    if held_out:
        columns += [[own["held_out"] for group in groups(seeds, unit) for own in hold_out(parity, unit, group)]]
    seconds = (time.process_time() - start) / len(seeds)
    updates = [run["updates"] for run in runs]
    cells = [f"{sum(run['restarts'] > 0 for run in runs)}", f"{median(updates):.0f}, {max(updates):,}"]
    cells += [f"{sum(run['solved'] for run in runs)} of {len(runs)}"]
    for column in columns:
        cells += [f"{column.count(1)} of {len(column)}", f"{min(column):.1%}"]
    return [*cells, f"{seconds:.1f}"]


if __name__ == "__main__":
    main()
