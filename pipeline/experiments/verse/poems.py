"""Verse: poets' poems, each a list of stanzas, each a list of lines; read from plain text, kept as JSON lines."""

import json
import re
import string
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from pipeline.run.console import UserError
from pipeline.run.outputs import whole_file

Stanza = list[str]
POEM_BREAK = re.compile(r"\n(?:[^\S\n]*\n){2,}")  # two or more blank lines
STANZA_BREAK = re.compile(r"\n[^\S\n]*\n")
PARTING = re.compile(r"\s+|--+|[–—―…/]+")  # what lies between two words
UTF_16 = "iconv -f utf-16 -t utf-8"
EDGES = string.punctuation + "“”‘’„«»‹›¡¿"  # none of it belongs to a word at whose end it stands


class Poem(NamedTuple):
    """A poem; `poem` counts from 0 within its poet. Where nothing marks the ends of poems, each is a stanza."""

    poet: str
    poem: int
    title: str | None
    stanzas: list[Stanza]

    @property
    def lines(self) -> list[str]:
        """The lines of all stanzas."""
        return [line for stanza in self.stanzas for line in stanza]


class Untitled(NamedTuple):
    """What was found of a poem before it has its place among its poet's: perhaps a title after all."""

    stanzas: list[Stanza]
    title: str | None = None


class Tally(NamedTuple):
    """The lines of a poet that were read, and how many of them were dropped, by reason."""

    lines: int
    duplicate: int
    wordless: int


def write_poems(path: Path, poems: Iterable[Poem]) -> None:
    """Write one JSON object a poem and line."""
    with whole_file(path) as partial, partial.open("w", encoding="utf-8") as file:
        for poem in poems:
            file.write(json.dumps(poem._asdict(), ensure_ascii=False) + "\n")


def read_poems(path: Path) -> list[Poem]:
    """The poems of a poems.jsonl, in reading order."""
    with path.open(encoding="utf-8") as file:
        return [Poem(**json.loads(line)) for line in file]


def words_of(line: str) -> list[str]:
    """The words of a line, in lower case; what joins two parts of a word (don't, far-off) stays within it."""
    text = unicodedata.normalize("NFC", line).lower().replace("’", "'")
    return [word for part in PARTING.split(text) if (word := part.strip(EDGES))]


def verse_folder(source: str) -> Path:
    """The folder that `poems.source` names; raises `UserError` where there is none."""
    folder = Path(source).expanduser()
    if not folder.is_dir():
        problem = "is no folder" if folder.exists() else "does not exist"
        raise UserError(
            f"params.yaml: poems.source is {source!r}: {problem}; "
            "give `sample`, `gutenberg` or a folder of NAME.txt files"
        )
    return folder


def read_text(path: Path) -> str:
    """A text file in UTF-8; raises `UserError` that names the first byte that is none."""
    content = path.read_bytes()
    if b"\0" in content:
        raise UserError(f"{path}: holds zero bytes, so it is no UTF-8 text, but UTF-16 perhaps; convert it: {UTF_16}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UserError(
            f"{path}: line {line}: byte {error.start + 1:,} of the file (0x{content[error.start]:02x}) is no UTF-8, so "
            "the file has another encoding, Latin-1 perhaps; convert it: iconv -f latin1 -t utf-8"
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse_verse(text: str) -> tuple[list[Untitled], str]:
    """The poems of a plain text, and by what they are told apart: "poem" or "stanza".

    Stanzas end at a blank line, poems at two or more; in a text without two in a row each stanza is a poem.
    """
    text = text.strip("\n")
    by = "poem" if POEM_BREAK.search(text) else "stanza"
    parts = (POEM_BREAK if by == "poem" else STANZA_BREAK).split(text)
    poems = [Untitled([_lines(stanza) for stanza in STANZA_BREAK.split(part) if stanza.strip()]) for part in parts]
    return [poem for poem in poems if poem.stanzas], by


def number(poet: str, found: Iterable[Untitled]) -> tuple[list[Poem], Tally]:
    """A poet's poems in order, without the lines that have no word and those whose words were read before."""
    poems: list[Poem] = []
    seen: set[tuple[str, ...]] = set()
    read = duplicate = wordless = 0
    for stanzas, title in found:
        kept: list[Stanza] = []
        for stanza in stanzas:
            fresh = []
            for line in stanza:
                words = tuple(words_of(line))
                read += 1
                wordless += not words
                duplicate += words in seen
                if words and words not in seen:
                    seen.add(words)
                    fresh.append(line)
            if fresh:
                kept.append(fresh)
        if kept:
            poems.append(Poem(poet, len(poems), title, kept))
    return poems, Tally(read, duplicate, wordless)


def poets_in(folder: Path) -> Iterator[tuple[str, Path]]:
    """The poets of a folder, by name, each with its NAME.txt; raises `UserError` where there is none."""
    paths: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() != ".txt" or path.name.startswith("."):
            continue
        stem = unicodedata.normalize("NFC", path.stem).lower()
        name = "_".join("".join(character if _is_part_of_a_word(character) else " " for character in stem).split())
        if not name or name in paths:
            problem = f"has the same poet's name as {paths[name].name}" if name else "names no poet"
            raise UserError(f"{path}: {problem}; rename it")
        paths[name] = path
    if not paths:
        raise UserError(f"{folder}: holds no NAME.txt; put a file for each poet into it, named for the poet")
    yield from sorted(paths.items())


def _is_part_of_a_word(character: str) -> bool:
    return character.isalnum() or unicodedata.combining(character) > 0 or unicodedata.category(character) == "Mc"


def _lines(stanza: str) -> Stanza:
    """Its lines as written, but for blanks at both ends."""
    return [unicodedata.normalize("NFC", line.strip()) for line in stanza.split("\n") if line.strip()]
