"""Prose from markup, and its sentences, compared with peers.

`python -m benchmarks.text [NAME ...]` prints the tables of `markup` (speed, precision and recall of markup strippers),
of `parser_tests` (MediaWiki's) and of `sentences` (F1 on treebanks); of all without a name. WIKILM_SHARED names the
folder of their data, ../shared by default.
"""

from benchmarks.measure import RUNS, parser_of, print_rows, record
from benchmarks.text import markup, parser_tests, sentences

TABLES = ("markup", "parser_tests", "sentences")


def main() -> None:
    """Print the tables that the command line names."""
    parser = parser_of(__doc__)
    parser.add_argument("names", nargs="*", choices=[*TABLES, "all"], default="all")
    parser.add_argument("--runs", type=int, default=RUNS, help="timed runs of each peer (default %(default)s)")
    given = parser.parse_args()
    names = TABLES if "all" in given.names else given.names
    found = print_rows([*markup.rows(given.runs)]) if "markup" in names else {}
    if "parser_tests" in names:
        found |= parser_tests.print_table()
    if "sentences" in names:
        found |= sentences.print_table(given.runs)
    record(given, found)


if __name__ == "__main__":
    main()
