"""Print the table of `make bench` and write benchmarks/latest.json."""

from dataclasses import asdict
from pathlib import Path

from benchmarks import stages, units
from benchmarks.measure import HEADER
from benchmarks.text import markup
from pipeline.run.outputs import write_json


def main() -> None:
    """Run every comparison."""
    rows = [*markup.rows(), *units.rows(), *stages.rows()]
    print(HEADER, *rows, sep="\n")
    write_json(Path(__file__).parent / "latest.json", [asdict(row) for row in rows])


if __name__ == "__main__":
    main()
