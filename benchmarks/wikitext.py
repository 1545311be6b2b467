"""Markup strippers compared on real wikitext: speed on one core, precision and recall of prose, remaining markup.

`python -m benchmarks.wikitext [--runs N]` prints the tables. wikiextractor is under the AGPL and is no dependency. It
is measured in a process of its own if it is installed, or if WIKIEXTRACTOR_PYTHON names a Python that has it.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from operator import truediv
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any, NamedTuple

import mwparserfromhell
from gensim.corpora.wikicorpus import filter_wiki

from benchmarks.measure import RUNS, Row
from pipeline.download import SAMPLE
from pipeline.dumps.definitions import template_name
from pipeline.dumps.dump import pages, whole
from pipeline.extract import reason_to_drop
from pipeline.vectors.questions import shipped
from pipeline.wikitext import Site, strip_page
from pipeline.wikitext.pages import redirect_target
from pipeline.wikitext.site import CANONICAL, CATEGORY, FILE, TEMPLATE
from pipeline.wikitext.templates.definitions import Tree, definition

SHARED = Path(os.environ.get("WIKILM_SHARED", Path(__file__).parent.parent.parent / "shared"))
OURS, REFERENCE = "this project", "Hugging Face sequence"

LEFTOVERS = ["{{", "}}", "[[", "]]", "{|", "|}", "<ref", "''", "[http", "&nbsp;", "|thumb", "px|", "Category:", "File:"]
LIST_MARK = "\ue000"  # follows a list's marks, so that list items can be found in the output of any cleaner
LIST = re.compile(r"(?m)^[*#:;]+")
WORD = re.compile(r"\w+(?:[.,'’–-]\w+)*")
# A line of prose has this many words, and is neither a list item nor a rest of a table or an image.
SHORTEST_LINE, JUNK = 8, rf"[|<>{{}}={LIST_MARK}]|thumb|\dpx"
# The Hugging Face sequence loses dozens of their paragraphs, after a stray quote and an unclosed italic.
BROKEN = ("Alaska", "Angola")

WIKIEXTRACTOR = """
import json, sys, time
from wikiextractor.extract import Extractor, define_template
pages, runs, expand, templates, prefix = json.load(sys.stdin)
defined = {"templates": {}, "redirects": {}, "templatePrefix": prefix}
for title, text in templates.items():
    define_template(title, text.splitlines(keepends=True), defined["templates"], defined["redirects"])
def clean(text):
    extractor = Extractor(1, 1, "", "", "", **defined)
    return "\\n".join(extractor.clean_text(text, expand_templates=expand, html_safe=False))
seconds = []
for _ in range(runs):
    begin = time.process_time()
    for text in pages:
        clean(text)
    seconds.append(time.process_time() - begin)
json.dump([seconds, [clean(text) for text in pages]], sys.stdout)
"""


@dataclass
class Wiki:
    """The articles and templates of a dump as wikitext."""

    name: str
    site: Site
    titles: list[str]
    texts: list[str]
    templates: dict[str, str]  # by the titles of their pages

    def look_up(self, name: str) -> Tree | None:
        """Return the definition of a template."""
        return self._definitions.get(template_name(name))

    @cached_property
    def _definitions(self) -> dict[str, Tree | None]:
        pages = {title.partition(":")[2]: text for title, text in self.templates.items()}
        targets = {name: redirect_target(text) for name, text in pages.items()}
        return {
            name: definition(pages.get(template_name(target.partition(":")[2]), "") if target else pages[name])
            for name, target in targets.items()
        }

    @property
    def size(self) -> float:
        return sum(len(text.encode()) for text in self.texts) / 1e6


class Result(NamedTuple):
    """A cleaner's results on a wiki: the CPU seconds of each run, and the text of each page with marked list items."""

    cleaner: str
    seconds: list[float]
    texts: list[str]


def wikis() -> Iterator[Wiki]:
    """Yield the excerpt in gensim's wheel and, if the shared dumps are there, the Latgalian Wikipedia."""
    yield read(shipped(SAMPLE))
    latgalian = SHARED / "data/dumps/ltgwiki-20170901-multistream.xml.bz2"
    if latgalian.exists():
        yield read(latgalian)
    else:
        print(f"skipped: {latgalian.name} (set WIKILM_SHARED)", file=sys.stderr)


def read(path: Path) -> Wiki:
    """Return the articles of a dump, without redirects, and its templates."""
    dump = whole(path)
    articles = [page for page in pages(dump) if not reason_to_drop(page)]
    templates = {page.title: page.text for page in pages(dump, TEMPLATE)}
    titles, texts = [page.title for page in articles], [page.text for page in articles]
    return Wiki(dump.site.name, dump.site, titles, texts, templates)


def hugging_face(text: str) -> str:
    """Return prose by the cleaning sequence of Hugging Face's `wikipedia` script, as described there."""
    code = mwparserfromhell.parse(text)
    sections = []
    for section in code.get_sections(flat=True, include_lead=True, include_headings=True):
        for node in section.filter(recursive=True, matches=_is_no_prose):
            try:
                section.remove(node)
            except ValueError:  # removed together with its parent
                continue
        sections.append(section.strip_code().strip())
    return "\n\n".join(sections)


def _is_no_prose(node: Any) -> bool:
    if isinstance(node, mwparserfromhell.nodes.Wikilink):
        return bool(re.match(r"\s*(?:file|image|category)\s*:", str(node.title), re.IGNORECASE))
    if isinstance(node, mwparserfromhell.nodes.Tag):
        return str(node.tag).lower() in ("ref", "table")
    return isinstance(node, mwparserfromhell.nodes.Template)


def cleaners(wiki: Wiki) -> dict[str, Callable[[str], str]]:
    """Return the cleaners that run in this process, by name."""
    return {
        OURS: lambda text: strip_page(text, wiki.site, lookup=wiki.look_up).text,
        REFERENCE: hugging_face,
        "mwparserfromhell strip_code": lambda text: str(mwparserfromhell.parse(text).strip_code()),
        "gensim filter_wiki": lambda text: str(filter_wiki(text)),
    }


def results(wiki: Wiki, runs: int) -> Iterator[Result]:
    """Yield the results of every cleaner, which run in turn so that a slow moment affects all."""
    marked = [LIST.sub(rf"\g<0>{LIST_MARK} ", text) for text in wiki.texts]
    found = {name: Result(name, [], [clean(text) for text in marked]) for name, clean in cleaners(wiki).items()}
    for _ in range(runs):
        for name, clean in cleaners(wiki).items():
            begin = process_time()
            for text in wiki.texts:
                clean(text)
            found[name].seconds.append(process_time() - begin)
    yield from found.values()
    for expand in (False, True):
        yield from wikiextractor(wiki, marked, runs, expand=expand)


def wikiextractor(wiki: Wiki, marked: list[str], runs: int, *, expand: bool) -> Iterator[Result]:
    """Yield wikiextractor's results without its expansion of templates or with it; nothing if it is not installed."""
    prefix = next((title[: title.index(":") + 1] for title in wiki.templates), "Template:")
    python = os.environ.get("WIKIEXTRACTOR_PYTHON", sys.executable)
    seconds: list[float] = []
    texts: list[str] = []
    for given, times in ((wiki.texts, runs), (marked, 0)):
        job = subprocess.run(
            [python, "-c", WIKIEXTRACTOR],
            input=json.dumps([given, times, expand, wiki.templates, prefix]),
            text=True,
            capture_output=True,
            check=False,
        )
        if job.returncode:
            print("skipped: wikiextractor (set WIKIEXTRACTOR_PYTHON to a Python that has it)", file=sys.stderr)
            return
        taken, texts = json.loads(job.stdout)
        seconds += taken
    yield Result(f"wikiextractor{', templates expanded' if expand else ''}", seconds, texts)


def prose_words(text: str, junk: str) -> Counter[str]:
    """Return the words on the lines that have enough words for prose and do not match `junk`."""
    lines = (WORD.findall(line) for line in text.split("\n") if not re.search(junk, line))
    return Counter(word for words in lines if len(words) >= SHORTEST_LINE for word in words)


class Score(NamedTuple):
    """Prose precision and recall over all words of some pages."""

    precision: float
    recall: float


def score(pages: Iterable[tuple[str, str]]) -> Score:
    """Compare each text with its reference.

    Precision is the share of the texts' prose words that the references have; recall is the share of the references'
    prose words that the texts have. Words that the reference lacks lower precision even if they are prose. Rests of
    tables and images count in the text, but not in the reference.
    """
    hits, said, found, wanted = 0, 0, 0, 0
    for text, reference in pages:
        ours, theirs = prose_words(text, LIST_MARK), prose_words(reference, JUNK)
        hits += (ours & Counter(WORD.findall(reference))).total()
        said += ours.total()
        found += (theirs & Counter(WORD.findall(text))).total()
        wanted += theirs.total()
    return Score(hits / said, found / wanted)


def leftovers(wiki: Wiki) -> dict[str, int]:
    """Return how often each piece of markup remains in this project's text of the whole wiki."""
    names = [name for name, number in {**CANONICAL, **wiki.site.namespaces}.items() if number in (FILE, CATEGORY)]
    text = "\n".join(strip_page(text, wiki.site, lookup=wiki.look_up).text for text in wiki.texts)
    lowered = text.lower()
    own = sum(len(re.findall(rf"\b{re.escape(name)}:", lowered)) for name in names if name not in ("file", "category"))
    return {token: text.count(token) for token in LEFTOVERS} | {"other names of files and categories": own}


def rows(runs: int = RUNS) -> Iterator[Row]:
    """Yield a row of `make bench` for each wiki and peer; print the tables of prose and remaining markup."""
    for wiki in wikis():
        measured = {result.cleaner: result for result in results(wiki, runs)}
        ours, reference = measured[OURS], measured[REFERENCE]
        print(f"\n{wiki.name}: {len(wiki.texts)} articles, {wiki.size:.1f} MB of wikitext, median of {runs} runs")
        print("targets: 12 times HF, faster than wikiextractor, precision 0.985, recall 0.995")
        print(f"{'cleaner':<34} {'MB/s':>6} {'of HF':>6}  {'precision':>9} {'recall':>7}  less {' and '.join(BROKEN)}")
        for result in measured.values():
            speed, ratio = wiki.size / median(result.seconds), median(map(truediv, reference.seconds, result.seconds))
            pages = list(zip(wiki.titles, zip(result.texts, reference.texts, strict=True), strict=True))
            whole, most = score(page for _, page in pages), score(page for title, page in pages if title not in BROKEN)
            print(
                f"{result.cleaner:<34} {speed:>6.2f} {ratio:>6.2f}  {whole.precision:>9.4f} {whole.recall:>7.4f}  "
                f"{most.precision:.4f} {most.recall:.4f}"
            )
            if result is not ours:
                yield Row(
                    name=f"strip {wiki.name}",
                    ours=wiki.size / median(ours.seconds),
                    peer=speed,
                    peer_name=result.cleaner,
                    ratio=median(map(truediv, result.seconds, ours.seconds)),
                    unit="MB/s",
                    runs=runs,
                )
        fell_back = sum(strip_page(text, wiki.site).fell_back for text in wiki.texts)
        print(f"left in our text: {leftovers(wiki)}; pages that fell back: {fell_back}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=RUNS, help="timed runs of each cleaner (default %(default)s)")
    for row in rows(parser.parse_args().runs):
        print(f"    {row.name}: {row.ratio:.1f} times {row.peer_name}", file=sys.stderr)


if __name__ == "__main__":
    main()
