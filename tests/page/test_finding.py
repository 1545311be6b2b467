import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.page.finding import finding, limits, wants_more_text
from pipeline.page.results import Results
from pipeline.run.outputs import read_json, write_json
from tests.conftest import ROOT
from tests.page.conftest import FAMILY, ask, render, write_language_model, write_vectors


def found(*models: str) -> list[str]:
    return finding(Results(Path("data"), dict.fromkeys(models, _Entry())))


class _Entry:
    kind = "language_model"


def write_baseline(perplexity: float) -> None:
    figures = {"valid_perplexity": perplexity, "test_perplexity": perplexity}
    write_json(Path("data/metrics/baselines/trigram_kneser_ney.json"), figures)


def write_ratio(low: float, high: float, weights: Mapping[str, Any] | None = None) -> None:
    rows = {"trigram_kneser_ney": {"ratio_low": low, "ratio_high": high}}
    rows["both"] = {"valid_perplexity": 60.0, "test_perplexity": 61.5}
    write_json(Path("data/reports/perplexities.json"), {"best": "gru", "rows": rows, "weights": weights or {}})


def test_a_run_of_nothing_has_found_nothing(in_tmp: Path) -> None:
    assert found() == []
    assert limits(Results(Path("data"), {})) == ""
    assert not wants_more_text(Results(Path("data"), {}))


def test_baselines_alone_are_said_to_be_alone(in_tmp: Path) -> None:
    write_baseline(82.5)
    assert found() == [
        "The test perplexity of the best n-gram model (trigram, Kneser-Ney) is 82.5; no recurrent language model was "
        "trained."
    ]


def test_a_model_alone_is_compared_with_nothing(in_tmp: Path) -> None:
    write_language_model("gru", test_perplexity=75.61)
    assert found("gru") == ["The test perplexity of gru is 75.6."]


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (1.1, 1.3, "better than"),
        (0.7, 0.9, "worse than"),
        (0.9, 1.1, "not shown to differ from"),
        (1.1, 1.1, "not shown to differ from"),
    ],
)
def test_a_difference_is_one_of_the_interval(in_tmp: Path, low: float, high: float, told: str) -> None:
    write_language_model("gru", test_perplexity=75.6)
    write_baseline(82.7)
    write_ratio(low, high)
    assert found("gru") == [
        f"The test perplexity of gru is 75.6, {told} the 82.7 of the best n-gram model (trigram, Kneser-Ney)."
    ]


def test_a_mixture_is_named_with_its_weights(in_tmp: Path) -> None:
    write_language_model("gru", test_perplexity=75.6)
    write_ratio(1.0, 1.0, {"both": {"gru": 0.8, "trigram_kneser_ney": 0.2}})
    (told,) = found("gru")
    assert told.endswith("75.6; a mixture, 0.80 gru + 0.20 trigram, Kneser-Ney, reaches 61.5.")


@pytest.fixture
def asked(in_tmp: Path) -> None:
    write_vectors("gru", list(FAMILY), np.array(list(FAMILY.values()), float))
    ask("gru")
    for folder in (Path("data/reports/analogies"), Path("data/metrics/analogies")):
        write_json(folder / "svd.json", read_json(folder / "gru.json"))


def mark(name: str, development: float, low: float, high: float, baselines: dict[str, float]) -> None:
    """Change what a model's report says of its accuracy and of the baselines'."""
    path, metrics = (Path(f"data/{folder}/analogies/{name}.json") for folder in ("reports", "metrics"))
    report = read_json(path)
    report["accuracy"]["cosine"] |= {"test": (low + high) / 2, "test_low": low, "test_high": high}
    for baseline, share in baselines.items():
        report["accuracy"][baseline]["test"] = share
    write_json(path, report)
    write_json(metrics, read_json(metrics) | {"development_total": development})


CASES: list[tuple[tuple[float, float], tuple[float, float], str]] = [
    ((0.3, 0.5), (0.05, 0.15), "That beats {}; no other model does."),
    ((0.3, 0.5), (0.3, 0.5), "That beats {}; so does one other model."),
    ((0.1, 0.3), (0.3, 0.5), "That is not shown to beat {}; svd beats it."),
    ((0.1, 0.3), (0.1, 0.3), "No model is shown to beat {}."),
    ((0.1, 0.15), (0.1, 0.3), "That is worse than {}."),
]


@pytest.mark.parametrize(
    ("baselines", "better"),
    [
        ({"frequent": 0.2, "spelling": 0.1}, "always giving a section's most frequent answer (20.0%)"),
        ({"frequent": 0.1, "spelling": 0.2}, "spelling alone (20.0%)"),
    ],
)
@pytest.mark.usefixtures("asked")
def test_vectors_are_compared_with_the_better_baseline(baselines: dict[str, float], better: str) -> None:
    number = read_json(Path("data/reports/analogies/gru.json"))["asked_test"]
    for gru, svd, told in CASES:
        mark("gru", 0.9, *gru, baselines)
        mark("svd", 0.1, *svd, baselines)
        (sentence,) = found("gru", "svd")
        right = f"{sum(gru) / 2:.1%} of {number} analogy questions right ({gru[0]:.1%} to {gru[1]:.1%})."
        assert sentence == f"The vectors of gru answer {right} {told.format(better)}"
    (alone,) = found("svd")
    assert alone.endswith(f"That is not shown to beat {better}.")


@pytest.mark.usefixtures("asked")
def test_vectors_come_before_n_grams_where_no_language_model_was_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    write_baseline(82.5)
    monkeypatch.setattr(_Entry, "kind", "word2vec")
    vectors, ngrams = found("gru", "svd")
    assert vectors.startswith("The vectors of gru answer ")
    assert ngrams.endswith("; no recurrent language model was trained.")


@pytest.mark.usefixtures("asked")
def test_the_words_that_the_book_asks_for_in_vain_are_named() -> None:
    told = limits(Results(Path("data"), {"gru": _Entry()}))
    assert told.startswith("6 of Google's 19,544 analogy questions can be asked with a vocabulary of 6 words. ")
    assert "“paris”" in told
    assert told.endswith(" are not in it, so three of the book's four questions cannot be asked.")


def test_no_right_answer_is_told_in_words(in_tmp: Path) -> None:
    words = ["the", "paris", "france", "rome", "italy", "king", "man", "queen", "woman", "london", "england"]
    write_vectors("gru", words, np.ones((len(words), 2)))  # all are equally near, so the answer is the most frequent
    ask("gru")
    told = limits(Results(Path("data"), {"gru": _Entry()}))
    assert told.endswith(" gru answers none of the book's four questions right.")


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
