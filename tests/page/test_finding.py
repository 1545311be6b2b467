import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from pipeline.page.finding import finding, limits
from pipeline.page.results import Results
from pipeline.run.outputs import read_json, write_json
from tests.conftest import ROOT
from tests.page.conftest import FAMILY, ask, render, write_language_model, write_vectors


def found(*models: str) -> list[str]:
    return finding(Results(Path("data"), dict.fromkeys(models, _Entry())))


class _Entry:
    kind = "language_model"


def write_perplexities(baseline: float, low: float, high: float) -> None:
    figures = {"valid_perplexity": baseline, "test_perplexity": baseline}
    write_json(Path("data/metrics/baselines/trigram_kneser_ney.json"), figures)
    rows = {"trigram_kneser_ney": {"ratio_low": low, "ratio_high": high}, "both": dict.fromkeys(figures, 61.5)}
    weights = {"both": {"gru": 0.8, "trigram_kneser_ney": 0.2}}
    write_json(Path("data/reports/perplexities.json"), {"best": "gru", "rows": rows, "weights": weights})


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (1.1, 1.3, "better than"),
        (0.7, 0.9, "worse than"),
        (0.9, 1.1, "not shown to differ from"),
        (1.1, 1.1, "not shown to differ from"),
    ],
)
def test_a_model_is_compared_with_what_there_is(in_tmp: Path, low: float, high: float, told: str) -> None:
    assert found() == []
    assert limits(Results(Path("data"), {})) == ""
    write_language_model("gru", test_perplexity=75.61)
    assert found("gru") == ["The test perplexity of gru is 75.6."]
    write_perplexities(82.7, low, high)
    ngram, mixture = "best n-gram model (trigram, Kneser-Ney)", "a mixture, 0.80 gru + 0.20 trigram, Kneser-Ney"
    assert found("gru") == [
        f"The test perplexity of gru is 75.6, {told} the 82.7 of the {ngram}; {mixture}, reaches 61.5."
    ]
    assert found() == [f"The test perplexity of the {ngram} is 82.7; no recurrent language model was trained."]


@pytest.fixture
def asked(in_tmp: Path) -> None:
    write_vectors("gru", list(FAMILY), np.array(list(FAMILY.values()), float))
    ask("gru")


@pytest.mark.parametrize(
    ("test", "frequent", "spelling", "told"),
    [
        ((0.3, 0.5), 0.2, 0.1, "That beats always giving a section's most frequent answer (20.0%)."),
        ((0.1, 0.3), 0.1, 0.2, "That is not shown to beat spelling alone (20.0%)."),
        ((0.1, 0.15), 0.1, 0.2, "That is worse than spelling alone (20.0%)."),
    ],
)
@pytest.mark.usefixtures("asked")
def test_vectors_are_compared_with_the_better_baseline_before_n_grams_alone(
    monkeypatch: pytest.MonkeyPatch, test: tuple[float, float], frequent: float, spelling: float, told: str
) -> None:
    path, (low, high) = Path("data/reports/analogies/gru.json"), test
    report = read_json(path)
    report["accuracy"]["cosine"] |= {"test": (low + high) / 2, "test_low": low, "test_high": high}
    for baseline, share in {"frequent": frequent, "spelling": spelling}.items():
        report["accuracy"][baseline]["test"] = share
    write_json(path, report)
    write_perplexities(82.5, 1, 1)
    monkeypatch.setattr(_Entry, "kind", "word2vec")
    vectors, ngrams = found("gru")
    right = f"{sum(test) / 2:.1%} of {report['asked_test']} analogy questions right ({low:.1%} to {high:.1%})."
    assert vectors == f"The vectors of gru answer {right} {told}"
    assert ngrams.endswith("; no recurrent language model was trained.")


@pytest.mark.usefixtures("asked")
def test_what_the_vocabulary_lacks_or_how_many_of_the_books_questions_are_right_is_told() -> None:
    told = limits(Results(Path("data"), {"gru": _Entry()}))
    told_first, missing = told.split(". It lacks ")
    assert told_first == "6 of Google's 19,544 analogy questions can be asked with a vocabulary of 6 words"
    assert "“paris”" in missing
    assert missing.endswith(", so only 1 of the book's 4 questions can be asked.")
    words = ["the", "paris", "france", "rome", "italy", "king", "man", "queen", "woman", "london", "england"]
    shutil.rmtree("data/embeddings")
    write_vectors("gru", words, np.ones((len(words), 2)))  # all are equally near, so the answer is the most frequent
    ask("gru")
    told = limits(Results(Path("data"), {"gru": _Entry()}))
    assert told.endswith(" gru answers 0 of the book's 4 questions right.")


def test_the_advice_says_what_the_documentation_does(in_tmp: Path) -> None:
    rows = dict.fromkeys(("rows", "rows_train", "rows_valid", "rows_test", "unknown_share"), 0.5)
    write_json(Path("data/metrics/index.json"), {**rows, "tokens": 400_000})
    html = render()
    (advice,) = re.findall(r'<p class="next">(.*?)</p>', html, re.DOTALL)
    docs = (ROOT / "docs/vectors.md").read_text(encoding="utf-8")
    for told in ("wikilm preset embeddings", "16 million words", "71.1%", "2,477", "france - paris + london"):
        assert told in advice
        assert told in docs.replace("\n", " ")
    write_json(Path("data/metrics/index.json"), {**rows, "tokens": 40_000_000})
    assert 'class="next"' not in render()
