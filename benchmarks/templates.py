"""Templates inside sentences, by wiki: how many are shown, by what, and how many with words are dropped.

`python -m benchmarks.templates [DIR]` prints the table for the dumps in DIR (the shared ones by default) and the names
that are dropped. A dump called `fr-wiki...` is read as French, whatever language it states. `--names HOW` lists the
names that are read in a way, such as by_guess.
"""

import argparse
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.wikitext import SHARED
from pipeline.dumps.definitions import Definitions, write_definitions
from pipeline.dumps.dump import Piece, pages, whole
from pipeline.extract import reason_to_drop
from pipeline.templates import definitions_of
from pipeline.wikitext import strip_page
from pipeline.wikitext.templates.reading import How

LANGUAGE = re.compile(r"([a-z]{2,3})-?wiki")
MOST = 12  # names a line


def wikis(directory: Path) -> Iterator[Piece]:
    """Yield the dumps in a folder whose articles are wikitext, in the language of their names."""
    for path in sorted(directory.rglob("*.xml*")):
        if "index" not in path.name and "plain" not in path.name and (language := LANGUAGE.match(path.name)):
            dump = whole(path)
            yield replace(dump, site=replace(dump.site, language=language[1]))


def uses(dump: Piece, folder: Path) -> tuple[int, Counter[tuple[How, str]]]:
    """Return the number of a dump's definitions, and its templates in sentences by how they are read and by name."""
    database = folder / f"{dump.path.name}.db"
    count = write_definitions(database, definitions_of(dump))
    definitions = Definitions(database, dump.site.language)
    found: Counter[tuple[How, str]] = Counter()
    for page in pages(dump):
        if not reason_to_drop(page):
            found += strip_page(page.text, dump.site, title=page.title, lookup=definitions).templates
    return count, found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path, nargs="?", default=SHARED / "data/dumps")
    parser.add_argument("--names", type=How, default=How.DROPPED, help="list the names that were read so")
    arguments = parser.parse_args()
    print(
        f"{'wiki':<8}{'definitions':>12}{'met':>7}",
        *(f"{how.value:>14}" for how in How),
        f"{'dropped, of those with words':>30}",
    )
    with tempfile.TemporaryDirectory() as folder:
        for dump in wikis(arguments.directory):
            count, found = uses(dump, Path(folder))
            by_how = Counter({how: sum(n for (h, _), n in found.items() if h is how) for how in How})
            with_words = found.total() - by_how[How.NO_WORDS]
            share = f"{by_how[How.DROPPED] / with_words:.1%}" if with_words else "-"
            print(
                f"{dump.site.language:<8}{count:>12,}{found.total():>7,}",
                *(f"{by_how[how]:>14,}" for how in How),
                f"{share:>30}",
            )
            names = [f"{name} ({n})" for (how, name), n in found.most_common() if how is arguments.names]
            if names:
                print(f"        {arguments.names.value}: {', '.join(names[:MOST])}")


if __name__ == "__main__":
    main()
