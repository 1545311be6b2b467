"""Break the pipeline on purpose: `python -m benchmarks.faults [NAME ...]`; without a name, in every way.

`kills` and `disk` make a small run of the built-in dump once, in `--scratch`, and disturb its stages: they are killed
at random moments, or their disk is full. `fuzz` gives random texts to all readers, and `bombs` dumps that would fill
the memory. Prints a line for each try. The exit code is 1 if one does not hold.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from benchmarks.faults.bombs import bombs
from benchmarks.faults.fuzz import fuzz
from benchmarks.faults.kills import Run, full_disks, kills

FAULTS: dict[str, Callable[[argparse.Namespace], Iterator[tuple[str, list[str]]]]] = {
    "kills": lambda given: islice(kills(Run(given.scratch), given.seed), given.tries),
    "disk": lambda given: islice(full_disks(Run(given.scratch), given.seed), given.tries),
    "fuzz": lambda given: fuzz(given.minutes, given.seed),
    "bombs": lambda given: bombs(given.megabytes),
}


def main() -> None:
    """Try the faults that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[*FAULTS, "all"], default="all")
    parser.add_argument("--tries", type=int, default=100, help="of kills and of full disks (default %(default)s)")
    parser.add_argument("--minutes", type=float, default=5, help="of fuzzing for each reader (default %(default)s)")
    parser.add_argument("--megabytes", type=int, default=1000, help="of XML in a bomb (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of what is drawn (default %(default)s)")
    parser.add_argument("--scratch", type=Path, default=Path("/tmp/wikilm-faults"), help="(default %(default)s)")
    given = parser.parse_args()
    told, broken = [], False
    for name in FAULTS if "all" in given.names else given.names:
        tried = held = 0
        for what, wrong in FAULTS[name](given):
            tried, held = tried + 1, held + (not wrong)
            print(f"{name} {tried}: {what}: {'; '.join(wrong) or 'held'}", flush=True)
        told.append(f"{name}: {tried} tried, {held} held")
        broken |= held < tried
    print(*told, sep="\n")
    sys.exit(broken)


if __name__ == "__main__":
    main()
