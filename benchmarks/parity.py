"""Count the seeds from which each recurrent unit learns parity, and is exact at lengths that it was not trained on.

`python -m benchmarks.parity [--seeds 40] [--first 2001] [--units elman gru]` prints a row for each unit, with the
settings of params.yaml but for the seeds. A net is exact at a length if the labels of all random test sequences of that
length are right. A net whose search fails starts anew from other weights; the table says how many seeds did.
"""

import argparse
import time
from statistics import median

from pipeline.experiments.parity.tasks import groups, train_on_all
from pipeline.settings import load_params
from pipeline.settings.experiment_sections import Parity

LENGTHS = (120, 1000)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--first", type=int, default=2001, help="the first seed")
    parser.add_argument("--units", nargs="+", help="default: those of params.yaml")
    arguments = parser.parse_args()
    parity = (load_params().parity or Parity()).model_copy(update={"longest": max(LENGTHS)})
    tests = [f"all {2**parity.bits:,} right", *(f"exact at {length:,} bits" for length in LENGTHS)]
    header = ["unit", "started anew", "updates, median and most", *tests, "CPU s a seed"]
    print(f"| {' | '.join(header)} |\n|{'---|' * len(header)}")
    for unit in arguments.units or parity.recurrent.units:
        cells = measure(parity, unit, range(arguments.first, arguments.first + arguments.seeds))
        print(f"| {unit} | {' | '.join(cells)} |", flush=True)


def measure(parity: Parity, unit: str, seeds: range) -> list[str]:
    """Return the cells of a unit's row."""
    start = time.process_time()
    runs = [run.figures for group in groups(seeds, unit) for run in train_on_all(parity, unit, group)]
    seconds = (time.process_time() - start) / len(seeds)
    updates = [run["updates"] for run in runs]
    exact = [[run["solved"] for run in runs]]
    exact += [[run["by_length"][length - 1] == 1 for run in runs] for length in LENGTHS]
    cells = [f"{sum(run['restarts'] > 0 for run in runs)}", f"{median(updates):.0f}, {max(updates):,}"]
    return [*cells, *(f"{sum(found)} of {len(found)}" for found in exact), f"{seconds:.1f}"]


if __name__ == "__main__":
    main()
