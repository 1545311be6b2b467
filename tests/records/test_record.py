import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from pipeline.records.figures import read_metrics
from pipeline.records.models import ModelRecord
from pipeline.records.record import Record
from pipeline.run.errors import UserError
from pipeline.run.outputs import read_json, write_json
from wikilm.packed import shipped

RECORD = {"seed": 1, "vocabulary_size": 9, "vocabulary": "96ad", "settings": {"kind": "svd"}}


class Second(Record):
    """A record whose form changed once; the field that is new has a default."""

    versions = (1, 2)
    words: int
    also: str | None = None


def test_a_file_without_a_version_opens_and_keeps_its_bytes(tmp_path: Path) -> None:
    write_json(path := tmp_path / "model.json", RECORD)
    before = path.read_bytes()
    ModelRecord.read(path).write(path)
    assert path.read_bytes() == before
    for packed in shipped(".zip").values():
        with zipfile.ZipFile(packed) as file:
            (name,) = (name for name in file.namelist() if name.endswith("model.json"))
            assert ModelRecord.opened(json.loads(file.read(name)), name).seed == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({**RECORD, "version": 2}, "version is 2, and only 1 can be read"),
        ({key: RECORD[key] for key in ("seed", "vocabulary", "settings")}, "lacks vocabulary_size"),
        ({**RECORD, "seed": "1"}, "seed is '1'; it must be a valid integer"),
        ([RECORD], "the file is [{"),
    ],
)
def test_what_is_wrong_in_a_record_is_told_with_file_and_key(tmp_path: Path, content: Any, told: str) -> None:
    write_json(path := tmp_path / "model.json", content)
    with pytest.raises(UserError) as error:
        ModelRecord.read(path)
    assert str(error.value).startswith(f"{path}: {told}")
    assert "\n" not in str(error.value)


def test_a_record_that_changed_says_its_version_and_opens_the_one_before(tmp_path: Path) -> None:
    write_json(path := tmp_path / "second.json", {"words": 3})
    Second.read(path).write(path)
    assert read_json(path) == {"version": 2, "words": 3}
    assert Second.read(path) == Second(words=3)


def test_metrics_are_numbers(tmp_path: Path) -> None:
    write_json(path := tmp_path / "gru.json", {"valid_perplexity": "75.6"})
    with pytest.raises(UserError, match=f"{path}: valid_perplexity"):
        read_metrics(path)
    assert read_metrics(tmp_path / "none.json") == {}
    write_json(path, {"valid_perplexity": 75.6})
    with pytest.raises(UserError, match=f"{path}: lacks test_perplexity; "):
        read_metrics(path)["test_perplexity"]
