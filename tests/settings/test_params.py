import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.__main__ import main
from pipeline.run.console import UserError
from pipeline.settings import load_params
from tests.conftest import ROOT


def test_the_projects_own_file_is_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", str(ROOT / "params.yaml")])
    assert "in order; language models: " in capsys.readouterr().out


@pytest.mark.parametrize("path", sorted((ROOT / "presets").iterdir()), ids=lambda path: path.name)
def test_presets_are_in_order(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", str(path)])
    assert "in order; language models: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("vocabulary.size", -1, "vocabulary.size is -1: input should be greater than or equal to 3"),
        ("vocabulary.size", "2000", "vocabulary.size is '2000': input should be a valid integer"),
        ("vocabulary.sise", 5, "vocabulary.sise: unknown key (did you mean size?)"),
        ("vocabulry", {}, "vocabulry: unknown key (did you mean vocabulary?)"),
        ("tokens.unit", "word", "tokens.unit is 'word': input should be 'sentence' or 'paragraph'"),
        ("extract.lists", "yes", "extract.lists is 'yes': input should be a valid boolean"),
        ("index.valid_fraction", 0.95, "index: valid_fraction + test_fraction must stay below 1"),
        ("train.end_fraction", 1.5, "train.end_fraction is 1.5: input should be less than or equal to 1"),
        ("wiki.project", "en.wikipedia", "wiki.project is 'en.wikipedia': string should match pattern"),
        ("wiki.date", datetime.date(2026, 7, 1), 'wiki.date is datetime.date(2026, 7, 1): put it in quotes: "2026-0'),
        ("wiki.date", 20260701, 'wiki.date is 20260701: put it in quotes: "20260701"'),
        ("wiki.files", 0, "wiki.files is 0: input should be greater than 0"),
        ("wiki.mirror", "dumps.wikimedia.org", "wiki.mirror is 'dumps.wikimedia.org': string should match pattern"),
        ("wiki.layout", "latest", "wiki.layout is 'latest': input should be 'content' or 'legacy'"),
        ("runtime.connections", 4, "runtime.connections is 4: input should be less than or equal to 3"),
        ("runtime.contact", "Ada\nX: y", "runtime.contact is 'Ada\\nX: y': string should match pattern"),
        ("language_models", {}, "language_models: dictionary should have at least 1 item"),
        (
            "language_models.gru.unit",
            "rnn",
            "language_models.gru.unit is 'rnn': input should be 'elman', 'rated', 'gru'",
        ),
        ("language_models.gru.units", 3, "language_models.gru.units: unknown key (did you mean unit?)"),
        ("language_models.gru.hidden_sizes", [], "language_models.gru.hidden_sizes is []: list should have at least"),
        ("language_models.gru.hidden_sizes", [8, 0], "language_models.gru.hidden_sizes.1 is 0: input should be"),
        ("language_models.lstm.learning_rate", 0, "language_models.lstm.learning_rate is 0: input should be"),
        ("language_models.gru.dropout.layer", 0.5, "gru.dropout.layer: unknown key (did you mean layers?)"),
        ("language_models.gru.dropout.weights", 1.0, "gru.dropout.weights is 1.0: input should be less than 1"),
        (
            "language_models.gru.tie_weights",
            True,
            "gru: tie_weights needs embedding_size (100) and the last of hidden_siz",
        ),
        (
            "language_models.gru.schedule",
            {"kind": "steps"},
            "gru.schedule.kind is 'steps': input should be 'constant', ",
        ),
        ("language_models.gru.schedule", {}, "gru.schedule.kind: missing; add it"),
        ("language_models.gru.schedule", {"kind": "decay"}, "gru.schedule.rate: missing; add it"),
        (
            "language_models.gru.schedule",
            {"kind": "decay", "rate": 2.0},
            "gru.schedule.rate is 2.0: input should be less",
        ),
        (
            "language_models.gru.schedule",
            {"kind": "cosine", "warmup_steps": 1, "final": 0.1, "finl": 0.1},
            "gru.schedule.finl: unknown key (did you mean final?)",
        ),
        (
            "language_models.lstm.schedule",
            {"kind": "plateau", "factor": 0.5, "patience": 1},
            "params.yaml: language_models.lstm.schedule.patience (1) must be below train.patience (1), or training",
        ),
        (
            "language_models.lstm.loss",
            {"kind": "adaptive", "cutoffs": [500]},
            "embeddings.vectors is 'both', but language_models.lstm has no output vectors, as its loss is adaptive",
        ),
        (
            "language_models.cbow.kind",
            "word3vec",
            "language_models.cbow.kind is 'word3vec': input should be 'recurrent'",
        ),
        (
            "language_models.gru.pretrained",
            {"file": "v", "freez": True},
            "gru.pretrained.freez: unknown key (did you",
        ),
        ("language_models.cbow.data.subsample", 1.0, "cbow.data.subsample is 1.0: input should be less than 1"),
        ("language_models.cbow.windo", 5, "language_models.cbow.windo: unknown key (did you mean window?)"),
        ("language_models.embedding.data.step", 5, "embedding.data.step: unknown key (did you mean steps?)"),
        ("language_models.embedding.start", {"kind": "svd"}, "language_models.embedding.start.window: missing; add it"),
        (
            "language_models.embedding.start.kind",
            "cbow",
            "embedding.start.kind is 'cbow': input should be 'random', 'sv",
        ),
        (
            "language_models.embedding.directions",
            3,
            "language_models.embedding.directions is 3: input should be 1 or 2",
        ),
        (
            "poetry_generation.models.book.schedule",
            {"kind": "plateau", "factor": 0.5, "patience": 12},
            "poetry_generation.models.book.schedule.patience (12) must be below poetry_generation.patience (12), or",
        ),
        (
            "poetry_generation.models.gru.embedding_size",
            30,
            "poetry_generation.models.gru: tie_weights needs embedding_size (30) and the last of hidden_sizes (64)",
        ),
        ("poetry_generation.valid_fraction", 0.9, "valid_fraction + test_fraction must stay below 1"),
        (
            "poetry_generation.sampling.temperature",
            1e-40,
            "sampling.temperature is 1e-40: input should be greater than",
        ),
        ("poetry_generation.temperatures", [1e-300], "temperatures.0 is 1e-300: input should be greater than or"),
        ("poetry_generation.sampling.top_p", 0.0, "poetry_generation.sampling.top_p is 0.0: input should be greater"),
        ("parity.bits", 1, "parity.bits is 1: input should be greater than or equal to 2"),
        ("parity.bits", 40, "parity.bits is 40: input should be less than or equal to 16"),
        ("parity.longest", 11, "params.yaml: parity: longest (11) must be bits (12) at least"),
        ("parity.held_out", 1.0, "parity.held_out is 1.0: input should be less than 1"),
        ("parity.recurrent.first_length", 13, "parity: recurrent.first_length (13) must be bits (12) at most"),
        ("parity.recurrent.units", ["gru", "rnn"], "parity.recurrent.units.1 is 'rnn': input should be 'elman', 'rat"),
        (
            "parity.recurrent.units",
            ["gru", "gru"],
            "parity.recurrent.units is ['gru', 'gru']: must name each unit once",
        ),
        ("parity.recurrent.unit", "gru", "parity.recurrent.unit: unknown key (did you mean units?)"),
        ("parity.feedforward.deep", [], "parity.feedforward.deep is []: list should have at least 1 item"),
        (
            "parity.needed.units",
            ["gru", "gru"],
            "parity.needed.units is ['gru', 'gru']: must name each unit once",
        ),
        ("parity.needed.hidden", [4, 2], "parity.needed.hidden is [4, 2]: must ascend"),
        ("runtime.devices", -1, "runtime.devices is -1: input should be greater than or equal to 0"),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(
    set_params: Callable[..., None], key: str, value: Any, message: str
) -> None:
    set_params({key: value})
    with pytest.raises(UserError) as error:
        load_params()
    assert message in str(error.value)
    assert str(error.value).startswith("params.yaml: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no sections"),
        ("- 1", "holds no sections"),
        ("a: [", "not valid YAML"),
        ("a: 1\na: 2", "not valid YAML"),
        ("wiki:\n  source: sample\n", "extract: missing; add it"),
    ],
)
def test_a_broken_file_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(UserError) as error:
        load_params(path)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not found"):
        load_params(tmp_path / "params.yaml")


def test_an_unknown_model_names_those_there_are(in_tmp: Path) -> None:
    with pytest.raises(UserError, match="no 'rnn'; it has gru, lstm"):
        load_params().language_model("rnn")
