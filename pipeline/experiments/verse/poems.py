"""Poems: a list of stanzas each, each a list of lines; read from plain text, and kept as JSON lines."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from pipeline.experiments.verse.novelty import Line, ngrams
from pipeline.records.experiments import Mark
from pipeline.run.doors import MOST_TEXT, bounded_bytes, utf8_text
from pipeline.run.errors import AGAIN, UserError
from pipeline.run.outputs import read_json_lines
from pipeline.run.section import path_of

Stanza = list[str]
POEM_BREAK = re.compile(r"\n(?:[^\S\n]*\n){2,}")  # two or more blank lines
STANZA_BREAK = re.compile(r"\n[^\S\n]*\n")
WORD_BREAK = re.compile(r"\s+|--+|[–—―…/]+")
# No part of a word if they stand at its start or end: the punctuation and the symbols of all scripts, and what selects
# the form of a symbol (❤️).
EDGE_MARKS = "\ufe0e\ufe0f" + "".join(c for c in map(chr, range(2**17)) if unicodedata.category(c)[0] in "PS")
SHARED_WORDS = 5  # in a row; few poems share so many by chance
LONGEST_POET = 64
NO_NAME = f"gives no poet's name of at most {LONGEST_POET} letters, digits, - and _"


class Poem(NamedTuple):
    """A poem; `poem` counts from 0 for each poet. Where nothing marks the ends of poems, each stanza is a poem.

    Related poems of a poet have the same number as their `group`.
    """

    poet: str
    poem: int
    group: int
    title: str | None
    stanzas: list[Stanza]

    @property
    def lines(self) -> list[str]:
        """The lines of all stanzas."""
        return [line for stanza in self.stanzas for line in stanza]


class RawPoem(NamedTuple):
    """A poem as its text has it, before duplicates are dropped."""

    stanzas: list[Stanza]
    title: str | None = None


def read_poems(path: Path) -> list[Poem]:
    """Return the poems of a poems.jsonl, in reading order; raises `UserError` at a poet who gives no name of a file."""
    poems = [Poem(**row) for row in read_json_lines(path)]
    if bad := next((poem.poet for poem in poems if not _is_name(poem.poet)), None):
        raise UserError(f"{path}: the poet {bad!r}: {NO_NAME}; {AGAIN}")
    return poems


def words_of(line: str) -> list[str]:
    """Return the words of a line in lower case; marks within a word (don't, far-off) stay."""
    text = unicodedata.normalize("NFC", line).lower().replace("’", "'")
    return [word for part in WORD_BREAK.split(text) if (word := part.strip(EDGE_MARKS))]


def verse_folder(source: str) -> Path:
    """Return the folder that `poems.source` names; raises `UserError` if it is missing."""
    folder = path_of(source)
    if not folder.is_dir():
        raise UserError(
            f"params.yaml: poems.source is {source!r}: is no folder; give `sample`, `gutenberg` or a folder"
        )
    return folder


def read_verse(path: Path) -> str:
    """Return the content of a text file in UTF-8; raises `UserError` that names the first line that is not."""
    content = bounded_bytes(path, MOST_TEXT)
    if b"\0" in content:
        raise UserError(f"{path}: has zero bytes; convert it: iconv -f utf-16 -t utf-8")
    return utf8_text(content, path).replace("\r\n", "\n").replace("\r", "\n")


def parse_verse(text: str) -> tuple[list[RawPoem], Mark]:
    """Return the poems of a plain text, and what one poem is in it: a "poem" or a "stanza".

    A blank line ends a stanza, two or more end a poem. In a text without two blank lines in a row each stanza is a
    poem.
    """
    text = text.strip()  # two lines of blanks at an end do not make it a text of poems
    unit: Mark = "poem" if POEM_BREAK.search(text) else "stanza"
    parts = (POEM_BREAK if unit == "poem" else STANZA_BREAK).split(text)
    poems = [RawPoem([_lines(stanza) for stanza in STANZA_BREAK.split(part) if stanza.strip()]) for part in parts]
    return [poem for poem in poems if poem.stanzas], unit


def deduplicate(poet: str, found: Sequence[RawPoem]) -> tuple[list[Poem], dict[str, int]]:
    """Return a poet's poems without wordless lines and lines whose words came before, and how many these are."""
    poems: list[Poem] = []
    seen: set[tuple[str, ...]] = set()
    dropped = {"duplicate": 0, "wordless": 0}

    def is_new(line: str) -> bool:
        words = tuple(words_of(line))
        if not words or words in seen:
            dropped["duplicate" if words else "wordless"] += 1
            return False
        seen.add(words)
        return True

    for (stanzas, title), group in zip(found, group_related(found), strict=True):
        if kept := [lines for stanza in stanzas if (lines := list(filter(is_new, stanza)))]:
            poems.append(Poem(poet, len(poems), group, title, kept))
    return poems, dropped


def group_related(poems: Sequence[RawPoem]) -> list[int]:
    """Return the group of each of a poet's poems: the place of the first poem that it is related to, or its own place.

    Two poems are related if they share `SHARED_WORDS` words in a row, or if both are related to a third. Such poems are
    editions of one poem, or stanzas with one refrain where each stanza counts as a poem. A model that learns one of
    them has seen part of the other. Poems are compared before duplicates are dropped: a later edition may keep only the
    lines that were changed.
    """
    groups = [[place] for place in range(len(poems))]
    first: dict[Line, int] = {}  # the first poem that has these words in a row
    for place, poem in enumerate(poems):
        for line in chain.from_iterable(poem.stanzas):
            for run in ngrams(words_of(line), SHARED_WORDS):
                other, own = groups[first.setdefault(run, place)], groups[place]
                if other is not own:
                    more, fewer = (other, own) if len(other) > len(own) else (own, other)  # few are moved
                    more += fewer
                    for member in fewer:
                        groups[member] = more
    lowest: dict[int, int] = {}
    return [lowest.setdefault(id(group), place) for place, group in enumerate(groups)]


def poets_in(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the poets of a folder by name, each with its NAME.txt; raises `UserError` without one."""
    paths: dict[str, Path] = {}
    for path in sorted(folder.glob("[!.]*.[tT][xX][tT]")):
        stem = unicodedata.normalize("NFC", path.stem).lower()
        name = "_".join("".join(character if _is_part_of_a_word(character) else " " for character in stem).split())
        if name in paths or not _is_name(name):
            problem = f"gives the same poet's name as {paths[name].name}" if name in paths else NO_NAME
            raise UserError(f"{path}: {problem}; rename it")
        paths[name] = path
    if not paths:
        raise UserError(f"{folder}: has no NAME.txt; put a file for each poet into it, named after the poet")
    yield from sorted(paths.items())


def _is_name(poet: str) -> bool:
    return 0 < len(poet) <= LONGEST_POET and all(c in "_-" or _is_part_of_a_word(c) for c in poet)


def _is_part_of_a_word(character: str) -> bool:
    return character.isalnum() or unicodedata.combining(character) > 0 or unicodedata.category(character) == "Mc"


def _lines(stanza: str) -> Stanza:
    """Return the lines as written, without blanks at both ends."""
    return [unicodedata.normalize("NFC", line.strip()) for line in stanza.split("\n") if line.strip()]
