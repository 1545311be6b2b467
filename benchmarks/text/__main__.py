"""Prose from markup, and its sentences, compared with peers.

`python -m benchmarks.text [NAME ...]` prints the tables of `markup` (speed, precision and recall of markup strippers),
of `parser_tests` (MediaWiki's) and of `sentences` (F1 on treebanks); of all without a name. WIKILM_SHARED names the
folder of their data, ../shared by default.
"""

import argparse

from benchmarks.measure import HEADER, RUNS
from benchmarks.text import markup, parser_tests, sentences

TABLES = ("markup", "parser_tests", "sentences")


def main() -> None:
    """Print the tables that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[*TABLES, "all"], default="all")
    parser.add_argument("--runs", type=int, default=RUNS, help="timed runs of each peer (default %(default)s)")
    parser.add_argument("--show", metavar="CONSTRUCT", help='print the parser tests that differ of one, or of "all"')
    given = parser.parse_args()
    names = TABLES if "all" in given.names else given.names
    if "markup" in names:
        print(HEADER, *markup.rows(given.runs), sep="\n")
    if "parser_tests" in names:
        parser_tests.print_table(given.show)
    if "sentences" in names:
        sentences.print_table(given.runs)


if __name__ == "__main__":
    main()
