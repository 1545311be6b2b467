import hashlib

from pipeline.vectors.evaluation.choice import Metrics, best_language_model, best_vectors, in_development_half
from pipeline.vectors.questions import Question, google_questions


def test_the_lowest_bit_of_a_questions_hash_decides_its_half() -> None:
    for answers, written in ((("queen",), "man king woman queen"), (("x", "y"), "man king woman x|y")):
        digest = hashlib.blake2b(written.encode(), digest_size=8).digest()
        question = Question("family", "man", "king", "woman", answers)
        assert in_development_half(question) == (int.from_bytes(digest, "big") & 1 == 0)
        assert in_development_half(question._replace(section="other")) == in_development_half(question)
        capitals = question._replace(a="Man", answers=tuple(answer.upper() for answer in answers))
        assert in_development_half(capitals) == in_development_half(question)


def test_the_halves_of_googles_questions_are_fixed_and_about_equal() -> None:
    questions = google_questions()
    halves = [in_development_half(question) for question in questions]
    assert sum(halves) == 9_802
    assert halves[:8] == [False, False, True, True, True, True, False, True]
    for section in {question.section for question in questions}:
        own = [half for half, question in zip(halves, questions, strict=True) if question.section == section]
        assert 0.4 < sum(own) / len(own) < 0.6


def test_the_language_model_of_the_lowest_validation_perplexity_is_best() -> None:
    trained: Metrics = {
        "a": {"valid_perplexity": 80.0, "test_perplexity": 60.0},
        "b": {"valid_perplexity": 70.0, "test_perplexity": 90.0},
        "equal": {"valid_perplexity": 70.0, "test_perplexity": 50.0},
        "svd": {"train_tokens": 9},
        "untrained": {},
    }
    assert best_language_model(trained) == "b"
    assert best_language_model({"svd": trained["svd"]}) is None


def test_the_vectors_of_the_highest_accuracy_on_the_development_half_are_best() -> None:
    asked = {
        "a": {"asked": 9, "development_total": 0.2, "test_total": 0.9},
        "b": {"asked": 9, "development_total": 0.3, "test_total": 0.1},
        "equal": {"asked": 9, "development_total": 0.3, "test_total": 0.8},
        "unasked": {"asked": 0, "development_total": 0.0, "test_total": 0.0},
        "unevaluated": {},
    }
    assert best_vectors(asked) == "b"
    assert best_vectors({name: asked[name] for name in ("unasked", "unevaluated")}) is None
