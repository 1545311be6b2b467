"""`wikilm models`."""

import json
from pathlib import Path

import wikilm
from pipeline.run.outputs import read_json, write_json
from tests.commands.conftest import Ask


def test_models_have_sizes_figures_and_a_mark_where_untrained(run: Path, ask: Ask) -> None:
    gru, *_, svd = found = json.loads(ask("models", "--json")[0])
    assert wikilm.open().models() == found
    assert [model["name"] for model in found] == ["gru", "lstm", "embedding", "skipgram", "cbow", "svd"]
    trained = read_json(Path("data/metrics/train/gru.json"))
    analogies = read_json(Path("data/metrics/analogies/gru.json"))
    assert gru == {
        **{"name": "gru", "kind": "language_model", "variant": "gru", "sizes": [6, 5, 4], "trained": True},
        "of_this_text": True,
        **{key: trained[key] for key in ("parameters", "valid_perplexity", "test_perplexity", "best_epoch")},
        "test_known_perplexity": None,
        "analogies_right": analogies["test_total"] if analogies["asked_test"] else None,
        "grammar": {},
    }
    assert (svd["sizes"], svd["parameters"], svd["test_perplexity"]) == ([8], 2 * 23 * 8, None)
    lines = ask("models")[0].splitlines()
    assert lines[2].split()[:4] == ["lstm", "language", "model", "128-128"]
    assert lines[2].endswith("not trained: dvc repro train@lstm")
    assert lines[3].split()[:4] == ["embedding", "embedding", "elman", "128"]
    assert "dvc repro" not in lines[1] + lines[6]


def test_a_model_of_another_run_is_marked(run: Path, ask: Ask) -> None:
    path = Path("data/models/gru/model.json")
    write_json(path, read_json(path) | {"vocabulary": "of another text"})
    gru, lstm, *_, svd = json.loads(ask("models", "--json")[0])
    assert [model["of_this_text"] for model in (gru, lstm, svd)] == [False, None, True]
    lines = ask("models")[0].splitlines()
    assert lines[1].endswith("of another vocabulary, not comparable: dvc repro train@gru")
    assert "dvc repro" not in lines[6]


def test_known_words_are_those_of_the_comparison(copied: Path, ask: Ask) -> None:
    perplexity = read_json(copied / "metrics/train/gru.json")["test_perplexity"]
    for factor, shown in ((1, 199.04), (2, None)):  # the latter if gru was trained again since
        figures = {"test_perplexity": perplexity * factor, "test_known_perplexity": 199.04}
        write_json(copied / "metrics/compare/gru.json", figures)
        gru = json.loads(ask("models", "--data", str(copied), "--json")[0])[0]
        assert gru["test_known_perplexity"] == shown
