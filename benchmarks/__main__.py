"""Print the tables of `make bench` and write benchmarks/latest.json."""

import tempfile
from pathlib import Path

from benchmarks import stages, units, wikitext
from benchmarks.measure import print_table, write_rows


def main() -> None:
    """Run every comparison."""
    with tempfile.TemporaryDirectory() as data:
        rows = [*wikitext.rows(), *units.rows(), *stages.rows(Path(data))]
    print_table(rows)
    write_rows(Path(__file__).parent / "latest.json", rows)


if __name__ == "__main__":
    main()
