import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from pipeline import report
from pipeline.page.finding import findings
from pipeline.page.results import Results
from pipeline.run.outputs import read_json, write_json
from tests.conftest import SetParams
from tests.page.conftest import (
    FAMILY,
    ask,
    render,
    write_account,
    write_frequencies,
    write_language_model,
    write_vectors,
)

NO_WORDS = {"distinct": 0, "once": 0, "ranks": [], "counts": [], "covered": []}


def results_of(*models: str) -> Results:
    return Results(Path("data"), dict.fromkeys(models, SimpleNamespace(kind="language_model")))


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
    def of(*models: str) -> str:
        return findings(results_of(*models))["models"]

    assert not any(findings(results_of()).values())
    write_language_model("gru", test_perplexity=75.61)
    assert of("gru") == "The test perplexity of gru is 75.6."
    write_perplexities(82.7, low, high)
    ngram, mixture = "best n-gram model (trigram, Kneser-Ney)", "a mixture, 0.80 gru + 0.20 trigram, Kneser-Ney"
    known = "The test perplexity of gru is 75.6"
    assert of("gru") == f"{known}; the {ngram} is {told} gru, with 82.7; {mixture}, reaches 61.5."
    rows = {"trigram_kneser_ney": {"ratio": 1.1, "test_articles": 3}}
    write_json(Path("data/reports/perplexities.json"), {"best": "gru", "rows": rows, "weights": {}})
    assert of("gru") == f"{known}; the {ngram} has 82.7 (3 test articles)."
    assert of() == f"The test perplexity of the {ngram} is 82.7; no recurrent language model was trained."


def test_vectors_are_compared_with_the_best_rule_and_with_people(in_tmp: Path) -> None:
    write_vectors("gru", list(FAMILY), np.array(list(FAMILY.values()), float))
    ask("gru")
    asked = read_json(path := Path("data/reports/analogies/gru.json"))
    assert findings(results_of("gru"))["sets"] == ""  # of six words, no two are rated
    asked["asked_test"] = 40
    asked["accuracy"]["cosine"] |= {"test": 0.4, "test_low": 0.3, "test_high": 0.5}
    counts = {"asked": 3, "of": 3, "baseline": None}
    asked["suite"] += [{"set": "Sim", "figure": "Spearman", **counts, "value": 0.5, "low": 0.25, "high": 0.75}]
    rules = {"frequent": 0.2, "third": 0.1, "affixes": 0.05}
    for low, high, told in ((0.1, 0.3, "ahead of"), (-0.1, 0.3, "level with"), (-0.3, -0.1, "behind")):
        leads = {"lead_low": low, "lead_high": high}
        for rule, right in rules.items():
            asked["accuracy"][rule] |= {"test": right, **leads}
        write_json(path, asked | {"asked_test_semantic": 0})
        found = findings(results_of("gru"))
        share = "Of 40 analogy questions, the vectors of gru answer 40.0% (30.0% to 50.0%) right."
        rule = "always giving a section's most frequent answer (20.0%)"
        assert found["analogies"] == f"{share} That is {told} {rule}."
    assert found["sets"].endswith(": Sim 0.500 (0.250 to 0.750).")


def test_what_became_of_the_text_the_nets_and_the_verse_is_told(in_tmp: Path) -> None:
    write_frequencies({2: 3, 1: 1_000})
    write_account(**{"in": 1_200, "kept": 9, "failed": [1, 2]})
    net = {"hidden_sizes": [4], "parameters": 29, "solved": 2, "worst_accuracy": 1.0}
    nets = {"wide": net, "gru": {**net, "solved": 1, "longest_exact": 1}, "lstm": {**net, "longest_exact": 2}}
    counts = {"bits": 12, "seeds": 2, "longest": 120, "sequences": 4096, "test_sequences": 9}
    write_json(Path("data/reports/parity.json"), {**counts, "nets": nets})
    compared = {"baseline": "logistic_regression", "mean": -0.15, "p_value": 0.01, "low": -0.2, "high": -0.1}
    scores = {"accuracy": 0.625, "accuracy_deviation": 0.0, "chosen": {}, "confusion": []}
    about = {"folds": 5, "repeats": 1, "unit": "gru", "networks": 2, "held_out": "poems"}
    verse = {"poets": {}, **about, "classifiers": {"recurrent": scores}, "comparison": compared}
    verse["book"] = {"lines": 10, "claimed": 9, "reached": 0.5}
    write_json(Path("data/reports/poetry_classification.json"), verse)
    found = findings(results_of())
    assert found["frequencies"] == "Distinct words in training: 1,003; of these, met but once: 1,000."
    assert found["stages"] == "9 of 1,200 pages became articles of prose; lost to errors: 2."
    assert re.findall(r"\d+ of \d+|\d+ bits", found["parity"]) == ["2 of 3", "1 of 2", "120 bits"]
    assert found["verse"].endswith(" names the poet of 62.5% of the lines, behind logistic regression.")


def test_a_small_text_is_followed_by_the_advice_to_take_more(in_tmp: Path) -> None:
    rows = dict.fromkeys(("rows", "rows_train", "rows_valid", "rows_test", "unknown_share"), 0.5)
    write_json(Path("data/metrics/index.json"), {**rows, "tokens": 400_000})
    (advice,) = re.findall(r'<p class="next">(.*?)</p>', render(), re.DOTALL)
    assert "wikilm preset embeddings" in advice
    assert "wikilm preset small" in advice
    write_json(Path("data/metrics/index.json"), {**rows, "tokens": 40_000_000})
    assert 'class="next"' not in render()


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("raw/manifest.json", {"source": "dumps"}, "lacks language"),
        ("articles.json", {"wiki": "enwiki", "language": "en"}, "lacks in"),
        ("poems/stats.json", {"source": "sample", "poets": {"ada": {}}}, "lacks poets.ada.poems"),
        ("reports/parity.json", {"bits": "12"}, "bits is '12'; it must be a valid integer"),
        ("reports/poetry_generation.json", {"writer": "gru"}, "lacks sampling"),
        ("reports/poetry_classification.json", {"version": 2}, "version is 2, and only 1 can be read"),
        ("reports/vectors.json", {"best": None}, "lacks leads"),
        ("reports/analogies/gru.json", {"vectors": "input"}, "lacks scale"),
        ("metrics/extract.json", {"pages": 3}, "lacks articles"),
        ("vocabulary.json", {"kind": "words"}, "lacks texts"),
        ("vocabulary.json", {"kind": "w", "texts": [], "frequencies": NO_WORDS}, "kind is 'w'; it must be words or"),
        ("models/gru/curves.json", {"train_perplexity": [9.0]}, "lacks valid_perplexity"),
        ("models/gru/curves.json", {"train_perplexity": [9.0], "valid_perplexity": []}, "it must have as many values"),
    ],
)
def test_what_is_damaged_is_told_in_a_line(
    set_params: SetParams, capsys: pytest.CaptureFixture[str], file: str, content: dict[str, Any], told: str
) -> None:
    write_json(Path("data", file), content)
    with pytest.raises(SystemExit):
        report.main(["data", "data/index.html", "data/plots/models"])
    (line,) = capsys.readouterr().err.splitlines()
    assert f"data/{file}: " in line
    assert told in line
