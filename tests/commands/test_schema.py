import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pipeline.settings import parse_yaml, read_yaml
from tests.conftest import ROOT
from wikilm.presets import PRESETS, with_preset
from wikilm.schema import json_schema

FILE = ROOT / "docs/params.schema.json"
PARAMS = ROOT / "params.yaml"
SCHEMA = json.loads(FILE.read_text(encoding="utf-8"))


def problems(**sections: Any) -> list[str]:
    """What the schema refuses in params.yaml with some other sections."""
    found = Draft202012Validator(SCHEMA).iter_errors({**read_yaml(PARAMS), **sections})
    return [error.message for error in found]


def test_the_file_is_current() -> None:
    assert json_schema() == SCHEMA, "wikilm params --schema > docs/params.schema.json"


def test_params_yaml_names_it() -> None:
    first = PARAMS.read_text(encoding="utf-8").partition("\n")[0]
    assert first == "# yaml-language-server: $schema=docs/params.schema.json"


def test_it_is_a_schema_and_accepts_params_yaml() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert problems() == []


@pytest.mark.parametrize("name", [path.stem for path in PRESETS.iterdir()])
def test_it_accepts_presets(name: str) -> None:
    text, _ = with_preset(name)
    assert problems(**parse_yaml(text, PARAMS)) == []


@pytest.mark.parametrize(
    "sections",
    [
        {"parity": "off", "poems": "off", "poetry_generation": "off", "poetry_classification": "off"},
        {"vocabulary": None, "parity": None, "runtime": None},
        {"models": {"short": {"unit": "lstm", "loss": "adaptive", "optimizer": "sgd", "schedule": "decay"}}},
        {
            "models": {
                "long": {"kind": "language_model", "unit": {"kind": "gru", "reset_after": False}, "dropout": None}
            }
        },
        {"models": {"none": {}, "stream": {"batches": {"kind": "stream"}}, "counted": {"kind": "svd"}}},
    ],
)
def test_it_accepts_what_the_pipeline_accepts(sections: dict[str, Any]) -> None:
    assert problems(**sections) == []


@pytest.mark.parametrize(
    "sections",
    [
        {"vocabulary": {"sise": 5}},
        {"vocabulary": {"size": "2000"}},
        {"vocabulry": {}},
        {"vocabulary": "off"},
        {"models": None},
        {"models": {"gru": None}},
        {"models": {"My GRU": {}}},
        {"models": {"gru": {"peepholes": True}}},
        {"models": {"gru": {"unit": "rnn"}}},
        {"models": {"gru": {"unit": {"kind": "gru", "peepholes": True}}}},
        {"models": {"gru": {"kind": "svd", "epochs": 3}}},
        {"parity": "on"},
    ],
)
def test_it_refuses_what_the_pipeline_refuses(sections: dict[str, Any]) -> None:
    assert problems(**sections)


def test_it_refuses_a_missing_section() -> None:
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors({})]
