"""Analogy questions: Google's, which gensim ships, and files in their format, such as the book's."""

import unicodedata
from collections.abc import Callable, Collection, Container, Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple, TypeVar

from pipeline.run.doors import MOST_RECORD, bounded_text, check_length
from pipeline.run.errors import UserError

BOOK = "book.txt"  # the book's four questions (chapter 3)
QUESTION_FORMAT = (
    "four words, a b c d (a is to b as c is to d), where d differs from a, b and c and may be alternatives: "
    "england|britain"
)
LISTED = 40  # missing words in a message
MOST_MALFORMED = 1000  # lines of a file, which reports name
UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200e\u200f\u2060\ufeff"))  # which copies from web pages bring
SYNTACTIC_PREFIX = "gram"  # Google's syntactic sections are named gram1-... to gram9-...

Parsed = TypeVar("Parsed")


class Question(NamedTuple):
    """`a` is to `b` as `c` is to any of the `answers`, so one of them should be nearest to b - a + c."""

    section: str
    a: str
    b: str
    c: str
    answers: tuple[str, ...]

    @property
    def given(self) -> tuple[str, str, str]:
        """The words that are never answers."""
        return self.a, self.b, self.c

    @property
    def firsts(self) -> tuple[str, str]:
        """The first words of the two word pairs, which identify them."""
        return self.a, self.c

    @property
    def expected(self) -> str:
        """The right answers as text: `england or britain`."""
        return " or ".join(self.answers)


class QuestionFile(NamedTuple):
    """The questions of a file, and a message for each malformed line."""

    name: str
    questions: list[Question]
    malformed: list[str]


def google_questions(known: Container[str] = ()) -> list[Question]:
    """Return the 19,544 questions of Mikolov et al., "Efficient Estimation of Word Representations" (2013).

    Words are spelled as in `read_questions`.
    """
    return read_questions(in_gensim("questions-words.txt"), known).questions


def question_files(folder: Path, known: Container[str] = ()) -> Iterator[QuestionFile]:
    """Yield every `*.txt` in `folder` that is not hidden, by name; raises `UserError` if one has no question."""
    for path in sorted(folder.glob("[!.]*.txt")):
        yield read_questions(path, known)


def spell(word: str, known: Container[str]) -> str:
    """Return a word as written if it is `known`, else as the vocabulary spells it: in NFC, in lower case, i for İ.

    Capitals stay if the word is `known` with them. The lower case of I is i, or else ı if only that is known. Soft
    hyphens and invisible marks are left out.
    """
    plain = unicodedata.normalize("NFC", word.translate(UNSEEN))
    lower, dotless = (text.lower().replace("i\u0307", "i") for text in (plain, plain.replace("I", "ı")))
    return next((each for each in (word, plain, lower, dotless) if each in known), lower)


def read_questions(path: Path, known: Container[str] = ()) -> QuestionFile:
    """Read a file in Google's format: lines of four words in any case, `: section` lines and `#` comments.

    Words that are `known` as written stay unchanged; others become lower case. Raises `UserError` if no line is a
    question.
    """
    section = path.stem

    def parse(line: str) -> list[Question] | None:
        nonlocal section
        if not line.startswith(":"):
            return _question(section, line.split(), known)
        section = line[1:].strip().lower() or path.stem
        return []

    return QuestionFile(path.name, *read_items(path, parse, "question", QUESTION_FORMAT))


def read_items(
    path: Path, parse: Callable[[str], list[Parsed] | None], wanted: str, expected: str
) -> tuple[list[Parsed], list[str]]:
    """Return what `parse` makes of each line, and a message for each malformed one, of which it returns None.

    Empty lines and `#` comments are left out. Raises `UserError` if the file is not UTF-8, holds no `wanted` item, or
    has too many malformed lines.
    """
    items: list[Parsed] = []
    malformed: list[str] = []
    for number, line in enumerate(map(str.strip, bounded_text(path, MOST_RECORD).split("\n")), start=1):
        check_length(len(line), f"{path}, line {number:,}")
        if line and not line.startswith("#"):
            if (found := parse(line)) is None:
                shown = line if len(line) <= 60 else f"{line[:60]}..."
                malformed.append(f"{path}, line {number:,}: found {shown!r}; expected {expected}")
            items += found or []
        if len(malformed) > MOST_MALFORMED:
            raise UserError(f"{path}: has more than {MOST_MALFORMED:,} malformed lines; {malformed[0]}")
    if not items:
        reason = malformed[0] if malformed else f"expected {expected}"
        raise UserError(f"{path}: holds no {wanted}; {reason}; correct or remove the file")
    return items, malformed


def _question(section: str, words: list[str], known: Container[str]) -> list[Question] | None:
    if len(words) != 4 or "|" in "".join(words[:3]) or not all(words[3].split("|")):
        return None
    a, b, c, *answers = (spell(word, known) for word in (*words[:3], *words[3].split("|")))
    # A given word is never an answer: with no other one known, the question cannot be asked.
    right = tuple(answer for answer in answers if answer not in (a, b, c))
    return [Question(section, a, b, c, right)] if right else None


def listed(missing: Collection[str]) -> str:
    """Return missing words as text; the first 40 if there are more."""
    more = f" and {len(missing) - LISTED:,} more" if len(missing) > LISTED else ""
    return ", ".join(list(missing)[:LISTED]) + more


def in_gensim(name: str) -> Path:
    """Return the path of a file of gensim's test data, without the slow import of gensim."""
    return Path(str(metadata.distribution("gensim").locate_file(f"gensim/test/test_data/{name}")))
