"""The analogy questions: the book's four, and Google's as gensim ships them."""

from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

BOOK = "book"
SYNTACTIC_PREFIX = "gram"  # Google's syntactic sections are named gram1-... to gram9-...


class Question(NamedTuple):
    """`a` is to `b` as `c` is to `answer`, so `answer` is nearest to b - a + c."""

    section: str
    a: str
    b: str
    c: str
    answer: str


# Book, chapter 3: king - man + woman; france - paris + london; france - paris + rome; paris - france + italy.
# The second expects the country of London: the book's own list says england.
BOOK_QUESTIONS = [
    Question(BOOK, "man", "king", "woman", "queen"),
    Question(BOOK, "paris", "france", "london", "england"),
    Question(BOOK, "paris", "france", "rome", "italy"),
    Question(BOOK, "france", "paris", "italy", "rome"),
]


def google_questions() -> Iterator[Question]:
    """The 19,544 questions of Mikolov et al., "Efficient Estimation of Word Representations" (2013)."""
    # Found without importing gensim, which takes longer than the questions.
    path = metadata.distribution("gensim").locate_file("gensim/test/test_data/questions-words.txt")
    text = Path(str(path)).read_text(encoding="utf-8")
    section = ""
    for line in text.lower().splitlines():
        if line.startswith(":"):
            section = line[1:].strip()
        elif line.strip():
            yield Question(section, *line.split())


def words_asked(questions: list[Question]) -> set[str]:
    """Every word that the questions need."""
    return {word for question in questions for word in question[1:]}
