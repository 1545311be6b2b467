"""MediaWiki's parser tests: each stripper's text of the wikitext, compared with the text of the expected HTML.

A test is about prose if it shows at least one letter of prose (see `benchmarks.text.expected`), is not disabled, is
rendered as a page (and not saved, commented, or serialized from HTML), and depends on no configuration, extension or
HTML of its own. The templates that the files define are given to this project, as a dump would give them. Tests with
templates and functions have a row after "all" and do not count there: many of them show dates, versions or a template
alone on its line, which this project leaves out.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import NamedTuple

import mwparserfromhell
from gensim.corpora.wikicorpus import filter_wiki

from benchmarks.measure import SHARED
from benchmarks.text.expected import Segment, agrees, segments
from pipeline.dumps.definitions import template_name
from pipeline.wikitext import Site, strip_page
from pipeline.wikitext.templates.definitions import Tree, definition

FOLDER = SHARED / "data/parsertests"

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

    wikitext: str
    language: str
    expected: list[Segment]

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


@cache
def files() -> list[str]:
    """Return the contents of the parser test files."""
    return [path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*arserTests.txt"))]


@cache
def definitions() -> dict[str, Tree | None]:
    """Return the definitions of the templates that the files contain, by name."""
    articles = dict(article for text in files() for article in ARTICLE.findall(text))
    return {
        template_name(title.removeprefix("Template:")): definition(text)
        for title, text in articles.items()
        if title.startswith("Template:")
    }


def tests() -> Iterator[Test]:
    """Yield the tests about prose of all files."""
    for text in files():
        for block in re.split(r"(?im)^!!\s*test[^\S\n]*$\n?", text)[1:]:
            if test := _test(re.split(r"(?im)^!!\s*end[^\S\n]*$", block)[0]):
                yield test


def _test(block: str) -> Test | None:
    """Return the test between two markers, or None if it is not about prose."""
    _, *rest = SECTION.split(block)
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
    return Test(wikitext, named.get("variant") or named.get("language") or "en", expected)


def ours(test: Test) -> str:
    """Return this project's text, with list items."""
    site = Site(f"{test.language}wiki", test.language)
    lookup: Callable[[str], Tree | None] = lambda name: definitions().get(template_name(name))  # noqa: E731
    return strip_page(test.wikitext, site, lists=True, title=TITLE, lookup=lookup).text


OURS = "this project"
TOOLS: dict[str, Callable[[Test], str]] = {
    OURS: ours,
    "mwparserfromhell strip_code": lambda test: str(mwparserfromhell.parse(test.wikitext).strip_code()),
    "gensim filter_wiki": lambda test: str(filter_wiki(test.wikitext)),
}


def scores(tools: Iterable[str] = tuple(TOOLS)) -> dict[str, dict[str, list[bool]]]:
    """Return whether each test's text is right by construct, then of "all", then with templates; and by tool."""
    right: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for test in tests():
        for tool in tools:
            agreed = agrees(TOOLS[tool](test), test.expected)
            for construct in (test.construct, *(["all"] if test.construct != TEMPLATES else [])):
                right[construct][tool].append(agreed)
    return {name: right[name] for name in [*CONSTRUCTS, "all", TEMPLATES][1:] if name in right}


def percent(right: list[bool]) -> float:
    """Return how many are right, in per cent."""
    return 100 * sum(right) / len(right)


def print_table() -> dict[str, float]:
    """Print and return the table."""
    found: dict[str, float] = {}
    print(f"{'construct':<28} {'tests':>5}  {'  '.join(f'{tool:>27}' for tool in TOOLS)}")
    for construct, row in scores().items():
        shares = "  ".join(f"{percent(right):>27.1f}" for right in row.values())
        found |= {f"parser_tests.{tool}.{construct}": percent(right) for tool, right in row.items()}
        print(f"{construct:<28} {len(row[OURS]):>5}  {shares}")
    return found
