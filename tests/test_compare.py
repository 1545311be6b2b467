from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline import compare
from pipeline.run.outputs import read_json
from pipeline.scores.figures import SCORE, perplexity, perplexity_ratio, split_figures, write_scores
from pipeline.scores.targets import read_targets
from pipeline.settings.result_sections import NGRAM_MODELS
from pipeline.store.building import build
from pipeline.store.sequences import HELD_OUT, Sequences
from tests.articles import VOCABULARY, an_article
from tests.conftest import ErrorOf, SetParams


@pytest.fixture
def scores(in_tmp: Path) -> dict[str, dict[str, np.ndarray]]:
    """Ten articles a held-out split of words and of UNKNOWN; END is a target of half of their rows."""
    random, articles = np.random.default_rng(0), []
    for number in range(20):
        rows = [random.integers(2, 5, size=random.integers(1, 9)).tolist() for _ in range(6)]
        articles.append(an_article(number, rows, HELD_OUT[number % 2]))
    articles.append(an_article(20, [[2] * 10, [3]], "train"))
    build(Path("s.db"), articles, VOCABULARY, 0.5)
    found = {"gru": put("models/gru", 1, 0.7), "lstm": put("models/lstm", 2, 0.6)}
    for seed, name in enumerate(NGRAM_MODELS, start=3):
        found[name] = put(f"baselines/{name}", seed, 0.02 * seed + 0.2)
    return found


def put(folder: str, seed: int, high: float) -> dict[str, np.ndarray]:
    """Write scores of a model: chances up to `high`."""
    random, found = np.random.default_rng(seed), {}
    for split in HELD_OUT:
        own = read_targets(Sequences(Path("s.db")), split)
        found[split] = np.zeros(len(own.ids), SCORE)
        found[split]["log_probability"] = np.log(random.uniform(0.01, high, len(own.ids)))
        found[split]["right"] = random.random(len(own.ids)) < high
        found[split]["log_probability"][~own.counted] = np.nan
    Path(folder).mkdir(parents=True)
    write_scores(Path(folder), found)
    return found


def run() -> dict[str, Any]:
    compare.main(["s.db", "models", "baselines", "report.json", "--metrics", "metrics"])
    report: dict[str, Any] = read_json(Path("report.json"))
    assert {name: read_json(Path(f"metrics/{name}.json")) for name in report["rows"]} == report["rows"]
    assert {path.stem for path in Path("metrics").iterdir()} == set(report["rows"])
    return report


def test_every_model_has_its_figures_and_its_ratio_to_the_best(
    scores: dict[str, dict[str, np.ndarray]], capsys: pytest.CaptureFixture[str]
) -> None:
    report = run()
    _, ngram, mixture = capsys.readouterr().err.splitlines()
    assert "; worse than gru: ratio 2." in ngram
    assert "; better than gru: ratio 0." in mixture
    of = {split: read_targets(Sequences(Path("s.db")), split) for split in HELD_OUT}
    assert list(report["rows"]) == ["gru", "lstm", *NGRAM_MODELS, "mixture"]
    assert report["best"] == "gru"
    for name, own in scores.items():
        row, expected = report["rows"][name], split_figures(own, of)
        assert row["valid_perplexity"] == perplexity(own["valid"], of["valid"])
        compared = {key: value for key, value in row.items() if key.startswith("test_")}
        assert compared == {key: value for key, value in expected.items() if key.startswith("test_")}
        if name != "gru":
            ratio = perplexity_ratio(own["test"], scores["gru"]["test"], of["test"])
            assert {key: row[key] for key in ("ratio", "ratio_low", "ratio_high")} == ratio
    assert "ratio" not in report["rows"]["gru"]


def test_without_language_models_and_known_words_n_grams_are_compared(
    in_tmp: Path, set_params: SetParams, capsys: pytest.CaptureFixture[str]
) -> None:
    articles = [an_article(number, [[4, 4]], split) for number, split in enumerate((*HELD_OUT, "train"))]
    build(Path("s.db"), articles, VOCABULARY, 0.5)
    for seed, name in enumerate(NGRAM_MODELS):
        put(f"baselines/{name}", seed, 0.5)
    set_params({"models": {"svd": {"kind": "svd"}}})
    report = run()
    assert list(report["rows"]) == list(NGRAM_MODELS)
    assert (report["best"], report["weights"]) == (None, {})
    assert "test_perplexity" in report["rows"]["unigram"]
    assert not {"test_known_perplexity", "test_perplexity_low"} & set(report["rows"]["unigram"])
    assert " (1 test article)" in capsys.readouterr().err


def test_a_mixture_is_by_default_of_all_language_models_and_the_best_n_grams(
    scores: dict[str, dict[str, np.ndarray]],
) -> None:
    report = run()
    weights, row, parts = report["weights"]["mixture"], report["rows"]["mixture"], ("gru", "lstm", NGRAM_MODELS[-1])
    assert tuple(weights) == parts
    assert sum(weights.values()) == pytest.approx(1)
    assert row["valid_perplexity"] <= min(report["rows"][name]["valid_perplexity"] for name in parts)
    # The weights are of validation, the perplexity of the test split.
    chances = sum(weights[name] * np.exp(scores[name]["test"]["log_probability"]) for name in parts)
    counted = read_targets(Sequences(Path("s.db")), "test").counted
    assert row["test_perplexity"] == pytest.approx(np.exp(-np.log(chances[counted]).mean()), rel=1e-5)
    assert row["ratio"] == pytest.approx(row["test_perplexity"] / report["rows"]["gru"]["test_perplexity"], rel=1e-6)
    assert row["ratio_low"] < row["ratio"] < row["ratio_high"]
    assert "test_accuracy" not in row


def test_mixtures_are_of_what_is_asked_for(scores: Any, set_params: SetParams) -> None:
    asked = {"three": ["lstm", "gru", "unigram"], "words": ["unigram", "bigram_add_one"]}
    set_params({"mixtures": {name: {"of": of} for name, of in asked.items()}})
    assert {name: list(weights) for name, weights in run()["weights"].items()} == asked
    set_params({"mixtures": {}})
    valid, test = (np.load(f"models/lstm/{split}_scores.npy") for split in HELD_OUT)
    valid["log_probability"], test["log_probability"] = np.log(0.9), np.log(0.001)
    write_scores(Path("models/lstm"), {"valid": valid, "test": test})
    report = run()
    assert (report["weights"], report["best"]) == ({}, "lstm")  # the best by validation


def test_scores_that_do_not_fit_are_an_error_of_one_line(scores: Any, error_of: ErrorOf) -> None:
    path = Path("models/gru/test_scores.npy")
    np.save(path, np.zeros(3, SCORE))
    assert error_of(run) == f"compare: error: {path}: belongs to another sequences.db; run `dvc repro train@gru`\n"
    path.unlink()
    assert f"{path}: not found; run the stage that writes it" in error_of(run)
    assert not Path("report.json").exists()
