"""Break the pipeline on purpose: `python -m benchmarks.faults [NAME ...]`; without a name, in every way.

Prints a line for each try and, at the end, how many held. Exit code 1 if one did not, or if a harness could not run.
"""

import argparse
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from benchmarks.faults import kills, numbers, power, room, soak, stall, tamper, together
from benchmarks.faults.report import Tried
from pipeline.run.errors import UserError


def main() -> None:
    """Run the harnesses that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tries", type=int, default=200, help="of each kind of random fault (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of what is drawn (default %(default)s)")
    parser.add_argument("--minutes", type=float, default=30, help="of the soak (default %(default)s)")
    parser.add_argument("--pause", type=float, default=5, help="seconds of a training's pause (default %(default)s)")
    parser.add_argument("--scratch", type=Path, default=Path("/tmp/wikilm-faults"), help="where projects are made")
    parser.add_argument("names", nargs="*", metavar="NAME", help="such as kills; all by default")
    given = parser.parse_args()
    harnesses: dict[str, Callable[[], Tried]] = {
        "kills": lambda: kills.run(given.scratch, given.tries, given.seed),
        "room": lambda: room.run(given.scratch, given.tries, given.seed),
        "stall": lambda: stall.run(given.scratch, max(1, given.tries // 10), 20, given.seed),
        "power": lambda: power.run(given.scratch, given.tries, given.seed),
        "tamper": lambda: tamper.run(given.scratch, given.tries, given.seed),
        "numbers": lambda: numbers.run(given.scratch),
        "together": lambda: together.run(given.scratch, given.pause),
        "soak": lambda: soak.run(given.scratch, given.minutes),
    }
    if unknown := set(given.names) - set(harnesses):
        parser.error(f"no such harness: {', '.join(sorted(unknown))}")
    done = [outcome(name, run) for name, run in harnesses.items() if name in (given.names or harnesses)]
    for told, _ in done:
        print(told)
    sys.exit(not all(held for _, held in done))


def outcome(name: str, run: Callable[[], Tried]) -> tuple[str, bool]:
    """Run a harness, whose own error must not hide the others; return a line with its counts and whether all held."""
    try:
        tried = run()
    except UserError as error:
        return f"{name}: not tried: {error}", False
    except Exception as error:
        traceback.print_exc()
        return f"{name}: ended by {error!r}", False
    return tried.summary(), not tried.broken


if __name__ == "__main__":
    main()
