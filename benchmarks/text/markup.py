"""Markup strippers compared on real wikitext: speed on one core, precision and recall of prose."""

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from operator import truediv
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any, NamedTuple

import mwparserfromhell
from gensim.corpora.wikicorpus import filter_wiki

from benchmarks.measure import RUNS, SHARED, Row, seconds
from pipeline.download import SAMPLE
from pipeline.dumps.definitions import Definitions, write_definitions
from pipeline.dumps.dump import pages, whole
from pipeline.extract import reason_to_drop
from pipeline.templates import definitions_of
from pipeline.vectors.questions import in_gensim
from pipeline.wikitext import Site, strip_page

OURS, REFERENCE = "this project", "Hugging Face sequence"
LIST_MARK = "\ue000"  # follows a list's marks, so that list items can be found in the output of any cleaner
LIST = re.compile(r"(?m)^[*#:;]+")
WORD = re.compile(r"\w+(?:[.,'’–-]\w+)*")
# A line of prose has this many words, and is neither a list item nor a rest of a table or an image.
SHORTEST_LINE, JUNK = 8, rf"[|<>{{}}={LIST_MARK}]|thumb|\dpx"


class Wiki(NamedTuple):
    """The articles of a dump, and the store of its templates' definitions."""

    site: Site
    texts: list[str]
    lookup: Definitions


class Result(NamedTuple):
    """A cleaner's CPU seconds of each run over a wiki, and the text of each page with marked list items."""

    seconds: list[float]
    texts: list[str]


def wikis(folder: Path) -> Iterator[Wiki]:
    """Yield the excerpt in gensim's wheel and, if the shared dumps are there, the Latgalian Wikipedia."""
    yield read(in_gensim(SAMPLE), folder / "sample.db")
    latgalian = SHARED / "data/dumps/ltgwiki-20170901-multistream.xml.bz2"
    if latgalian.exists():
        yield read(latgalian, folder / "latgalian.db")
    else:
        print(f"skipped: {latgalian.name} (set WIKILM_SHARED)", file=sys.stderr)


def read(path: Path, store: Path) -> Wiki:
    """Return the articles of a dump, without redirects, and its templates, whose definitions go to `store`."""
    dump = whole(path)
    texts = [page.text for page in pages(dump) if not reason_to_drop(page)]
    write_definitions(store, definitions_of(dump))
    return Wiki(dump.site, texts, Definitions(store, dump.site.language))


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


def results(wiki: Wiki, runs: int) -> dict[str, Result]:
    """Return the results of every cleaner, which run in turn so that a slow moment affects all."""
    cleaners: dict[str, Callable[[str], str]] = {
        OURS: lambda text: strip_page(text, wiki.site, lookup=wiki.lookup).text,
        REFERENCE: hugging_face,
        "mwparserfromhell strip_code": lambda text: str(mwparserfromhell.parse(text).strip_code()),
        "gensim filter_wiki": lambda text: str(filter_wiki(text)),
    }
    marked = [LIST.sub(rf"\g<0>{LIST_MARK} ", text) for text in wiki.texts]
    found = {name: Result([], [clean(text) for text in marked]) for name, clean in cleaners.items()}
    for _ in range(runs):
        for name, clean in cleaners.items():
            found[name].seconds.append(seconds(lambda clean=clean: [*map(clean, wiki.texts)], process_time))  # type: ignore[misc]
    return found


def prose_words(text: str, junk: str) -> Counter[str]:
    """Return the words on the lines that have enough words for prose and do not match `junk`."""
    lines = (WORD.findall(line) for line in text.split("\n") if not re.search(junk, line))
    return Counter(word for words in lines if len(words) >= SHORTEST_LINE for word in words)


def precision_and_recall(pages: Iterable[tuple[str, str]]) -> tuple[float, float]:
    """Compare texts with their references, (text, reference) each.

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
    return hits / said, found / wanted


def rows(runs: int = RUNS) -> Iterator[Row]:
    """Yield a row of speed for each wiki and peer; print the speed, precision and recall of all."""
    with tempfile.TemporaryDirectory() as folder:
        for wiki in wikis(Path(folder)):
            found = results(wiki, runs)
            ours, reference = found[OURS], found[REFERENCE]
            megabytes = sum(len(text.encode()) for text in wiki.texts) / 1e6
            print(f"{wiki.site.name}: {len(wiki.texts)} articles, {megabytes:.1f} MB of wikitext, median of {runs}")
            print(f"{'cleaner':<34} {'MB/s':>6} {'of HF':>6}  {'precision':>9} {'recall':>7}")
            for name, result in found.items():
                speed = megabytes / median(result.seconds)
                of_reference = median(map(truediv, reference.seconds, result.seconds))
                shares = precision_and_recall(zip(result.texts, reference.texts, strict=True))
                print(f"{name:<34} {speed:>6.2f} {of_reference:>6.2f}  {shares[0]:>9.4f} {shares[1]:>7.4f}")
                if result is not ours:
                    ratio = median(map(truediv, result.seconds, ours.seconds))
                    our_speed = megabytes / median(ours.seconds)
                    yield Row(f"{wiki.site.name}, {name}", our_speed, speed, name, ratio, "MB/s")
