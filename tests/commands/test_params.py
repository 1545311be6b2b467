import argparse
import json
from pathlib import Path

import pytest

from tests.conftest import change_params
from wikilm.commands import params
from wikilm.commands.answer import Answer
from wikilm.schema import json_schema

FILE = Path("params.yaml")
pytestmark = pytest.mark.usefixtures("in_tmp")


def ask(*arguments: str) -> Answer:
    parser = argparse.ArgumentParser()
    params.add_arguments(parser)
    return params.params(parser.parse_args(arguments))


def test_the_projects_file_states_defaults() -> None:
    assert set(ask().data["changed"]) == {"models.lstm.unit", "models.cbow.algorithm", "models.cbow.learning_rate"}


def test_every_setting_is_printed_and_changed_ones_have_their_default() -> None:
    change_params(FILE, {"vocabulary.size": 500, "wiki.files": 3, "parity": "off", "models.mine": {"optimizer": "sgd"}})
    change_params(FILE, {"models.mine.unit": {"kind": "lstm", "peepholes": True}, "mixtures": {}})
    answer = ask()
    assert {
        "vocabulary.size: 500 # default: 2000",
        "wiki.files: 3 # default: blank",
        "parity: off # changed",
        "models.mine.unit: {kind: lstm, peepholes: true} # default: gru",
        "models.mine.optimizer: sgd # default: adam",
        "models.mine.hidden_sizes: [128]",
    } <= set(answer.lines)
    assert json.loads(json.dumps(answer.data))["settings"]["wiki.files"] == 3


def test_the_schema_is_printed() -> None:
    answer = ask("--schema")
    assert answer.data == json.loads("\n".join(answer.lines)) == json_schema()
