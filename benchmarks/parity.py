"""Count the seeds from which each recurrent unit learns parity: exactly, at any length, and from half of the sequences.

    python -m benchmarks.parity [--seeds 40] [--first 1001] [--units elman gru]

The settings are those of params.yaml but for the seeds. A net is exact at a length if the labels of all random test
sequences of that length are right.
"""

import argparse
import time

from pipeline.experiments.parity.settings import Parity
from pipeline.experiments.parity.tasks import groups, hold_out, train_on_all
from pipeline.settings import load_params

LENGTHS = (120, 1000)


def main() -> None:
    """Print a row for each unit."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parity", description=__doc__)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--first", type=int, default=1001, help="the first seed")
    parser.add_argument("--units", nargs="+", help="default: those of params.yaml")
    arguments = parser.parse_args()
    parity = (load_params().parity or Parity()).model_copy(update={"longest": max(LENGTHS)})
    seeds = range(arguments.first, arguments.first + arguments.seeds)
    exact = " | ".join(f"exact at {length:,} bits | worst" for length in LENGTHS)
    print(f"| unit | all {2**parity.bits:,} right | {exact} | exact on the held-out half | worst | CPU s a seed |")
    print("|" + "---|" * (5 + 2 * len(LENGTHS)))
    for unit in arguments.units or parity.recurrent.units:
        print(f"| {unit} | {' | '.join(measure(parity, unit, seeds))} |", flush=True)


def measure(parity: Parity, unit: str, seeds: range) -> list[str]:
    """Return the cells of a unit's row."""
    start = time.process_time()
    runs = [run.figures for group in groups(seeds, unit) for run in train_on_all(parity, unit, group)]
    held_out = [found["held_out"] for group in groups(seeds, unit) for found in hold_out(parity, unit, group)]
    seconds = (time.process_time() - start) / len(seeds)
    columns = [[run["by_length"][length - 1] for run in runs] for length in LENGTHS]
    cells = [f"{sum(run['solved'] for run in runs)} of {len(runs)}"]
    for column in (*columns, held_out):
        cells += [f"{column.count(1)} of {len(column)}", f"{min(column):.1%}"]
    return [*cells, f"{seconds:.1f}"]


if __name__ == "__main__":
    main()
