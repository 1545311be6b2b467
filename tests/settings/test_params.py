import datetime
from pathlib import Path
from typing import Any

import pytest

from models.recurrent.units import UNITS
from pipeline.run.errors import UserError
from pipeline.settings.model_sections import LanguageModelEntry
from pipeline.settings.params import load_params
from tests.conftest import SetParams


def refused(path: Path = Path("params.yaml")) -> str:
    """The message about a params.yaml, without its path."""
    with pytest.raises(UserError) as error:
        load_params(path)
    message = str(error.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


*_units, _last = map(repr, UNITS)
KINDS = f"{', '.join(_units)} or {_last}"
NEITHER = "no language model or n-gram model"


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("vocabulary.size", -1, " is -1; it must be greater than or equal to 3"),
        ("vocabulary.size", None, " is blank; it must be a whole number"),
        ("vocabulary.sise", 5, ": unknown key (did you mean size?)"),
        ("tokens.unit", "word", " is 'word'; it must be 'sentence', 'paragraph' or 'line'"),
        ("index", {"valid_fraction": 0.95}, ": valid_fraction + test_fraction must be below 1"),
        ("wiki.mirror", "https://example.org\n", r" is 'https://example.org\n'; it must be an address such as"),
        ("wiki.date", datetime.date(2026, 7, 1), " is 2026-07-01; it must be in quotes: '2026-07-01'"),
        ("wiki.date", "../2026-07-01", " is '../2026-07-01'; it must be a date such as '2026-07-01'; `wikilm dumps`"),
        ("wiki.date", "2026-13-01", " is '2026-13-01'; it must be a date such as '2026-07-01'; `wikilm dumps"),
        ("runtime.contact", "Ada\nX: y", " is 'Ada\\nX: y'; it must be an e-mail or web address without"),
        ("train", {"seed": 2**32 - 1, "seeds": 2}, ": seed + seeds must be at most 4294967296"),
        ("models", {}, ": must not be empty"),
        ("models.gru", "lstm", " is 'lstm'; it must be a section such as {unit: lstm}"),
        ("models.My GRU", {}, ": this name must be made of at most 64 lower-case letters, digits, - and _"),
        ("models", {"poetry-ada-gru": {}}, ": the name poetry-ada-gru is reserved: the poets' models in data/models"),
        ("models", {"unigram": {}}, ": the name unigram is reserved for an n-gram model"),
        ("models.gru.unit", "rnn", f".kind is 'rnn'; it must be {KINDS}"),
        ("models.gru.unit", "lsmt", f".kind is 'lsmt'; it must be {KINDS} (did you mean 'lstm'?)"),
        ("vocabulary.size", 2e3, " is 2000.0; it must be a whole number; write 2000"),
        ("models.gru.unit", {}, f".kind is blank; it must be {KINDS}"),
        ("models.gru.hidden_sizes", [8, 0], ".1 is 0; it must be greater than 0"),
        ("models.gru.hidden_sizes", [8, 10**20], " is [8, 100000000000000000000]; it must be at most 4294967296"),
        ("models.gru", {"dropout": {"layers": 0.2}}, ": dropout.layers must be 0: hidden_sizes has a single layer"),
        ("models.gru", {"tie_weights": True, "embedding_size": 9}, ": tie_weights needs embedding_size (9) and the la"),
        ("models.gru", {"dynamic_evaluation": True, "batches": "random_rows"}, ": dynamic_evaluation needs batches: s"),
        ("models.lstm.loss", {"kind": "adaptive", "cutoffs": [9, 2000]}, ".cutoffs is [9, 2000]; vocabulary.size is"),
        ("models.gru.start", "file", ".file: missing; add it"),
        ("models.gru.peepholes", True, ": unknown key (it belongs to unit: {kind: lstm, peepholes: ..."),
        ("models.gru.unit", {"kind": "gru", "peepholes": True}, ".peepholes: unknown key (allowed here: kind"),
        ("poetry_generation.temperature", 1.0, ": unknown key (it belongs to sampling: {temperature: ...})"),
        ("parity", {"longest": 11}, ": longest (11) must be at least bits (12)"),
        ("mixtures.m", {"of": ["gru", "gru"]}, ".of is ['gru', 'gru']; it must name two or more models, each once"),
        ("mixtures.m", {"of": ["gru", "ltsm"]}, f".of names ltsm, {NEITHER} (did you mean lstm?"),
        ("mixtures.m", {"of": ["gru", "svd"]}, f".of names svd, {NEITHER} (its kind is svd)"),
        ("mixtures.gru", {}, ": a model has this name; give the mixture another"),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(set_params: SetParams, key: str, value: Any, message: str) -> None:
    set_params({key: value})
    assert refused().startswith(f"{key}{message}")


def test_mixtures_may_be_none_and_blank_and_cutoffs_below_the_size(set_params: SetParams) -> None:
    set_params({"mixtures": {}, "models.lstm.loss": {"kind": "adaptive", "cutoffs": [9, 1999]}})
    assert load_params().mixtures == {}
    set_params({"mixtures": {"m": None, "words": {"of": ["unigram", "lstm"]}}})
    assert [mixture.of for mixture in load_params().mixtures.values()] == [None, ["unigram", "lstm"]]


def test_every_problem_is_named(set_params: SetParams) -> None:
    wrong = {"vocabulary.size": 1, "train.seed": -1, "parity.bits": 1, "index.end_fraction": 2}
    set_params(wrong)
    message = refused()
    assert all(key in message for key in wrong)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no sections; it must have wiki, extract, tokens"),
        ("a: [1\nb: 2\n", "is not valid YAML: line 2: expected ',' or ']', but got ':'"),
        ("a: {b: 1}\na: {b: 2}", "is not valid YAML: line 2: found duplicate key"),
        ("a: 2026-13-01", "is not valid YAML: month must be in 1..12"),
        ("a: 1\nb: \x01", "is not valid YAML: "),
        ("? [[a]]\n: b", "is not valid YAML: "),
        ("wiki:\n  source: sample\n", "extract: missing; add it"),
        ("1: 2", "1: unknown key (allowed here: wiki, "),
    ],
)
def test_a_broken_file_is_reported_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    assert refused(path).startswith(message)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    assert refused(path) == "not found; give another path"
    path.mkdir()
    assert refused(path) == "cannot be read: Is a directory"
    path = tmp_path / "latin1.yaml"
    path.write_bytes(b"wiki: \xe9")
    with pytest.raises(UserError, match=r"latin1\.yaml, line 1: is not UTF-8 text: "):
        load_params(path)


def test_a_blank_section_has_its_defaults(set_params: SetParams) -> None:
    set_params({})
    expected = load_params()
    set_params({"vocabulary": None, "parity": None, "poems": {}, "poetry_generation.sampling": None})
    assert load_params() == expected


def test_a_kind_alone_stands_for_its_section(set_params: SetParams) -> None:
    short = {"unit": "lstm", "loss": "exact", "optimizer": "sgd", "batches": "stream"}
    set_params({"models.gru": short, "models.lstm": {key: {"kind": kind} for key, kind in short.items()}})
    params = load_params()
    assert params.models["gru"] == params.models["lstm"]


def test_a_dropout_that_is_given_in_part_keeps_the_other_defaults() -> None:
    whole, part = (
        LanguageModelEntry.model_validate({"unit": "gru"} | more) for more in ({}, {"dropout": {"words": 0.1}})
    )
    assert part.dropout == whole.dropout.model_copy(update={"words": 0.1})
