"""Analogy questions: Google's, which gensim ships, and files in their format, such as the book's."""

import unicodedata
from collections.abc import Collection, Container, Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from pipeline.run.errors import UserError

BOOK = "book.txt"  # the book's four questions (chapter 3)
FORMAT = (
    "expected four words, a b c d (a is to b as c is to d), where d differs from a, b and c and may be alternatives: "
    "england|britain"
)
LISTED = 40  # missing words in a message
UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200e\u200f\u2060\ufeff"))  # which copies from web pages bring
SYNTACTIC_PREFIX = "gram"  # Google's syntactic sections are named gram1-... to gram9-...


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
    return read_questions(shipped("questions-words.txt"), known).questions


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
    section, questions, malformed = path.stem, [], []
    for number, line in enumerate(read_lines(path), start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0].startswith(":"):
            section = line.strip()[1:].strip().lower() or path.stem
        elif (question := _question(section, words, known)) is not None:
            questions.append(question)
        else:
            malformed.append(f"{line_found(path, number, line)}, {len(words):,} word(s); {FORMAT}")
    if not questions:
        reason = f"; {malformed[0]}" if malformed else f", {FORMAT}"
        raise UserError(f"{path}: holds no question{reason}; correct or remove it")
    return QuestionFile(path.name, questions, malformed)


def read_lines(path: Path) -> list[str]:
    """Return the lines of a text file; raises `UserError` if it is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: is not UTF-8 text: {error.reason} at byte {error.start:,}") from None


def line_found(path: Path, number: int, line: str) -> str:
    """Return the place and the start of a malformed line, as the beginning of a message."""
    found = line.strip() if len(line.strip()) <= 60 else f"{line.strip()[:60]}..."
    return f"{path}, line {number:,}: found {found!r}"


def _question(section: str, words: list[str], known: Container[str]) -> Question | None:
    if len(words) != 4 or "|" in "".join(words[:3]) or not all(words[3].split("|")):
        return None
    a, b, c, *answers = (spell(word, known) for word in (*words[:3], *words[3].split("|")))
    # A given word is never an answer: with no other one known, the question cannot be asked.
    right = tuple(answer for answer in answers if answer not in (a, b, c))
    return Question(section, a, b, c, right) if right else None


def words_asked(questions: Iterable[Question]) -> set[str]:
    """Return every word in the questions."""
    return {word for question in questions for word in (*question.given, *question.answers)}


def listed(missing: Collection[str]) -> str:
    """Return missing words as text; the first 40 if there are more."""
    more = f" and {len(missing) - LISTED:,} more" if len(missing) > LISTED else ""
    return ", ".join(list(missing)[:LISTED]) + more


def shipped(name: str) -> Path:
    """Return the path of a file of gensim's test data, without the slow import of gensim."""
    return Path(str(metadata.distribution("gensim").locate_file(f"gensim/test/test_data/{name}")))
