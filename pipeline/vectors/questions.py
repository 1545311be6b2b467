"""Analogy questions: Google's as gensim ships them, and files in their format, the book's among them."""

from collections.abc import Collection, Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from pipeline.run.console import UserError

BOOK = "book.txt"  # the file of the book's four (chapter 3)
FORMAT = (
    "expected four words, a b c d (a is to b as c is to d), where d is none of the others and may be alternatives: "
    "england|britain"
)
LISTED = 40  # missing words that are named
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
        """The words that are no answers."""
        return self.a, self.b, self.c

    @property
    def expected(self) -> str:
        """The right answers as a reader reads them: `england or britain`."""
        return " or ".join(self.answers)


class QuestionFile(NamedTuple):
    """The questions of a file, and what was wrong with each line that is none."""

    name: str
    questions: list[Question]
    malformed: list[str]


def google_questions() -> list[Question]:
    """The 19,544 questions of Mikolov et al., "Efficient Estimation of Word Representations" (2013)."""
    return read_questions(shipped("questions-words.txt")).questions


def question_files(folder: Path) -> Iterator[QuestionFile]:
    """Every `*.txt` in `folder`, by name; raises `UserError` where one holds no question."""
    for path in sorted(folder.glob("*.txt")):
        yield read_questions(path)


def read_questions(path: Path) -> QuestionFile:
    """Read a file in Google's format: `: section` lines, and questions of four words, in any case; `#` comments.

    A line that is none of these is left out and named. Raises `UserError` where no line is a question.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").lower().split("\n")
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: is not UTF-8 text: {error.reason} at byte {error.start:,}") from None
    section, questions, malformed = path.stem, [], []
    for number, line in enumerate(lines, start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0].startswith(":"):
            section = line.strip()[1:].strip() or path.stem
        elif _asks(words):
            a, b, c, answers = words
            questions.append(Question(section, a, b, c, tuple(answers.split("|"))))
        else:
            found = line.strip() if len(line.strip()) <= 60 else f"{line.strip()[:60]}..."
            malformed.append(f"{path}, line {number:,}: found {found!r}, {len(words):,} word(s); {FORMAT}")
    if not questions:
        reason = f"; {malformed[0]}" if malformed else f", {FORMAT}"
        raise UserError(f"{path}: holds no question{reason}; mend it or take it away")
    return QuestionFile(path.name, questions, malformed)


def _asks(words: list[str]) -> bool:
    """Whether these words make a question, one that can be answered right."""
    if len(words) != 4 or "|" in "".join(words[:3]):
        return False
    answers = words[3].split("|")
    return all(answers) and not set(answers) <= set(words[:3])


def words_asked(questions: Iterable[Question]) -> set[str]:
    """Every word that the questions name."""
    return {word for question in questions for word in (*question.given, *question.answers)}


def listed(missing: Collection[str]) -> str:
    """Words that a vocabulary lacks; of very many the first alone."""
    more = f" and {len(missing) - LISTED:,} more" if len(missing) > LISTED else ""
    return ", ".join(list(missing)[:LISTED]) + more


def shipped(name: str) -> Path:
    """Where the test data `name` is that comes with gensim."""
    # Found without importing gensim, which takes longer than reading it.
    return Path(str(metadata.distribution("gensim").locate_file(f"gensim/test/test_data/{name}")))
