from pathlib import Path

import pytest

from pipeline.run.errors import UserError
from pipeline.vectors.questions import Question, question_files, read_questions, spell
from pipeline.words.words import split_words


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    own, capitals = "\ufeffman king woman queen\n\n# of my own\n #a b c d\n", " Paris France LONDON England|Britain\r\n"
    (path := tmp_path / "mine.txt").write_text(f"{own}: Capitals \n{capitals}:\na b c d", "utf-8")
    asked = Question("capitals", "paris", "france", "london", ("england", "britain"))
    first, *others = read_questions(path).questions
    assert first == Question("mine", "man", "king", "woman", ("queen",))
    assert others == [asked, Question("mine", "a", "b", "c", ("d",))]
    known = {"Paris", "France", "London", "london", "Britain"}
    cased = asked._replace(a="Paris", b="France", answers=("england", "Britain"))
    assert read_questions(path, known).questions[1] == cased


def test_words_are_spelled_as_the_vocabulary_spells_them() -> None:
    typed = ["İstanbul", "E\u0301TE\u0301", "ΛΌΓΟΣ", "\u200bKi\u00adng\u200e", "\ufeffking\u2060\u200f"]
    spelled = split_words([" ".join(typed)], "en")[0].to_pylist()
    assert [spell(word, ()) for word in typed] == spelled == ["istanbul", "été", "λόγος", "king", "king"]
    assert [spell(word, {"Paris", "École"}) for word in ("Pa\u00adris", "E\u0301cole")] == ["Paris", "École"]
    # A capital I is dotless where only that is known.
    assert spell("IRAK", {"ırak", "iran"}) == "ırak"
    assert [spell("Isı", known) for known in ({"ısı"}, {"ısı", "isı"}, ())] == ["ısı", "isı", "isı"]


def test_a_given_word_is_no_answer(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("a B c b|d|C|e\nistanbul a b İstanbul\nparis a b Paris|c\n", "utf-8")
    questions = read_questions(path, {"a", "b", "c", "d", "paris", "Paris"}).questions
    assert [(question.a, question.answers) for question in questions] == [("a", ("d", "e")), ("paris", ("Paris", "c"))]


@pytest.mark.parametrize("line", ["one two three", "one two three four five", "a b c d|", "a|b c d e", "a b c b|c"])
def test_a_malformed_line_is_named_and_left_out(tmp_path: Path, line: str) -> None:
    path = tmp_path / "mine.txt"
    path.write_text(f": x\na b c d\n{line}\n{100 * 'word '}", encoding="utf-8")
    file = read_questions(path)
    assert [question.b for question in file.questions] == ["b"]
    message, long = file.malformed
    assert message.startswith(f"{path}, line 3: found {line!r}; expected four words, a b c d")
    assert len(long.removeprefix(str(path))) < 250


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\n : section\n\n# a b c d\n", ": holds no question; expected four words"),
        (b"a b c\n", ": holds no question; .*line 1: found 'a b c'; expected .*; correct or remove the file"),
        (b"a b c \xff\n", ", line 1: is not UTF-8 text: .* at byte 6"),
    ],
)
def test_a_file_of_no_questions(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "mine.txt").write_bytes(content)
    (tmp_path / "._a.txt").write_bytes(b"\x00\x05\x16\x07")  # macOS writes such files to other disks
    with pytest.raises(UserError, match=f"mine.txt{message}"):
        list(question_files(tmp_path))
