"""Count the seeds from which each recurrent unit learns parity: exactly, and exactly at ten times the length.

    python -m benchmarks.parity [--seeds 40] [--first 2001] [--longest 120]

The settings are those of params.yaml but for the seeds. A net is exact at a length if the last labels of all random
test sequences of that length are right. A net whose search fails starts anew from other weights; the table says how
many seeds did, at least once.
"""

import time

from benchmarks.measure import parser_of, record
from pipeline.experiments.parity.nets import RECURRENT_NETS
from pipeline.experiments.parity.tasks import SIDE_BY_SIDE, Task, learnt_by, train
from pipeline.page.parity import LINEAR
from pipeline.settings.experiment_sections import Parity
from pipeline.settings.params import load_params


def main() -> None:
    """Print a row for each unit."""
    parser = parser_of(__doc__)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--first", type=int, default=2001, help="the first seed")
    parser.add_argument("--longest", type=int, default=120, help="bits of the long test sequences")
    arguments = parser.parse_args()
    parity = (load_params().parity or Parity()).model_copy(update={"longest": arguments.longest})
    seeds = range(arguments.first, arguments.first + arguments.seeds)
    exact = f"exact at {parity.longest:,} bits | worst"
    print(f"| unit | started anew | all {2**parity.bits:,} right | {exact} | CPU s a seed |\n|{'---|' * 6}")
    learnt = []
    for unit in RECURRENT_NETS:
        start = time.process_time()
        groups = (seeds[first : first + SIDE_BY_SIDE] for first in range(0, len(seeds), SIDE_BY_SIDE))
        found = learnt_by([own for group in groups for own in train(parity, Task(unit, group))])
        seconds = (time.process_time() - start) / len(seeds)
        if unit not in LINEAR:  # which cannot
            learnt.append(min(found["solved"], found["longest_exact"]))
        counts = [f"{found[name]} of {len(seeds)}" for name in ("restarted", "solved", "longest_exact")]
        print(f"| {unit} | {' | '.join(counts)} | {found['longest_worst']:.1%} | {seconds:.1f} |", flush=True)
    record(arguments, {"parity.fewest": min(learnt)})


if __name__ == "__main__":
    main()
