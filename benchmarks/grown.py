"""Dumps of any size, in multistream bzip2 files, whose text grows as real text does.

Articles of the source dumps are drawn anew: their sentences come in another order, one word in ten is another one of
the sources, and a rare word becomes one of endlessly many variants, so that the vocabulary grows as a power of the text
(Heaps' law) and n-grams do not repeat. Markup stays as it is; of the pages every second one is real wikitext. A page
depends only on its number.
"""

import bz2
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from pipeline.dumps.dump import END, PAGE, pages, whole
from pipeline.run.outputs import whole_file
from pipeline.run.runtime import Runtime
from pipeline.run.workers import map_in_order

SOURCE_CHARACTERS = 20_000_000  # that are read of each source
OTHER_WORDS = 0.1  # share of words that are others
RARE = 20  # a word of the sources that occurs so often or less has variants
TAIL = 1.8  # variant n is drawn with n ** -TAIL, so n draws find about n ** (1 / TAIL) of them
PAIRS = (("{{", "}}"), ("[[", "]]"), ("<ref", "/ref"))  # a line with one alone stays in its place
SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprst" for vowel in "aeiou"]


@dataclass(frozen=True)
class Template:
    """A page: its lines, of which those of prose are None; the sentences of these, as ids; how many each has."""

    title: str
    lines: Sequence[str | None]
    sentences: Sequence[np.ndarray]
    numbers: Sequence[int]


class Sources:
    """The pages and the words of dumps."""

    def __init__(self, dumps: Sequence[Path]) -> None:
        ids: dict[str, int] = {}
        self.templates = [[_template(title, text, ids) for title, text in _pages(dump)] for dump in dumps]
        self.words = list(ids)
        self.tokens = np.concatenate(
            [sentence for templates in self.templates for page in templates for sentence in page.sentences]
        )
        counts = np.bincount(self.tokens)
        self.plain = np.array([word.isascii() and word.isalpha() for word in self.words])
        self.others = self.tokens[self.plain[self.tokens]]
        self.rare = self.plain & (counts <= RARE)

    def page(self, number: int) -> bytes:
        """Return the XML of a page."""
        random = np.random.default_rng(number)
        templates = self.templates[number % len(self.templates)]
        template = templates[int(random.integers(len(templates)))]
        lines = list(template.lines)
        order = random.permutation(len(template.sentences))
        if len(order):
            sentences = [template.sentences[each] for each in order]
            words = self._varied(np.concatenate(sentences), random)
            bounds = np.cumsum([0, *map(len, sentences)])[np.cumsum([0, *template.numbers])].tolist()
            places = [place for place, line in enumerate(lines) if line is None]
            for place, (start, stop) in zip(places, pairwise(bounds), strict=True):
                lines[place] = " ".join(words[start:stop])
        text = "\n".join(line or "" for line in lines)
        return (
            f"  <page>\n    <title>{escape(template.title)} {number}</title>\n    <ns>0</ns>\n"
            f"    <id>{number + 1}</id>\n    <revision>\n      <id>{number + 1}</id>\n"
            "      <timestamp>2026-11-01T00:00:00Z</timestamp>\n"
            "      <model>wikitext</model>\n      <format>text/x-wiki</format>\n"
            f'      <text xml:space="preserve">{escape(text)}</text>\n    </revision>\n  </page>\n'
        ).encode()

    def _varied(self, ids: np.ndarray, random: np.random.Generator) -> list[str]:
        """Return the words of `ids`, some of them others and rare ones varied."""
        ids = ids.copy()
        other = np.flatnonzero(self.plain[ids] & (random.random(len(ids)) < OTHER_WORDS))
        ids[other] = self.others[random.integers(len(self.others), size=len(other))]
        words = [self.words[id] for id in ids.tolist()]
        rare = np.flatnonzero(self.rare[ids])
        for place, variant in zip(rare.tolist(), random.zipf(TAIL, len(rare)).tolist(), strict=True):
            words[place] += _ending(variant - 1)
        return words


def _ending(variant: int) -> str:
    """Return letters for a variant of a word; none for variant 0."""
    ending = ""
    while variant:
        variant, syllable = divmod(variant, len(SYLLABLES))
        ending += SYLLABLES[syllable]
    return ending


def _pages(dump: Path) -> list[tuple[str, str]]:
    """Return titles and texts of a dump's articles."""
    found, size = [], 0
    for page in pages(whole(dump), namespace=0):
        if page.redirect is None:
            found.append((page.title, page.text))
            size += len(page.text)
        if size > SOURCE_CHARACTERS:
            break
    return found


def _template(title: str, text: str, ids: dict[str, int]) -> Template:
    """Return a page with its words as `ids`, which grow. A line of prose with markup stays together."""
    lines: list[str | None] = []
    sentences, numbers = [], []
    for line in text.split("\n"):
        prose = len(line) > 80 and (line[0].isalpha() or line.startswith(("[[", "'")))
        prose = prose and all(line.count(opener) == line.count(closer) for opener, closer in PAIRS)
        lines.append(None if prose else line)
        if prose:
            some = [line] if any(mark in line for mark in "<{[") else line.replace(". ", ".\n").split("\n")
            numbers.append(len(some))
            sentences += [np.array([ids.setdefault(word, len(ids)) for word in each.split(" ")]) for each in some]
    return Template(title, lines, sentences, numbers)


sources = cache(Sources)  # once in each process


def stream(numbers: range, dumps: tuple[Path, ...]) -> tuple[bytes, int]:
    """Return pages as one bzip2 stream, and the bytes of their XML."""
    xml = b"".join(map(sources(dumps).page, numbers))
    return bz2.compress(xml), len(xml)


def write_dumps(folder: Path, megabytes: float, files: int, dumps: tuple[Path, ...], runtime: Runtime) -> None:
    """Write dumps of so many megabytes of XML together; files that are there already stay."""
    head = bz2.decompress(dumps[0].read_bytes()).partition(PAGE)[0]
    each = 64  # pages in a stream
    for number in range(files):
        path = folder / f"grown-{number:02}-multistream.xml.bz2"
        if path.exists():
            continue
        left = megabytes * 1e6 / files
        streams = (range(start, start + each) for start in range(number * 10**7, (number + 1) * 10**7, each))
        with whole_file(path) as partial_path, partial_path.open("wb") as file:
            file.write(bz2.compress(head))
            for _, (content, size) in map_in_order(partial(stream, dumps=dumps), streams, runtime):
                file.write(content)
                left -= size
                if left <= 0:
                    break
            file.write(bz2.compress(END + b"\n"))
