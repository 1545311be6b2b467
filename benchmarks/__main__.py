"""Print the tables of `make bench` and write benchmarks/latest.json."""

import tempfile
from dataclasses import asdict
from pathlib import Path

from benchmarks import stages, units, wikitext
from pipeline.run.outputs import write_json


def main() -> None:
    """Run every comparison."""
    with tempfile.TemporaryDirectory() as data:
        rows = [*wikitext.rows(), *units.rows(), *stages.rows(Path(data))]
    print(f"{'what':<28} {'ours':>12} {'peer':>12} {'ratio':>7}  {'unit':<12} peer")
    for row in rows:
        print(f"{row.name:<28} {row.ours:>12,.1f} {row.peer:>12,.1f} {row.ratio:>7.2f}  {row.unit:<12} {row.peer_name}")
    write_json(Path(__file__).parent / "latest.json", [asdict(row) for row in rows])


if __name__ == "__main__":
    main()
