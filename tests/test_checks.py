import argparse
import platform
from collections.abc import Callable
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from pipeline.run.errors import UserError
from pipeline.settings.checked import ORDER, checked_params
from tests.conftest import SetParams
from wikilm.commands import check

LATER = ("embeddings", "report")
MISSING = [  # the setting, its message, and the last stage that refuses it
    ("wiki.source", "nowhere.xml", "wiki.source is 'nowhere.xml': no such file; give", "download"),
    ("wiki.source", ".", "wiki.source is '.': is a folder without", "download"),
    ("models.gru.start", {"kind": "file", "file": "v.txt"}, "models.gru.start.file is 'v.txt': no such file;", "train"),
    ("runtime.accelerator", "gpu", "runtime.accelerator is 'gpu': torch finds no GPU here; give auto or cpu", "train"),
    ("tokens.unit", "line", "tokens.unit is 'line', for text that is already tokenized, but wiki.source", "tokens"),
    ("analogies.sets", "nowhere", "analogies.sets is 'nowhere': no such folder; give", "analogies"),
    ("analogies.sets", "~/sets", "analogies.sets is '~/sets': DVC, which sees an edit there, knows no ~;", "analogies"),
    ("grammar.sets", "nowhere", "grammar.sets is 'nowhere': no such folder; give one, which may be empty", "grammar"),
    ("wiki.date", "2026-02-30", "wiki.date is '2026-02-30'; it must be a date such as", "report"),
]


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: False)


def checked() -> str:
    return "\n".join(check.check(argparse.Namespace(params=Path("params.yaml"))).lines)


def refused(answer: Callable[[], object]) -> str:
    with pytest.raises(UserError) as error:
        answer()
    return str(error.value)


@pytest.mark.usefixtures("in_tmp")
def test_the_projects_file_is_valid() -> None:
    assert checked() == "params.yaml: valid; models: gru, lstm, embedding, skipgram, cbow, svd"
    for stage in (*ORDER, "poems", *LATER):
        checked_params(stage)


@pytest.mark.usefixtures("in_tmp")
def test_a_report_of_a_fault_has_the_versions_and_the_system() -> None:
    software = check.check(argparse.Namespace(params=Path("params.yaml"))).data["software"]
    assert software["torch"] == metadata.version("torch")
    assert software["python"] == platform.python_version()


@pytest.mark.parametrize(("key", "value", "message", "last"), MISSING)
def test_what_is_missing_is_refused_early(set_params: SetParams, key: str, value: Any, message: str, last: str) -> None:
    set_params({key: value})
    assert message in refused(checked)
    every = (*ORDER, *LATER)
    for stage in every[: every.index(last) + 1]:
        assert message in refused(partial(checked_params, stage))
    for stage in every[every.index(last) + 1 :]:
        checked_params(stage)


def test_the_home_of_a_user_is_found_and_of_nobody_is_no_traceback(
    set_params: SetParams, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sets/bats").mkdir(parents=True)
    for file, text in (("sets/bats/plural.txt", "cat\tcats\ndog\tdogs\n"), ("own.txt", "A line.\n")):
        (tmp_path / file).write_text(text, encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    for key, name in (("wiki.source", "own.txt"), ("poems.source", "sets")):
        set_params({key: f"~/{name}"})
        assert "valid" in checked()
        set_params({key: f"~nobody-of-that-name/{name}"})
        assert f" is '~nobody-of-that-name/{name}': " in refused(checked)
        set_params({key: f"~/{name}"})
    for home in ("~", "~nobody-of-that-name"):
        set_params({"models.gru.start": {"kind": "file", "file": f"{home}/own.txt"}})
        assert "valid" in checked() if home == "~" else f"'{home}/own.txt': " in refused(checked)


def test_text_in_another_encoding_is_refused_before_the_first_stage(set_params: SetParams) -> None:
    text = "A line.\n" * 600 + "A café.\n"
    set_params({"wiki.source": "own.txt"})
    for encoding in ("utf-8", "latin-1"):
        Path("own.txt").write_bytes(text.encode(encoding))
        assert "valid" in checked() if encoding == "utf-8" else "own.txt, line 601: is not UTF-8" in refused(checked)
    Path("own.txt").write_bytes(b"a" * ((1 << 20) - 1) + "é".encode())  # cut where the check stops
    assert "valid" in checked()


@pytest.mark.parametrize("source", ["*.xml.bz2", "*", "A.XML", "a.xml-p1p2"])
def test_dumps_are_not_tokenized(set_params: SetParams, source: str) -> None:
    Path("dumps").mkdir()
    Path("dumps", source.replace("*", "a.xml", 1)).touch()
    for given in (f"dumps/{source}", "gone.xml.bz2"):
        set_params({"wiki.source": given, "tokens.unit": "line"})
        message = f"tokenized, but wiki.source is '{given}', which is read as a dump; give"
        assert message in refused(partial(checked_params, "tokens"))
    set_params({"wiki.source": "gone"})
    checked_params("tokens")
