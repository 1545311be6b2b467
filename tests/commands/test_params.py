"""`wikilm params`, and the schema that it prints."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pipeline.settings.params import PARAMS, parse_yaml, read_text, read_yaml
from tests.commands.conftest import Ask
from tests.conftest import ROOT, change_params
from wikilm.presets import PRESETS, with_preset

FILE = ROOT / "docs/params.schema.json"
SCHEMA = json.loads(FILE.read_text(encoding="utf-8"))
SETTINGS = read_yaml(ROOT / "params.yaml")


def problems(sections: dict[str, Any]) -> list[str]:
    """What the schema refuses in params.yaml with some other sections."""
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors({**SETTINGS, **sections})]


@pytest.mark.usefixtures("in_tmp")
def test_every_setting_is_printed_and_changed_ones_have_their_default(ask: Ask) -> None:
    changed = {"models.lstm.unit", "models.lstm.batches", "models.cbow.algorithm", "models.cbow.learning_rate"}
    assert set(json.loads(ask("params", "--json")[0])["changed"]) == changed  # in the project's file
    mine = {"optimizer": "sgd", "unit": {"kind": "lstm", "peepholes": True}}
    settings = {"vocabulary.size": 500, "wiki.files": 3, "parity": "off", "mixtures": {}, "models.mine": mine}
    change_params(Path("params.yaml"), settings)
    assert {
        "vocabulary.size: 500 # default: 2000",
        "wiki.files: 3 # default: blank",
        "parity: off # changed",
        "models.mine.unit: {kind: lstm, peepholes: true} # default: gru",
        "models.mine.optimizer: sgd # default: adam",
        "models.mine.hidden_sizes: [128]",
    } <= set(ask("params")[0].splitlines())


def test_the_files_schema_is_current_and_params_yaml_names_it(ask: Ask) -> None:
    printed = ask("params", "--schema")[0]
    assert printed == FILE.read_text(encoding="utf-8"), "wikilm params --schema > docs/params.schema.json"
    Draft202012Validator.check_schema(SCHEMA)
    first = (ROOT / "params.yaml").read_text(encoding="utf-8").partition("\n")[0]
    assert first == "# yaml-language-server: $schema=docs/params.schema.json"


@pytest.mark.parametrize(
    "sections",
    [
        *(parse_yaml(with_preset(path.stem, read_text(ROOT / PARAMS))[0], path) for path in PRESETS.iterdir()),
        {"parity": "off", "poems": "off", "poetry_generation": "off", "poetry_classification": "off"},
        {"vocabulary": None, "parity": None, "runtime": None},
        {"models": {"short": {"unit": "lstm", "loss": "adaptive", "optimizer": "sgd", "schedule": "decay"}}},
        {"models": {"a": {}, "b": {"batches": {"kind": "stream"}, "dropout": None}, "c": {"kind": "svd"}}},
    ],
)
def test_the_schema_accepts_what_the_pipeline_accepts(sections: dict[str, Any]) -> None:
    assert problems(sections) == []


@pytest.mark.parametrize(
    "sections",
    [
        {"vocabulary": {"sise": 5}},
        {"vocabulry": {}},
        {"vocabulary": "off"},
        {"models": None},
        {"models": {"gru": None}},
        {"models": {"My GRU": {}}},
        {"models": {"gru": {"peepholes": True}}},
        {"models": {"gru": {"unit": {"kind": "gru", "peepholes": True}}}},
        {"parity": "on"},
    ],
)
def test_the_schema_refuses_what_the_pipeline_refuses(sections: dict[str, Any]) -> None:
    assert problems(sections)
