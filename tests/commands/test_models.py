"""`wikilm models`."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from pipeline.run.outputs import read_json, write_json
from tests.commands.conftest import Ask
from tests.conftest import change_params


def test_models_have_sizes_figures_and_a_mark_where_untrained(run: Path, ask: Ask) -> None:
    gru, *_, svd = found = json.loads(ask("models", "--json")[0])
    assert [model["name"] for model in found] == ["gru", "lstm", "embedding", "skipgram", "cbow", "svd"]
    figures = read_json(Path("data/metrics/train/gru.json"))
    analogies = read_json(Path("data/metrics/analogies/gru.json"))
    first, second = 3 * 5 * (6 + 5) + 3 * 5 + 5, 3 * 4 * (5 + 4) + 3 * 4 + 4
    assert gru == {
        "name": "gru",
        "kind": "language_model",
        "variant": "gru",
        "sizes": [6, 5, 4],
        "trained": True,
        "changed": [],
        "parameters": 23 * 6 + first + second + 23 * 4 + 23,
        "valid_perplexity": figures["valid_perplexity"],
        "test_perplexity": figures["test_perplexity"],
        "test_known_perplexity": None,
        "best_epoch": figures["best_epoch"],
        "analogies_right": analogies["test_total"] if analogies["asked_test"] else None,
        "analogies_asked": analogies["asked"],
        "analogies_asked_test": analogies["asked_test"],
    }
    assert (svd["sizes"], svd["parameters"], svd["test_perplexity"], svd["changed"]) == ([8], 2 * 23 * 8, None, [])
    lines = ask("models")[0].splitlines()
    assert lines[2].split()[:4] == ["lstm", "language", "model", "128-128"]
    assert lines[2].endswith("not trained: dvc repro train@lstm")
    assert lines[3].split()[:4] == ["embedding", "embedding", "elman", "128"]
    assert "dvc repro" not in lines[1] + lines[6]


@pytest.mark.parametrize(
    ("changes", "mark"),
    [
        ({"models.gru.hidden_sizes": [9]}, "settings changed since"),
        ({"models.gru.patience": 7}, "settings changed since"),
        ({"train.seed": 7}, "seed changed since"),
        ({"train.seeds": 3}, "seeds changed since"),
        ({"train.seed": 7, "models.gru": {"kind": "svd"}}, "settings and seed changed since"),
        ({"models.gru.unit": "gru", "models.gru.dropout": {"layers": 0.0}}, ""),  # a default, spelled out
    ],
)
def test_a_model_of_other_settings_is_shown_as_trained_and_marked(
    copied: Path, ask: Ask, changes: dict[str, Any], mark: str
) -> None:
    before, svd = (ask("models", "--data", str(copied))[0].splitlines()[row] for row in (1, 6))
    change_params(copied.parent / "params.yaml", changes)
    lines = ask("models", "--data", str(copied))[0].splitlines()
    assert lines[1] == (f"{before.ljust(len(lines[0]))}  {mark}: dvc repro train@gru" if mark else before)
    assert (lines[6] != svd) == ("train.seed" in changes)


def test_known_words_are_those_of_the_comparison(copied: Path, ask: Ask) -> None:
    perplexity = read_json(copied / "metrics/train/gru.json")["test_perplexity"]
    for factor, shown in ((1, "199.0"), (2, "-")):  # the latter if gru was trained again since
        figures = {"test_perplexity": perplexity * factor, "test_known_perplexity": 199.04}
        write_json(copied / "metrics/compare/gru.json", figures)
        header, gru, *_ = (line.split() for line in ask("models", "--data", str(copied))[0].splitlines())
        at = header.index("known") - len(header)
        assert gru[at] == shown


def test_the_best_of_several_seeds_is_no_other_seed(copied: Path, ask: Ask) -> None:
    change_params(copied.parent / "params.yaml", {"train.seed": 1, "train.seeds": 2})
    for path, change in (("models/gru/model.json", {"seed": 2}), ("metrics/train/gru.json", {"seeds": 2})):
        write_json(copied / path, read_json(copied / path) | change)
    gru, *_, svd = json.loads(ask("models", "--data", str(copied), "--json")[0])
    assert (gru["changed"], svd["changed"]) == ([], [])


def test_a_model_of_another_vocabulary_is_marked(copied: Path, ask: Ask) -> None:
    connection = sqlite3.connect(copied / "sequences.db")
    connection.execute("UPDATE meta SET value = 'another' WHERE key = 'vocabulary'")
    connection.commit()
    gru, lstm, *_ = json.loads(ask("models", "--data", str(copied), "--json")[0])
    assert (gru["changed"], lstm["changed"]) == (["vocabulary"], [])
    row = ask("models", "--data", str(copied))[0].splitlines()[1]
    assert row.endswith("  vocabulary changed since: dvc repro train@gru")
    (copied / "sequences.db").unlink()
    assert json.loads(ask("models", "--data", str(copied), "--json")[0])[0]["changed"] == []


def test_models_without_an_asked_question_have_no_accuracy(in_tmp: Path, ask: Ask) -> None:
    asked = {"gru": (0, 0), "lstm": (3, 0), "svd": (3, 1), "cbow": (0, 0)}
    for name, (both, test) in asked.items():
        figures = {"asked": both, "asked_test": test, "test_total": 0.0}
        write_json(Path(f"data/metrics/analogies/{name}.json"), figures)
    found = {model["name"]: model for model in json.loads(ask("models", "--json")[0])}
    assert {name: (found[name]["analogies_asked"], found[name]["analogies_asked_test"]) for name in asked} == asked
    assert {name: found[name]["analogies_right"] for name in asked} == dict.fromkeys(asked) | {"svd": 0.0}
    assert found["embedding"]["analogies_asked"] is None
    printed, note = ask("models")
    _, *rows = (line.split("not trained")[0].split() for line in printed.splitlines())
    assert {row[0]: row[-1] for row in rows} == dict.fromkeys(found, "-") | {"svd": "0.0%"}
    assert note.endswith("; gru, cbow: no question is known; lstm: every known question is in the development half\n")
