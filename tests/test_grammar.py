"""The stage `grammar`, from sets in a folder to the page and `wikilm models`."""

import json
from pathlib import Path

import pytest

from pipeline import grammar
from pipeline.run.outputs import read_json
from tests.commands.conftest import SMALL, text_of
from tests.conftest import ErrorOf, SetParams
from tests.page.conftest import render
from tests.to_page import to_comparison
from wikilm.__main__ import main

PAIRS = """field\tgood\tbad
order\tThe king rules the land.\tThe king land the rules.
order\tA man works, and a woman works.\tA man works woman a and.
words\tThe <b>queen</b> rules.\tThe land rules.
"""
ITEM = {"a": ["The king", "rules"], "b": ["The rules", "king"]}
SUITE = {"suite": "s", "formulas": ["(2;%a%) < (2;%b%)"], "items": {"1": ITEM}}
INPUTS = ["data/sequences.db", "data/articles.json", "data/models", "data/metrics/train"]


def run() -> None:
    grammar.main([*INPUTS, "data/reports/grammar.json", "--metrics", "data/metrics/grammar"])


def test_models_are_judged_on_every_set_and_the_page_and_the_table_of_models_show_it(
    set_params: SetParams, capsys: pytest.CaptureFixture[str]
) -> None:
    set_params({key: value for key, value in SMALL.items() if "svd" not in key} | {"models": {"gru": {"epochs": 1}}})
    to_comparison(map(text_of, range(12)), "gru")
    Path("pairs").mkdir()
    Path("pairs/mine.tsv").write_text(PAIRS)
    Path("pairs/suites").mkdir()
    Path("pairs/suites/s.jsonl").write_text(json.dumps(SUITE))
    capsys.readouterr()
    run()
    first, second = capsys.readouterr().err.splitlines()
    sets = read_json(Path("data/reports/grammar.json"))["sets"]
    assert {name: (own["kind"], [*own["models"]]) for name, own in sets.items()} == {
        name: (kind, ["gru", "unigram", "5-gram"]) for name, kind in (("mine", "pairs"), ("suites", "suites"))
    }
    figures = read_json(Path("data/metrics/grammar/gru.json"))
    own = sets["mine"]["models"]["gru"]
    assert [figures[f"mine{end}"] for end in ("", "_low", "_high")] == [own[key] for key in ("accuracy", "low", "high")]
    assert first.startswith(f"grammar: mine: {own['accuracy']:.1%} gru, ")
    assert second.startswith("grammar: suites: ")
    main(["grammar", "pairs/mine.tsv", "--model", "gru", "--json"])
    told = json.loads(capsys.readouterr()[0])
    assert {key: told[key] for key in own} == own

    html = render()
    assert '<a class="permalink"' in html
    section = html.split('id="grammar"')[1].split('id="run"')[0]
    assert section.count("<i class=") == 3 * (3 + 2)  # bars of all and two fields, of all and a suite
    assert f"mine: gru is right in {own['accuracy']:.1%}, " in section
    assert "The &lt;b&gt;queen&lt;/b&gt; rules." in section
    assert section.count('<td class="text">') == 2 * 3
    main(["models"])
    assert f"mine {own['accuracy']:.1%}, suites " in capsys.readouterr()[0]


def test_without_a_set_it_does_nothing(set_params: SetParams, capsys: pytest.CaptureFixture[str]) -> None:
    Path("pairs").mkdir()
    Path("pairs/README.md").write_text("Put sets here.")
    run()
    assert capsys.readouterr().err == "grammar: no set of minimal pairs in pairs\n"
    assert read_json(Path("data/reports/grammar.json")) == {}
    assert 'id="grammar"' not in render()


def test_sets_have_names_of_their_own(set_params: SetParams, error_of: ErrorOf) -> None:
    Path("pairs/mine").mkdir(parents=True)
    for name in ("mine.tsv", "mine/a.tsv"):
        Path("pairs", name).write_text(PAIRS)
    assert error_of(run).startswith("grammar: error: pairs/mine.tsv: is called as pairs/mine is; rename one")
