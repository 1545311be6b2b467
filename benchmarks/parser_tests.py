"""MediaWiki's parser tests: each stripper's text of the wikitext, compared with the text of the expected HTML.

`python -m benchmarks.parser_tests [DIR] [--show CONSTRUCT]` prints a table by construct. DIR holds MediaWiki's
`*arserTests.txt` files; the shared data's is the default.

A test is about prose if it shows at least one letter of prose (see `benchmarks.expected`), is not disabled, is
rendered as a page (and not saved, commented, or serialized from HTML), and depends on no configuration, extension or
HTML of its own. The templates that the files define are given to this project, as a dump would give them. Tests with
templates and functions have a row after "all" and do not count there: many of them show dates, versions or a template
alone on its line, which this project leaves out.
"""

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import mwparserfromhell
from gensim.corpora.wikicorpus import filter_wiki

from benchmarks.expected import Segment, agrees, segments
from benchmarks.wikitext import SHARED
from pipeline.dumps.definitions import template_name
from pipeline.wikitext import Site, strip_page
from pipeline.wikitext.templates.definitions import Tree, definition

FILES = SHARED / "data/parsertests"

# The expected HTML: of today's PHP parser with tidying, or else older and other renderings.
RENDERINGS = ("html/php+tidy", "html+tidy", "html/php", "html", "html/*", "html/parsoid")
SECTION = re.compile(r"^!!\s*([a-z/+*]+)[^\S\n]*$", re.IGNORECASE | re.MULTILINE)
# Options of tests that do not show a page's text, or need its title, other pages or raw HTML.
OTHER = re.compile(
    r"\b(?:disabled|pst|msg|comment|preload|cat|ill|extlinks|templates|links|special|section|replace|showtitle"
    r"|showindicators|showtocdata|showmedia|property|title|subpage|notoc|wgRawHtml|changes|local)\b",
    re.IGNORECASE,
)
# Features that only the test runner adds to a wiki; converters between scripts.
RUNNERS = re.compile(
    r"<(?:aside|div|pwrap|seal|span|static|t[aå])?(?:tag|test)\b|<(?:tåg|langconvert)\b", re.IGNORECASE
)
TRANSLITERATES = re.compile(r"variant=(?!zh)|language=(?:crh|iu|shi|en-x-piglatin)")
ARTICLE = re.compile(r"(?ims)^!!\s*article\s*\n(.*?)\n!!\s*text\s*\n(.*?)\n!!\s*endarticle")
TITLE = "Parser test"  # of the page, where a test names none
REDIRECT = re.compile(r"\s*#redirect\b", re.IGNORECASE)
LANGUAGE = re.compile(r"\b(language|variant)=\W*([a-z-]+)")


class Test(NamedTuple):
    """A test about prose: a reader of `wikitext` sees `expected`."""

    name: str
    wikitext: str
    language: str
    expected: list[Segment]
    folder: Path  # of the file, whose templates it may use

    @property
    def construct(self) -> str:
        """The construct that the test is about: the first that its wikitext holds."""
        return next(name for name, pattern in CONSTRUCTS.items() if pattern.search(self.wikitext))


TEMPLATES = "templates and functions"
# In the order in which they are looked for.
CONSTRUCTS = {
    name: re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for name, pattern in {
        TEMPLATES: r"\{\{",
        "references": r"</?ref",
        "poems": "<poem",
        "language variants": r"-\{",
        "nowiki": "</?nowiki",
        "preformatted text": r"</?pre|<source|<syntaxhighlight|^ +[^\s{|]",
        "tables": r"^[ :]*\{\||</?t(?:able|[dhr])\b",
        "images": r"\[\[:?\s*(?:file|image|datei|media):|<gallery",
        "magic words": r"__\w+?__|\b(?:ISBN|RFC|PMID)\b",
        "external links": r"//|mailto:",
        "wikilinks": r"\[\[|\]\]",
        "headings": r"^=|<h\d",
        "lists": r"^[*#:;]|<[uod]l|<li",
        "comments": "<!--",
        "tags": r"<[/a-z]",
        "quotes": "''",
        "entities": r"&#?\w+;",
        "paragraphs and other text": "",
    }.items()
}


def files(folder: Path) -> list[Path]:
    """Return the parser test files of a folder."""
    return sorted(folder.glob("*arserTests.txt"))


def articles(folder: Path) -> dict[str, str]:
    """Return the pages that the files of a folder define, by title."""
    return {title: text for path in files(folder) for title, text in ARTICLE.findall(path.read_text(encoding="utf-8"))}


@cache
def lookup(folder: Path) -> Callable[[str], Tree | None]:
    """Return a function that looks up the templates that the files of a folder define."""
    pages = {title.partition(":")[2]: text for title, text in articles(folder).items() if title.startswith("Template:")}
    definitions = {template_name(name): definition(text) for name, text in pages.items()}
    return lambda name: definitions.get(template_name(name))


def tests(folder: Path) -> Iterator[Test]:
    """Yield the tests about prose of every parser test file of a folder."""
    for path in files(folder):
        for block in re.split(r"(?im)^!!\s*test[^\S\n]*$\n?", path.read_text(encoding="utf-8"))[1:]:
            test = _test(re.split(r"(?im)^!!\s*end[^\S\n]*$", block)[0], folder)
            if test:
                yield test


def _test(block: str, folder: Path) -> Test | None:
    """Return the test between two markers, or None if it is not about prose."""
    name, *rest = SECTION.split(block)
    sections: dict[str, str] = {kind.lower(): body for kind, body in zip(rest[0::2], rest[1::2], strict=True)}
    sections = {kind: body.removeprefix("\n").removesuffix("\n") for kind, body in sections.items()}
    wikitext, options = sections.get("wikitext", sections.get("input", "")), sections.get("options", "")
    rendering = next((kind for kind in RENDERINGS if kind in sections), None)
    if rendering is None or OTHER.search(options) or RUNNERS.search(wikitext):
        return None
    if REDIRECT.match(wikitext) or TRANSLITERATES.search(options) or "wgRawHtml" in sections.get("config", ""):
        return None
    if rendering == "html/parsoid" and "parsoid=" in options and not re.search("wt2html|html2wt", options):
        return None
    expected = segments(sections[rendering])
    if not any(any(map(str.isalpha, segment.text)) for segment in expected if not segment.optional):
        return None
    named: dict[str, str] = dict(LANGUAGE.findall(options))
    return Test(name.strip(), wikitext, named.get("variant") or named.get("language") or "en", expected, folder)


def ours(test: Test) -> str:
    """Return this project's text, with list items."""
    site = Site(f"{test.language}wiki", test.language)
    return strip_page(test.wikitext, site, lists=True, title=TITLE, lookup=lookup(test.folder)).text


OURS = "this project"
TOOLS: dict[str, Callable[[Test], str]] = {
    OURS: ours,
    "mwparserfromhell strip_code": lambda test: str(mwparserfromhell.parse(test.wikitext).strip_code()),
    "gensim filter_wiki": lambda test: str(filter_wiki(test.wikitext)),
}


class Score(NamedTuple):
    """The number of tests in which a tool's text is the text that a reader sees."""

    right: int
    tests: int

    @property
    def percent(self) -> float:
        return 100 * self.right / self.tests


def scores(folder: Path, tools: Iterable[str] = tuple(TOOLS)) -> dict[str, dict[str, Score]]:
    """Return the scores by construct, then of "all", then of tests with templates; and by tool."""
    right: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for test in tests(folder):
        for tool in tools:
            agreed = agrees(TOOLS[tool](test), test.expected)
            for construct in (test.construct, *(["all"] if test.construct != TEMPLATES else [])):
                right[construct][tool].append(agreed)
    ordered = sorted(right, key=[*CONSTRUCTS, "all", TEMPLATES][1:].index)
    return {
        construct: {tool: Score(sum(found), len(found)) for tool, found in right[construct].items()}
        for construct in ordered
    }


def main() -> None:
    """Print the table, or the tests of a construct that this project's text fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="DIR", nargs="?", type=Path, default=FILES)
    parser.add_argument("--show", metavar="CONSTRUCT", help='print the failing tests of a construct, or of "all"')
    given = parser.parse_args()
    if given.show:
        _show(given.folder, given.show)
        return
    print(f"{'construct':<28} {'tests':>5}  {'  '.join(f'{tool:>27}' for tool in TOOLS)}")
    for construct, row in scores(given.folder).items():
        count = next(iter(row.values())).tests
        print(f"{construct:<28} {count:>5}  {'  '.join(f'{score.percent:>27.1f}' for score in row.values())}")


def _show(folder: Path, construct: str) -> None:
    """Print the tests of a construct that this project's text fails, and which peers agree."""
    for test in tests(folder):
        texts = {tool: strip(test) for tool, strip in TOOLS.items()}
        ours, *_ = texts.values()
        if construct not in (test.construct, "all") or agrees(ours, test.expected):
            continue
        print(f"--- {test.name} [{test.construct}, {test.language}]\n{test.wikitext}")
        print(f"  expected: {json.dumps([str(segment) for segment in test.expected], ensure_ascii=False)}")
        for tool, text in texts.items():
            differs = "" if agrees(text, test.expected) else " (differs)"
            print(f"  {tool}{differs}: {json.dumps(text, ensure_ascii=False)}")


if __name__ == "__main__":
    main()
