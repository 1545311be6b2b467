"""`wikilm grammar`, and the scores of sentences in Python."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wikilm
from tests.commands.conftest import Ask, Refused

PAIRS = """kind\tgood\tbad
one\tThe king rules the land.\tThe king land the rules.
one\tA man works, and a woman works.\tA man works.
two\tThe zebra rules.\tThe giraffe rules!
"""


@pytest.fixture
def pairs(run: Path) -> Path:
    (path := run / "pairs.tsv").write_text(PAIRS)
    return path


def test_pairs_are_judged_beside_the_unigram_and_the_fivegram(pairs: Path, ask: Ask) -> None:
    found = json.loads(ask("grammar", "pairs.tsv", "--pairs", "scores.tsv", "--json")[0])
    assert found.keys() >= {"accuracy", "low", "high", "pairs", "ties", "groups", "unknown_share"}
    assert (found["model"], found["pairs"], found["unknown_share"]) == ("gru", 3, 1 / 3)
    assert found["groups"]["kind"]["two"]["ties"] == 1  # both words are UNKNOWN, and the marks dropped
    assert [*found["beside"]] == ["unigram", "5-gram"] == [*found["leads"]]
    assert found["accuracy"] == np.mean([found["groups"]["kind"][kind]["accuracy"] for kind in ("one", "two")])
    header, *rows = [line.split("\t") for line in Path("scores.tsv").read_text().splitlines()]
    assert header[:5] == ["kind", "good", "bad", "gru good", "gru bad"]
    model = wikilm.open().language_model()
    for column in (1, 2):
        scores = model.scores([row[column] for row in rows])
        assert scores == pytest.approx(np.array([float(row[column + 2]) for row in rows]), abs=1e-5)
    printed, note = ask("grammar", "pairs.tsv")
    assert note.startswith("gru, the best of 1 (test perplexity")
    lines = printed.splitlines()
    assert lines[0].split() == ["gru", "95%", "interval", "pairs", "ties", "unigram", "5-gram"]
    assert [line.split()[:2] for line in lines[2:4]] == [["kind", "one"], ["kind", "two"]]
    assert lines[4].startswith("gru - unigram: ")
    assert lines[-1] == "33.3% of the pairs have an UNKNOWN"


def test_scores_are_those_of_a_reading_of_the_sentence(run: Path) -> None:
    model = wikilm.open().language_model("gru")
    words = ["the", "king", "rules", "the", "land"]
    chances = [dict(model.next_words(" ".join(words[:n]), 100))[word] for n, word in enumerate(words)]
    end = model.predict(" ".join(words)).end
    (total,) = model.scores(["The king rules the land."])
    # Other answers multiply in bfloat16 where the processor does.
    assert total == pytest.approx(np.log([*chances, end]).sum(), abs=5e-3)
    assert model.scores(["The king rules the land."], mean=True) == pytest.approx(total / 6)
    after = model.scores(["the land"], after="The king rules")
    assert after == pytest.approx(np.log(chances[3:]).sum(), abs=5e-3)
    both = model.scores(["the land", "the sea"], after=["The king rules", "The queen rules"], end=True)
    assert both[0] == pytest.approx(after[0] + np.log(end), abs=5e-3)
    assert len(model.scores([])) == 0


def test_pieces_follow_a_text_as_in_one_text() -> None:
    model = wikilm.Run().language_model("enwiki-40m")
    whole, beginning = model.scores(["The king was born in Paris.", "The king"], end=False)
    for after, sentence in (("The king", "was born in Paris."), ("The king ", " was born in Paris.")):
        assert model.scores([sentence], after=[after]) == pytest.approx(whole - beginning, abs=1e-4)
    assert model.scores(["都で生まれた。"], after="王は", between="") == pytest.approx(
        model.scores(["王は都で生まれた。"], end=False) - model.scores(["王は"], end=False), abs=1e-4
    )


@pytest.mark.parametrize(
    ("sentences", "after", "told"),
    [
        ("The king", None, "'The king' is no list of sentences; give one"),
        (5, None, "5 is no list of sentences; give one"),
        (["rules"], 5, "5 is no list of sentences; give one"),
        (["The king", " "], None, "sentence 2 is empty; leave it out"),
        ([3], None, "3 is of type int; give text, such as 'the king'"),
        (["rules"], ["The king", "The queen"], "after has 2 texts for 1 sentences; give one for each"),
    ],
)
def test_what_is_no_list_of_sentences_is_refused(run: Path, sentences: Any, after: Any, told: str) -> None:
    with pytest.raises(wikilm.Error, match=told):
        wikilm.open().language_model("gru").scores(sentences, after=after)


def test_a_mistake_writes_nothing(pairs: Path, refused: Refused) -> None:
    suite = {"suite": "s", "formulas": ["(1;%a%) < (1;%b%)"], "items": {"1": {"a": ["The king"], "b": ["A man"]}}}
    Path("suite.jsonl").write_text(json.dumps(suite))
    pairs.write_text(PAIRS + "two\tThe king\t\n")
    for arguments, told in (
        (["pairs.tsv"], "pairs.tsv, line 5: bad is empty; it must be a sentence"),
        (["suite.jsonl"], "suite.jsonl: suites have no pairs; leave out --pairs, --mean and --no-end"),
        (["pairs.tsv", "--model", "svd"], "svd: is of kind svd, trained for its vectors alone; gru, lstm can read"),
        (["pairs.tsv", "--model", "enwiki-40m", "--all"], "enwiki-40m: is no model of data; leave out --all, or"),
    ):
        assert refused("grammar", *arguments, "--pairs", "scores.tsv").startswith(told)
    assert not Path("scores.tsv").exists()
