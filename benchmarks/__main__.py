"""Print the tables of `make bench`: markup strippers, recurrent units, stages; `--record` records their ratios."""

from benchmarks import stages, units
from benchmarks.measure import parser_of, print_rows, record
from benchmarks.text import markup


def main() -> None:
    """Run every comparison."""
    record(parser_of(__doc__).parse_args(), print_rows([*markup.rows(), *units.rows(), *stages.rows()]))


if __name__ == "__main__":
    main()
