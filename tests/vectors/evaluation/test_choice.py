import hashlib
from collections import Counter

from pipeline.vectors.evaluation.choice import MetricsByModel, best_language_model, best_vectors, half_of
from pipeline.vectors.questions import Question, google_questions


def test_the_lowest_bits_of_both_pairs_hashes_decide_the_half() -> None:
    bits = {word: hashlib.blake2b(word.encode(), digest_size=8).digest()[-1] & 1 for word in ("man", "boy", "king")}
    for a, c in (("man", "boy"), ("Man", "king"), ("boy", "king")):
        both = {bits[a.lower()], bits[c]}
        expected = None if len(both) == 2 else "test" if both == {1} else "development"
        assert half_of(Question("", a, "b", c, ("d",))) == expected
    google = google_questions()
    assert Counter(map(half_of, google)) == {None: 9_785, "test": 5_580, "development": 4_179}
    pairs = {
        half: {word for q in google if half_of(q) == half for word in q.firsts} for half in ("development", "test")
    }
    assert not pairs["development"] & pairs["test"]


def test_the_best_model_is_the_first_of_the_best_validation_figure() -> None:
    trained: MetricsByModel = {
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
