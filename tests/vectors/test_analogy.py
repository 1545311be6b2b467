from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors
from gensim.test.utils import datapath
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline import analogies
from pipeline.run.console import UserError
from pipeline.run.params.results import Analogies
from pipeline.vectors.analogy import DISTANCES, Distance, VectorSpace, unit_length
from pipeline.vectors.questions import BOOK_QUESTIONS, Question, google_questions, words_asked
from pipeline.vectors.report import analogy_report
from pipeline.vectors.word2vec import load_vectors, save_vectors

# The first axis is royal, the second female: the textbook's picture.
WORDS = ["king", "queen", "man", "woman", "land"]
VECTORS = np.array([[1, 0.1], [1, 1], [0.1, 0.1], [0.1, 1], [0.5, -1]], np.float32)
KING = Question("book", "man", "king", "woman", "queen")


@pytest.mark.parametrize("distance", DISTANCES)
def test_king_minus_man_plus_woman(distance: Distance) -> None:
    (answer,) = VectorSpace(WORDS, VECTORS, distance).answer([KING])
    assert answer.word == "queen"
    if distance == "euclidean":
        assert answer.distance == pytest.approx(0, abs=1e-3)


def test_the_three_given_words_are_no_answers() -> None:
    words = ["a", "b", "c", "far"]
    vectors = np.array([[1, 0], [1, 0.1], [1, 0.2], [-5, 9]], np.float32)
    for distance in DISTANCES:
        (answer,) = VectorSpace(words, vectors, distance).answer([Question("", "a", "b", "c", "far")])
        assert answer.word == "far"


@given(arrays(np.float32, (7, 3), elements=st.floats(-4, 4, width=16)))
def test_distances_are_those_of_the_formula(vectors: np.ndarray) -> None:
    euclidean = VectorSpace([*"abcdefg"], vectors, "euclidean").distances(vectors[:2])
    expected = np.linalg.norm(vectors[:2, None].astype(float) - vectors[None], axis=2)
    np.testing.assert_allclose(euclidean, expected, atol=0.02)
    cosine = VectorSpace([*"abcdefg"], vectors, "cosine").distances(vectors[:2])
    np.testing.assert_allclose(cosine, 1 - unit_length(vectors[:2]) @ unit_length(vectors).T, atol=1e-5)


def test_accuracy_by_section_is_gensims(tmp_path: Path) -> None:
    words = sorted(words_asked(list(google_questions())))[::2]
    vectors = np.random.default_rng(0).normal(size=(len(words), 4)).astype(np.float32)  # 4: so that some are right
    results = analogies.evaluate(words, vectors, Analogies(frequent_words=2, neighbours=3))
    save_vectors(tmp_path / "v.txt", words, vectors)
    keyed = KeyedVectors.load_word2vec_format(str(tmp_path / "v.txt"))
    _, sections = keyed.evaluate_word_analogies(datapath("questions-words.txt"), restrict_vocab=len(words))
    theirs = {s["section"]: (len(s["correct"]), len(s["correct"]) + len(s["incorrect"])) for s in sections[:-1]}
    ours = {name: (s["cosine"], s["asked"]) for name, s in results["sections"].items()}
    assert ours == theirs
    assert sum(correct for correct, _ in ours.values()) > 0


def test_google_and_the_book() -> None:
    questions = list(google_questions())
    assert len(questions) == 19_544
    assert questions[0] == Question("capital-common-countries", "athens", "greece", "baghdad", "iraq")
    assert len({question.section for question in questions}) == 14
    assert [f"{q.b} - {q.a} + {q.c} = {q.answer}" for q in BOOK_QUESTIONS] == [
        "king - man + woman = queen",
        "france - paris + london = england",
        "france - paris + rome = italy",
        "paris - france + italy = rome",
    ]


def test_figures_stand_beside_their_coverage() -> None:
    results = analogies.evaluate(["boy", "girl", "brother", "sister"], np.eye(4, dtype=np.float32), Analogies(
        frequent_words=1, neighbours=2
    ))  # fmt: skip
    figures = analogies.figures(results)
    assert figures["asked"] == 2
    assert figures["coverage"] == pytest.approx(2 / 19_544)
    assert figures["cosine_total"] == figures["cosine_semantic"] == 1  # one word is left to answer with
    assert figures["cosine_syntactic"] == 0
    assert results["book"][0]["missing"] == ["man", "king", "woman", "queen"]


def test_the_report_says_what_was_asked_and_what_was_missing() -> None:
    results = analogies.evaluate(WORDS, VECTORS, Analogies(frequent_words=2, neighbours=3))
    text = analogy_report("gru", results)
    assert "5 words, 2 dimensions. 2 of Google's 19,544 questions" in text
    assert "| king - man + woman | queen | queen (0.0" in text
    assert "not asked: no paris, france, rome, italy" in text
    assert "- **king**: queen" in text
    assert text.count("- **") == 2


def test_vectors_read_back_in_order(tmp_path: Path) -> None:
    save_vectors(tmp_path / "v.txt", WORDS, VECTORS)
    words, vectors = load_vectors(tmp_path / "v.txt")
    assert words == WORDS
    np.testing.assert_array_equal(vectors, VECTORS)


@pytest.mark.parametrize("content", ["", "not vectors\n", "2 3\na 1 2 3\n"])
def test_a_file_that_holds_no_vectors(tmp_path: Path, content: str) -> None:
    (tmp_path / "v.txt").write_text(content)
    with pytest.raises(UserError, match="cannot be read as word2vec text"):
        load_vectors(tmp_path / "v.txt")
