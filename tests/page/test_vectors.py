from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline import compare_vectors
from pipeline.page.results import Results
from pipeline.page.vectors import examples, first_of_test, section
from pipeline.records.analogies import AnalogyReport, Answered, FileAnswers, Near, ShownQuestion
from pipeline.run.outputs import read_json, write_json
from pipeline.vectors.coding import coded
from pipeline.vectors.questions import Question
from pipeline.vectors.space import VectorSpace
from tests.page.conftest import ask, write_vectors
from tests.page.conftest import compare_vectors as compare
from tests.page.known_vectors import decoded

RANDOM = np.random.default_rng(0).normal(size=(60, 50))
WORDS = [f"w{number}" for number in range(60)]


def held() -> dict[str, Any]:
    compare()
    found = section(Results(Path("data"), {}))
    assert found is not None
    return found


def test_8_bits_give_the_right_answers_and_cosines_of_two_decimals(in_tmp: Path) -> None:
    write_vectors("gru", WORDS, RANDOM)
    found = decoded(held()["data"]["spaces"][0]["vectors"])
    for start in range(40):
        a, b, c = WORDS[start : start + 3]
        question = Question("", a, b, c, ())
        one, other = (VectorSpace(WORDS, own).nearest(question, "cosine", 57) for own in (RANDOM, found))
        assert one[0][0] == other[0][0]
        for word, cosine in other:
            assert cosine == pytest.approx(dict(one)[word], abs=0.005)
    biases = np.array([0.1, 0, -200], np.float32)
    np.testing.assert_array_equal(decoded(coded(biases).model_dump())[:, 0], biases)  # a column's values are exact


def test_the_best_model_is_first_and_others_are_held_while_there_is_room(
    in_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, share in (("lstm", 0.1), ("gru", 0.3), ("svd", 0.2)):
        write_vectors(name, WORDS, RANDOM)
        ask(name)
        report = read_json(path := Path(f"data/reports/analogies/{name}.json"))
        report["accuracy"]["cosine"]["development"] = share
        write_json(path, {**report, "asked": 9})
    size = 60 * (50 + 4) * 4 // 3
    monkeypatch.setattr(compare_vectors, "ROOM", 2 * size)
    found = held()
    assert (found["names"], found["others"], found["data"]["whole"]) == (["gru", "lstm"], ["svd"], True)
    assert found["megabytes"] == pytest.approx(2 * size / 1e6)
    for space in found["data"]["spaces"]:
        x, y = space["places"]
        assert len(x) == len(y) == len(space["clusters"]) == 60
        assert np.abs(space["places"]).max() == compare_vectors.PLACES
    monkeypatch.setattr(compare_vectors, "ROOM", size // 2)
    found = held()
    assert (found["names"], found["most"], found["data"]["whole"]) == (["gru"], 30, False)


def test_words_are_held_once_and_only_the_most_frequent(in_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, words in (("lstm", WORDS), ("gru", WORDS), ("svd", WORDS[::-1])):
        write_vectors(name, words, RANDOM)
    monkeypatch.setattr(compare_vectors, "HELD_WORDS", 20)
    found = held()
    assert [space.get("words") for space in found["data"]["spaces"]] == [WORDS[:20], None, WORDS[:-21:-1]]
    assert (found["most"], found["known"], found["held"]) == (20, 60, set(WORDS[:20]))
    assert not found["data"]["whole"]


def test_examples_are_right_and_from_many_sections() -> None:
    def asked(words: str, right: bool = True) -> Answered:
        a, b, c = words.split()
        return Answered(a=a, b=b, c=c, expected="", top5=[], right=right)

    def shown(words: str, answer: str, *cosine: Near) -> ShownQuestion:
        a, b, c = words.split()
        return ShownQuestion(a=a, b=b, c=c, answers=[answer], cosine=[*cosine])

    def report_of(answers: dict[str, list[Answered]], *book: ShownQuestion) -> AnalogyReport:
        file: dict[str, Any] = {"shown": [*book]}
        content: dict[str, Any] = {"answers": answers, "files": [FileAnswers.model_construct(**file)]}
        return AnalogyReport.model_construct(**content)

    capitals = [asked("athens greece oslo"), asked("paris france oslo"), asked("a b c")]
    family = [asked("he boy woman"), asked("boy girl he", right=False)]
    book = [
        shown("paris france oslo", "norway", ("sweden", 0.6), ("norway", 0.5)),
        shown("man king woman", "queen", ("queen", 0.6)),
        shown("france paris italy", "rome"),  # which the vocabulary lacks
    ]
    report = report_of({"capitals": capitals, "family": family, "currency": family[1:]}, *book)
    words = ["athens", "greece", "oslo", "paris", "france", "man", "king", "woman", "boy", "girl", "he"]
    found = "king - man + woman; greece - athens + oslo; boy - he + woman; france - paris + oslo"
    assert "; ".join(examples(report, words)) == found
    assert list(examples(None, words)) == words[:5]
    assert list(examples(None, ["a", "b"])) == ["a", "b"]
    # Also one of the development half, one of a word that is not held, and one too many.
    halves = ["man he king", "oslo paris he", "athens greece rome", "boy girl woman", "king he man", "man king boy"]
    of_halves = report_of({"all": [asked(words, right=words[0] != "b") for words in halves]})
    first = [("he - man + king", True), ("girl - boy + woman", False), ("he - king + man", True)]
    assert first_of_test(of_halves, words) == first
