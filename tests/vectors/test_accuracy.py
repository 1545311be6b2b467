import numpy as np
import pytest
from gensim.models import KeyedVectors
from gensim.test.utils import datapath

from pipeline.vectors.accuracy import google_accuracy, right
from pipeline.vectors.questions import SYNTACTIC_PREFIX, Question, google_questions
from pipeline.vectors.scaling import scaled
from pipeline.vectors.space import VectorSpace


def test_the_figures_are_gensims() -> None:
    """For half of the words of Google's questions, with so few values each that chance gets some right."""
    words = sorted({word for asked in google_questions() for word in (*asked.given, *asked.answers)})[::2]
    vectors = np.random.default_rng(0).normal(size=(len(words), 4)).astype(np.float32)
    centred = scaled(vectors, "centred")
    found = google_accuracy(words, centred)
    peer = KeyedVectors(4)
    peer.add_vectors(words, centred)
    total, sections = peer.evaluate_word_analogies(datapath("questions-words.txt"), restrict_vocab=len(words))
    assert found["total"] == pytest.approx(total)
    assert found["total"] > 0
    for kind, syntactic in (("semantic", False), ("syntactic", True)):
        chosen = [s for s in sections[:-1] if s["section"].startswith(SYNTACTIC_PREFIX) == syntactic]
        correct, incorrect = (sum(len(s[key]) for s in chosen) for key in ("correct", "incorrect"))
        assert found[kind] == pytest.approx(correct / (correct + incorrect))
    assert found["asked"] == sum(len(s["correct"]) + len(s["incorrect"]) for s in sections[:-1])
    nothing = {"questions": 19_544, "asked": 0, "total": 0, "semantic": 0, "syntactic": 0}
    assert google_accuracy(["one", "two"], np.eye(2)) == nothing


def test_any_of_the_answers_is_right() -> None:
    space = VectorSpace(["a", "b", "c", "d", "e"], np.eye(5))
    questions = [Question("", "a", "b", "c", ("d",)), Question("", "a", "b", "c", ("x", "e"))]
    assert right(space, questions, np.array([[3], [3]])).tolist() == [True, False]
    assert right(space, questions, np.array([[4, 3], [3, 4]])).tolist() == [True, True]
    assert right(space, questions, np.empty((2, 0), int)).tolist() == [False, False]
