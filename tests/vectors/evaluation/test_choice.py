import hashlib

from pipeline.vectors.evaluation.choice import Metrics, best_language_model, best_vectors, in_development_half
from pipeline.vectors.questions import Question, google_questions


def test_the_lowest_bit_of_a_questions_hash_decides_its_half() -> None:
    for answers, written in ((("queen",), "man king woman queen"), (("x", "Y"), "man king woman x|y")):
        digest = hashlib.blake2b(written.encode(), digest_size=8).digest()
        for section, a in (("family", "man"), ("other", "Man")):
            found = in_development_half(Question(section, a, "king", "woman", answers))
            assert found == (int.from_bytes(digest, "big") & 1 == 0)
    halves = [in_development_half(question) for question in google_questions()]
    assert sum(halves) == 9_802
    assert halves[:8] == [False, False, True, True, True, True, False, True]


def test_the_best_model_is_the_first_of_the_best_validation_figure() -> None:
    trained: Metrics = {
        "a": {"valid_perplexity": 80.0, "test_perplexity": 60.0},
        "b": {"valid_perplexity": 70.0, "test_perplexity": 90.0},
        "equal": {"valid_perplexity": 70.0, "test_perplexity": 50.0},
        "svd": {"train_tokens": 9},
    }
    assert best_language_model(trained) == "b"
    assert best_language_model({"svd": trained["svd"]}) is None
    asked = {
        "a": {"asked": 9, "development_total": 0.2, "test_total": 0.9},
        "b": {"asked": 9, "development_total": 0.3, "test_total": 0.1},
        "equal": {"asked": 9, "development_total": 0.3, "test_total": 0.8},
        "unasked": {"asked": 0, "development_total": 0.0, "test_total": 0.0},
        "unevaluated": {},
    }
    assert best_vectors(asked) == "b"
    assert best_vectors({name: asked[name] for name in ("unasked", "unevaluated")}) is None
