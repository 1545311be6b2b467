from pathlib import Path

import pytest

from pipeline.run.errors import UserError
from pipeline.vectors.evaluation.bats import WordPair, combine, read_relation
from pipeline.vectors.questions import Question

# A pair a line; the second ends in an empty answer and repeats one, the third is malformed.
MALE_FEMALE = "\ufeffking\tqueen\r\nboy\tgirl/lass//girl/\nman woman girl\n\nsir\tmadam\nlone\nnothing\t/\n"


def relation(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_relation_has_several_right_answers_and_names_its_malformed_lines(tmp_path: Path) -> None:
    path = relation(tmp_path, "E10 [male - female]", MALE_FEMALE)
    pairs, malformed = read_relation(path)
    assert [pair.answers for pair in pairs] == [("queen",), ("girl", "lass"), ("madam",)]
    assert malformed == [
        f"{path}, line {line}: found {found!r}; expected a word, a tab, and right answers separated by /"
        for line, found in ((3, "man woman girl"), (6, "lone"), (7, "nothing\t/"))
    ]
    with pytest.raises(UserError, match=r"r.txt: holds no pair of words; .*line 1: found 'one two three'; expected a"):
        read_relation(relation(tmp_path, "r", "one two three\n"))


def test_given_words_are_no_right_answers_and_known_words_keep_their_capitals() -> None:
    pairs = [WordPair("plato", ("greek",)), WordPair("homer", ("greek", "ionian")), WordPair("kant", ("german",))]
    questions = {(question.a, question.c): question.answers for question in combine("x", pairs)}
    assert questions["plato", "homer"] == ("ionian",)
    assert ("homer", "plato") not in questions  # "greek" is given
    assert questions["kant", "homer"] == ("greek", "ionian")
    assert len(questions) == 5
    pairs = [WordPair("Rome", ("Italy",)), WordPair("Oslo", ("Norway", "Norge"))]
    found = next(combine("x", pairs, {"Rome", "Norge", "italy"}))
    assert found == Question("x", "Rome", "italy", "oslo", ("norway", "Norge"))
