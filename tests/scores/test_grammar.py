"""Sets of minimal pairs and suites: how they are read, judged, and what is refused."""

import json
import lzma
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.records.grammar import SetGrammar
from pipeline.run.errors import UserError
from pipeline.scores.grammar import accuracy, figures, judge, lead, most_different, totals
from pipeline.scores.minimal_pairs import MinimalPairs
from pipeline.scores.sentences import Logs, Rows
from pipeline.scores.sets import read_set
from pipeline.scores.suites import Suite

WORDS = ["", "", "the", "a", "cat", "cats", "sees", "see", ".", ","]
BITS = np.arange(len(WORDS)) % 7 + 1.0  # of each id, whatever is before it; END has 2
UNKNOWN = len(WORDS)


def encode(texts: Sequence[str]) -> list[list[int]]:
    return [[WORDS.index(word) if word in WORDS else UNKNOWN for word in text.split()] for text in texts]


def score(rows: Rows) -> dict[str, Logs]:
    """The logs by a model of `BITS`, and by one that finds each id equally likely."""
    bits = np.append(BITS, 9)
    own = [-np.log(2) * bits[[*row, 1]] for row in rows]
    return {"own": own, "flat": [np.full(len(row) + 1, -1.0) for row in rows]}


def measured(*paths: Path, mean: bool = False, end: bool = True) -> SetGrammar:
    given = read_set(paths)
    judged = judge(given, encode, score, UNKNOWN, mean=mean, end=end)
    return figures(judged, ["flat"])


def write_lines(path: Path, *rows: Any) -> Path:
    text = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows) + "\n"
    content = text.encode()
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(lzma.compress(content) if path.suffix == ".xz" else content)
    return path


def of_blimp(good: str, bad: str, field: str, paradigm: str) -> dict[str, Any]:
    own = {"sentence_good": good, "sentence_bad": bad, "field": field, "linguistics_term": "t", "UID": paradigm}
    return own | {"pairID": "0", "simple_LM_method": True}


def test_accuracy_is_the_mean_over_paradigms_and_a_tie_counts_half(tmp_path: Path) -> None:
    cats, cat = "the cats see .", "the cats sees ."  # see: 1 bit, sees: 7
    write_lines(tmp_path / "set/one.jsonl", *[of_blimp(cats, cat, "f", "one")] * 3, of_blimp(cat, cats, "f", "one"))
    write_lines(tmp_path / "set/two.jsonl.xz", of_blimp(cat, cat, "g", "two"), of_blimp("the dog", "a dog", "g", "two"))
    write_lines(tmp_path / "set/README.md", "no set")
    found = measured(tmp_path / "set")
    own = found.models["own"]
    assert (own.accuracy, own.micro_accuracy, own.pairs, own.ties) == (0.75, 4.5 / 6, 6, 1)
    assert {level: [*groups] for level, groups in own.groups.items()} == {
        "field": ["f", "g"],
        "term": ["t"],
        "paradigm": ["one", "two"],
    }
    assert [each.accuracy for each in own.groups["paradigm"].values()] == [0.75, 0.75]
    assert own.low < 0.75 < own.high
    assert found.unknown_share == 1 / 6
    assert found.models["flat"].ties == 6
    assert own.leads["flat"].lead == 0.25


def test_the_pairs_are_found_that_two_models_judge_most_differently(tmp_path: Path) -> None:
    given = read_set([write_lines(tmp_path / "a.tsv", "good\tbad\tkind", "a\tthe\tx", "see\tsees\ty")])
    assert isinstance(given, MinimalPairs)
    judged = judge(given, encode, score, UNKNOWN, mean=False, end=True)
    first, second = most_different(judged, given, "own", "flat")
    assert (first.good, first.bad, first.groups, first.margins) == ("see", "sees", ["y"], {"own": 4.16, "flat": 0.0})
    assert second.good == "a"


@pytest.mark.parametrize(
    ("mean", "end", "right"), [(False, True, 0), (True, True, 1), (False, False, 0), (True, False, 0.5)]
)
def test_sums_and_means_with_and_without_end(mean: bool, end: bool, right: float, tmp_path: Path) -> None:
    file = write_lines(tmp_path / "mine.tsv", "good\tbad", "see see\tsee")  # 1 + 1 + 2 bits, 1 + 2
    found = measured(file, mean=mean, end=end).models["own"]
    assert found.accuracy == right
    assert [*found.groups] == ["file"]


def test_a_table_of_ones_own_is_grouped_by_its_other_columns(tmp_path: Path) -> None:
    rows = ("kind\tgood\tbad\tnumber", 'x\t"the ""cat"""\tthe cats\t1', "x\tthe cat\ta cat\t2")
    found = measured(write_lines(tmp_path / "mine.tsv", *rows)).models["own"]
    assert {level: [*groups] for level, groups in found.groups.items()} == {"kind": ["x"], "number": ["1", "2"]}
    given = read_set([tmp_path / "mine.tsv"])
    assert isinstance(given, MinimalPairs)
    assert given.good[0] == 'the "cat"'


def test_multiblimp_has_a_file_for_each_language(tmp_path: Path) -> None:
    for language in ("deu", "tur"):
        write_lines(tmp_path / f"m/{language}.tsv", "sen\twrong_sen\tphenomenon\tverb", "a\tthe\tSV-#\tx")
    found = measured(tmp_path / "m").models["own"]
    assert [*found.groups["file"]] == ["deu", "tur"]
    assert [*found.groups["phenomenon"]] == ["SV-#"]


def test_intervals_are_wilsons_and_those_of_paired_differences() -> None:
    one = accuracy(np.array([1.0] * 8 + [0.0] * 2), np.zeros(10, int))
    assert (one.low, one.high) == pytest.approx((0.4902, 0.9433), abs=1e-3)  # Wilson (1927)
    several = accuracy(np.tile([1.0] * 8 + [0.0] * 2, 10), np.repeat(np.arange(10), 10))
    assert (several.low, several.high) == pytest.approx((0.711, 0.867), abs=1e-2)  # of 100
    sure = accuracy(np.ones(10), np.zeros(10, int))
    assert (sure.low, sure.high) == pytest.approx((0.722, 1), abs=1e-3)
    ahead = lead(np.array([1.0, 0, 0, 1, 0, 0]), np.array([0, 0, 0, 0, 1, 1]))
    assert ahead.lead == 0.25
    assert ahead.high - ahead.lead == pytest.approx(1.96 * (1 / 3 / 4) ** 0.5 / 2, abs=1e-4)


def test_words_in_another_order_tie_by_the_unigram() -> None:
    logs = [np.log(np.random.default_rng(0).random(30))]
    assert len(set(totals([*logs, logs[0][::-1], np.sort(logs[0])]).tolist())) == 1


REGIONS = {"good": ["the", "", "cats", "see", "."], "bad": ["the", "", "cats", "sees", "."]}  # 3 0 6 1 2, 3 0 6 7 2


def a_suite(*formulas: str, **changes: Any) -> dict[str, Any]:
    return {"suite": "number", "formulas": [*formulas], "items": {"1": REGIONS}} | changes


@pytest.mark.parametrize(
    ("formula", "holds"),
    [
        ("(4;%good%) < (4;%bad%)", True),
        ("(4;%good%)<(4;%bad%) & (3;%good%)>(4;%good%)", True),
        ("[(4;%good%) > (4;%bad%)] | [(*;%good%) = 12]", True),
        ("(2;%good%) = 0", True),
        ("(3;%good%) = (3;%bad%) & (5;%bad%) > (4;%bad%)", False),
        ("[(4;%bad%) - (4;%good%)] - [(3;%good%) - 1] > 0.5", True),
        ("(4;%bad%) - (4;%good%) - (3;%good%) > -1", True),
        ("-[(4;%bad%) + 1] > -7.5", False),
    ],
)
def test_an_item_is_right_if_all_formulas_hold(formula: str, holds: bool, tmp_path: Path) -> None:
    file = write_lines(tmp_path / "suites.jsonl", a_suite("(*;%good%) < (*;%bad%)", formula))
    found = measured(file)
    assert found.kind == "suites"
    assert found.models["own"].accuracy == holds
    assert [*found.models["own"].groups["suite"]] == ["number"]


def test_syntaxgyms_own_json_says_the_same(tmp_path: Path) -> None:
    formulas = ["(4;%good%) < (4;%bad%)"]
    conditions = [
        {"condition_name": name, "regions": [{"region_number": n, "content": own} for n, own in enumerate(regions, 1)]}
        for name, regions in REGIONS.items()
    ]
    own = {
        "meta": {"name": "number", "metric": "sum"},
        "predictions": [{"type": "formula", "formula": formulas[0]}],
        "items": [{"item_number": 1, "conditions": conditions}],
    }
    files = (
        write_lines(tmp_path / "own.json", json.dumps(own, indent=1)),
        write_lines(tmp_path / "short.jsonl", a_suite(*formulas)),
    )
    one, other = (read_set([file]) for file in files)
    assert isinstance(one, list)
    assert one == other
    assert isinstance(one[0], Suite)


PAIR = of_blimp("a cat", "a cats", "f", "p")


@pytest.mark.parametrize(
    ("name", "rows", "told"),
    [
        ("a.jsonl", [PAIR, {**PAIR, "sentence_bad": " "}], "a.jsonl, line 2: sentence_bad is empty; it must be a"),
        (
            "a.jsonl",
            [PAIR, {"sentence_good": "a"}],
            "a.jsonl, line 2: lacks sentence_bad; a pair has sentence_good and",
        ),
        ("a.jsonl", [{**PAIR, "sentence_bad": 3}], "a.jsonl, line 1: sentence_bad is 3; it must be a sentence"),
        ("a.jsonl", [PAIR, "{"], "a.jsonl, line 2: is not JSON: Expecting property name"),
        ("a.jsonl", [PAIR, "[]"], "a.jsonl, line 2: is no object of JSON"),
        ("a.jsonl", [PAIR, a_suite("(1;%good%) > 1")], "a.jsonl, line 2: lacks sentence_good"),
        ("a.tsv", ["good\twrong", "a\tthe"], "a.tsv, line 2: lacks bad; a pair has sentence_good and sentence_bad"),
        ("a.tsv", ["one\tother", "a\tthe"], "a.tsv, line 2: has no columns of a pair; give sentence_good and"),
        ("a.tsv", ["good\tbad", "a\tthe", "a"], "a.tsv, line 3: has 1 columns, and the first line 2; part them by"),
        ("a.tsv", ["good\tbad"], "a.tsv: is empty; give minimal pairs, or suites of SyntaxGym"),
        ("a.json", [PAIR | {"items": 1}], "a.json: lacks meta; a suite has a name, formulas, and items with regions"),
        ("a.json", [a_suite("(1;%good%)>1", items=[1])], "a.json: has a value of a wrong kind; a suite"),
        ("a.jsonl", [a_suite()], "a.jsonl, line 1: suite number has no formulas; it must have some"),
        (
            "a.jsonl",
            [a_suite("(6;%good%) < (4;%bad%)")],
            "suite number: the formula '(6;%good%) < (4;%bad%)' names the region (6;%good%), which item 1 lacks",
        ),
        ("a.jsonl", [a_suite("(4;%worse%) < 1")], "names the region (4;%worse%), which item 1 lacks"),
        (
            "a.jsonl",
            [a_suite("(4;%good%) ! 1")],
            "line 1: the formula '(4;%good%) ! 1' cannot be read; it must compare",
        ),
        ("a.jsonl", [a_suite("[(4;%good%) > 1")], "cannot be read"),
        ("a.jsonl", [a_suite("(4;%good%) + 1")], "cannot be read"),
        *(("a.jsonl", [a_suite(sign * 10_000 + "(1;%good%) > 1")], "cannot be read") for sign in ("[", "-", "1 + ")),
        ("a.txt.xz", [], "holds no file .jsonl, .json, .tsv or one of them with .xz; give minimal pairs"),
    ],
)
def test_a_mistake_names_file_and_line(name: str, rows: list[Any], told: str, tmp_path: Path) -> None:
    write_lines(tmp_path / f"set/{name}", *rows)
    with pytest.raises(UserError) as error:
        read_set([tmp_path / "set"])
    assert told in str(error.value)
    assert str(error.value).startswith(str(tmp_path / "set"))
    assert "\n" not in str(error.value)


def test_files_that_are_missing_or_no_utf8_are_named(tmp_path: Path) -> None:
    latin = tmp_path / "latin.tsv"
    latin.write_bytes("good\tbad\nla fête\tla fete\n".encode("latin-1"))
    (cut := tmp_path / "cut.tsv.xz").write_bytes(lzma.compress(b"good\tbad\na\tthe\n")[:-20])
    (own := tmp_path / "latin.json").write_bytes(b'{\n"suite": "f\xeate"}')
    for path, told in (
        (latin, "latin.tsv, line 2: is not UTF-8 text: invalid continuation byte at byte 4; save it as UTF-8"),
        (own, "latin.json, line 2: is not UTF-8 text"),
        (cut, "cut.tsv.xz: is damaged"),
        (tmp_path / "none.tsv", "none.tsv: no such file; give minimal pairs, or suites of SyntaxGym"),
    ):
        with pytest.raises(UserError, match=told):
            read_set([path])
