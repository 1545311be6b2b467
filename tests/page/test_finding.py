import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from pipeline.page.finding import finding, limits
from pipeline.page.results import Results
from pipeline.run.outputs import read_json, write_json
from tests.page.conftest import FAMILY, ask, render, write_language_model, write_vectors


def results_of(*models: str, kind: str = "language_model") -> Results:
    return Results(Path("data"), dict.fromkeys(models, SimpleNamespace(kind=kind)))


def write_perplexities(baseline: float, low: float, high: float) -> None:
    figures = {"valid_perplexity": baseline, "test_perplexity": baseline}
    write_json(Path("data/metrics/baselines/trigram_kneser_ney.json"), figures)
    rows = {"trigram_kneser_ney": {"ratio_low": low, "ratio_high": high}, "both": dict.fromkeys(figures, 61.5)}
    weights = {"both": {"gru": 0.8, "trigram_kneser_ney": 0.2}}
    write_json(Path("data/reports/perplexities.json"), {"best": "gru", "rows": rows, "weights": weights})


@pytest.mark.parametrize(
    ("low", "high", "told"), [(1.1, 1.3, "worse than"), (0.7, 0.9, "better than"), (0.9, 1.1, "level with")]
)
def test_a_model_is_compared_with_what_there_is(in_tmp: Path, low: float, high: float, told: str) -> None:
    assert (finding(results_of()), limits(results_of())) == ([], "")
    write_language_model("gru", test_perplexity=75.61)
    assert finding(results_of("gru")) == ["The test perplexity of gru is 75.6."]
    write_perplexities(82.7, low, high)
    ngram, mixture = "best n-gram model (trigram, Kneser-Ney)", "a mixture, 0.80 gru + 0.20 trigram, Kneser-Ney"
    (sentence,) = finding(results_of("gru"))
    known = "The test perplexity of gru is 75.6"
    assert sentence == f"{known}; the {ngram} is {told} gru, with 82.7; {mixture}, reaches 61.5."
    rows = {"trigram_kneser_ney": {"ratio": 1.1, "test_articles": 3}}
    write_json(Path("data/reports/perplexities.json"), {"best": "gru", "rows": rows, "weights": {}})
    assert finding(results_of("gru")) == [f"{known}; the {ngram} is level with gru, with 82.7 (3 test articles)."]
    alone = f"The test perplexity of the {ngram} is 82.7; no recurrent language model was trained."
    assert finding(results_of()) == [alone]


def ask_family() -> None:
    write_vectors("gru", list(FAMILY), np.array(list(FAMILY.values()), float))
    ask("gru")


def test_vectors_are_compared_with_the_best_rule_before_n_grams_alone(in_tmp: Path) -> None:
    ask_family()
    report = read_json(path := Path("data/reports/analogies/gru.json"))
    write_perplexities(82.5, 1, 1)
    report["asked_test"], report["accuracy"]["cosine"] = 40, {"test": 0.4, "test_low": 0.3, "test_high": 0.5}
    rules = {"frequent": 0.2, "third": 0.1, "affixes": 0.05}
    for low, high, told in ((0.1, 0.3, "ahead of"), (-0.1, 0.3, "level with"), (-0.3, -0.1, "behind")):
        leads = {"lead_low": low, "lead_high": high}
        report["accuracy"] |= {rule: {"test": share, **leads} for rule, share in rules.items()}
        write_json(path, report | {"asked_test_semantic": 0})
        vectors, ngrams = finding(results_of("gru", kind="word2vec"))
        share = "40.0% (30.0% to 50.0%) right"
        rule = "always giving a section's most frequent answer (20.0%)"
        assert vectors == f"Of 40 analogy questions, the vectors of gru answer {share}. That is {told} {rule}."
        assert ngrams.endswith("; no recurrent language model was trained.")


def test_what_the_vocabulary_lacks_or_how_many_of_the_books_questions_are_right_is_told(in_tmp: Path) -> None:
    ask_family()
    told, missing = limits(results_of("gru")).split(". It lacks ")
    assert told == "6 of Google's 19,544 analogy questions can be asked with a vocabulary of 6 words"
    assert "“paris”" in missing
    assert missing.endswith(", so only 1 of the book's 4 questions can be asked.")
    path = Path("data/reports/analogies/gru.json")
    report = read_json(path)
    report["files"][0] |= {"missing": {}, "cosine": 3}
    write_json(path, report)
    assert limits(results_of("gru")).endswith(" gru answers 3 of the book's 4 questions right.")


def test_a_small_text_is_followed_by_the_advice_to_take_more(in_tmp: Path) -> None:
    rows = dict.fromkeys(("rows", "rows_train", "rows_valid", "rows_test", "unknown_share"), 0.5)
    write_json(Path("data/metrics/index.json"), {**rows, "tokens": 400_000})
    (advice,) = re.findall(r'<p class="next">(.*?)</p>', render(), re.DOTALL)
    assert "wikilm preset embeddings" in advice
    write_json(Path("data/metrics/index.json"), {**rows, "tokens": 40_000_000})
    assert 'class="next"' not in render()
