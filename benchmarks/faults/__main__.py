"""Break the pipeline on purpose: `python -m benchmarks.faults [NAME ...] [--tries N]`; without a name, in every way.

Prints a line for each try and, at the end, how many held. Exit code 1 if one did not.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.faults import kills, room
from benchmarks.faults.report import Tried

HARNESSES: dict[str, Callable[[Path, int, int], Tried]] = {"kills": kills.run, "room": room.run}


def main() -> None:
    """Run the harnesses that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(HARNESSES)}")
    parser.add_argument("--tries", type=int, default=200, help="of each (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of what is drawn (default %(default)s)")
    parser.add_argument("--scratch", type=Path, default=Path("/tmp/wikilm-faults"), help="where projects are made")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(HARNESSES):
        parser.error(f"no such harness: {', '.join(sorted(unknown))}")
    done = [
        run(arguments.scratch, arguments.tries, arguments.seed)
        for name, run in HARNESSES.items()
        if name in (arguments.names or HARNESSES)
    ]
    for tried in done:
        print(tried.summary())
    sys.exit(any(tried.broken for tried in done))


if __name__ == "__main__":
    main()
