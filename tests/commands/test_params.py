import argparse
import json
from pathlib import Path

import pytest

from pipeline.settings import load_params
from tests.conftest import change_params
from wikilm.commands import params
from wikilm.commands.answer import Answer
from wikilm.presets import PRESETS, with_preset
from wikilm.schema import json_schema

FILE = Path("params.yaml")
pytestmark = pytest.mark.usefixtures("in_tmp")


def ask(*arguments: str) -> Answer:
    parser = argparse.ArgumentParser()
    params.add_arguments(parser)
    return params.params(parser.parse_args(arguments))


def test_the_projects_file_states_defaults() -> None:
    assert set(ask().data["changed"]) == {"models.lstm.unit", "models.cbow.algorithm", "models.cbow.learning_rate"}


def test_every_setting_is_printed_and_changed_ones_are_marked() -> None:
    change_params(FILE, {"vocabulary.size": 500, "wiki.files": 3, "parity": "off", "models.mine": {"optimizer": "sgd"}})
    change_params(FILE, {"poetry_generation.models.mine": {}})
    change_params(FILE, {"poetry_generation.writer": "mine", "models.mine.unit": {"kind": "lstm", "peepholes": True}})
    lines = list(ask().lines)
    assert "  size: 500 # changed; default: 2000" in lines
    assert "  files: 3 # changed; default: blank" in lines
    assert "parity: off # changed; default: {}" in lines
    assert "    mine: # added" in lines
    mine = lines[lines.index("  mine:") :]
    assert mine[1:3] == [
        "    kind: language_model",
        "    unit: {kind: lstm, mogrifier: 0, peepholes: true} # changed; default: gru",
    ]
    assert "    optimizer: {kind: sgd, momentum: 0.9} # changed; default: adam" in mine
    assert "    hidden_sizes: [128]" in mine
    assert "    algorithm: cbow # changed; default: skipgram" in lines


@pytest.mark.parametrize("name", [path.stem for path in PRESETS.iterdir()])
def test_the_output_is_a_params_yaml_with_the_same_settings(name: str) -> None:
    text, expected = with_preset(name)
    FILE.write_text(text)
    printed = Path("printed.yaml")
    printed.write_text("\n".join(ask().lines))
    assert load_params(printed) == expected
    assert ask("printed.yaml").data == ask().data


def test_the_output_without_mixtures_is_one_too() -> None:
    change_params(FILE, {"mixtures": {}})
    Path("printed.yaml").write_text("\n".join(ask().lines))
    assert load_params(Path("printed.yaml")) == load_params(FILE)


def test_json_has_values_and_defaults() -> None:
    change_params(FILE, {"poems": "off", "models": {"a": {"kind": "svd", "window": 3}, "b": {"unit": "elman"}}})
    data = json.loads(json.dumps(ask().data))
    assert data["settings"]["poems"] == "off"
    assert data["settings"]["models"]["b"]["unit"] == {"kind": "elman", "activation": "tanh"}
    assert data["changed"]["models.a.window"] == {"value": 3, "default": 5}
    assert data["changed"]["models.b.unit"] == {
        "value": {"kind": "elman", "activation": "tanh"},
        "default": {"kind": "gru", "activation": "tanh", "reset_after": True, "mogrifier": 0},
    }
    assert data["changed"]["poems"]["value"] == "off"
    assert set(data["changed"]) == {"models.a.window", "models.b.unit", "poems"}


def test_the_schema_is_printed() -> None:
    answer = ask("--schema")
    assert answer.data == json.loads("\n".join(answer.lines)) == json_schema()
