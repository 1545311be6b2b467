import argparse
from pathlib import Path
from typing import Any

import pytest
from dvc.utils.serialize import modify_yaml

from pipeline.run.errors import UserError
from pipeline.settings import load_params, read_yaml
from tests.conftest import ROOT, change_params
from wikilm.commands import preset
from wikilm.commands.answer import Answer
from wikilm.presets import PRESETS

NAMES = sorted(path.stem for path in PRESETS.iterdir())
PARAMS = Path("params.yaml")
pytestmark = pytest.mark.usefixtures("in_tmp")


def apply(*arguments: str) -> Answer:
    parser = argparse.ArgumentParser()
    preset.add_arguments(parser)
    return preset.preset(parser.parse_args(arguments))


def comments() -> list[str]:
    return [line.partition("# ")[2] for line in PARAMS.read_text().splitlines() if line.lstrip().startswith("# ")]


def assert_dvc_leaves_it() -> None:
    before = PARAMS.read_bytes()
    with modify_yaml(PARAMS):
        pass
    assert PARAMS.read_bytes() == before


def assert_has(content: dict[str, Any], overlay: dict[str, Any]) -> None:
    """The values of an overlay are set, and removed keys are gone."""
    for key, value in overlay.items():
        if isinstance(value, dict):
            assert_has(content[key], value)
        else:
            assert content.get(key) == value


@pytest.mark.parametrize("second", NAMES)
@pytest.mark.parametrize("first", NAMES)
def test_presets_are_merged_one_after_the_other(first: str, second: str) -> None:
    before = comments()
    apply(first)
    again = apply(second)
    assert (again == Answer({}, ["params.yaml: nothing to change"])) == (first == second)
    content, overlay = read_yaml(PARAMS), read_yaml(PRESETS / f"{second}.yaml")
    assert_has({key: overlay.get(key) if value == "off" else value for key, value in content.items()}, overlay)
    assert comments() == before
    assert_dvc_leaves_it()


def test_what_changed_is_printed() -> None:
    answer = apply("lstm")
    assert {
        "vocabulary.size: 2000 -> 10000",
        "models.gru: removed",
        "models.lstm.batches: stream -> {kind: stream, rows: 32}",
    } <= set(answer.lines)
    assert answer.data["vocabulary.size"] == "2000 -> 10000"
    assert answer.note == "params.yaml: written"
    assert "models.embedding: added" in apply("embeddings").lines


def test_a_dry_run_only_prints() -> None:
    before = PARAMS.read_bytes()
    answer = apply("book", "--dry-run")
    assert "parity.deep: [128, 128] -> [1024, 1024]" in answer.lines
    assert answer.note == "params.yaml: not written (--dry-run)"
    assert PARAMS.read_bytes() == before


def test_a_link_stays_a_link() -> None:
    Path("mine").mkdir()
    target = PARAMS.rename("mine/params.yaml")
    PARAMS.symlink_to(target)
    apply("book")
    assert PARAMS.readlink() == target
    assert read_yaml(target)["models"].keys() == {"gru", "lstm"}


def test_line_ends_of_windows_stay() -> None:
    apply("book")
    expected = PARAMS.read_bytes().replace(b"\n", b"\r\n")
    PARAMS.write_bytes((ROOT / PARAMS).read_bytes().replace(b"\n", b"\r\n"))
    apply("book")
    assert PARAMS.read_bytes() == expected


def test_other_edits_and_comments_stay() -> None:
    text = PARAMS.read_text()
    text = text.replace("  seed: 1  ", "  seed: 7  ").replace("\nembeddings:", "\n# My own vectors.\nembeddings:")
    text = text.replace("  svd: {kind: svd}", "  # My own model.\n  mine: {unit: rated}\n  svd: {kind: svd}")
    text = text.replace("  lstm: {unit: lstm}", "\n  # About the LSTM.\n  lstm: {unit: lstm}")
    PARAMS.write_text(text.replace("analogies:\n", "analogies: # mine\n"))
    apply("lstm")
    apply("embeddings")
    params = load_params()
    assert (params.train.seed, params.models["mine"].model_dump()["unit"]["kind"]) == (7, "rated")
    assert {"My own vectors.", "My own model.", "About the LSTM."} <= set(comments())
    assert "\n\n# My own vectors.\nembeddings:\n" in PARAMS.read_text()


def test_a_section_that_is_off_stays_off() -> None:
    change_params(PARAMS, {"parity": "off", "poems": "off"})
    answer = apply("book")
    assert "models.svd: removed" in answer.lines
    assert (load_params().parity, load_params().poems) == (None, None)


def test_a_file_with_anchors_is_refused() -> None:
    text = PARAMS.read_text().replace("lstm: {unit: lstm}", "lstm: &lstm {unit: lstm}")
    assert "&lstm" in text
    PARAMS.write_text(text)
    with pytest.raises(UserError, match=r"^params\.yaml: has YAML anchors"):
        apply("book")
    assert PARAMS.read_text() == text


def test_an_unknown_preset_lists_those_there_are() -> None:
    with pytest.raises(UserError, match=r"^no preset 'big'; there are book, embeddings, lstm, treebank, wikitext2$"):
        apply("big")


def test_what_does_not_fit_is_not_written() -> None:
    change_params(PARAMS, {"models.mine.loss": {"kind": "adaptive", "cutoffs": [15000]}, "vocabulary.size": 20000})
    before = PARAMS.read_bytes()
    with pytest.raises(
        UserError, match=r"^params.yaml with the preset embeddings: models.mine.loss.cutoffs is \[15000\]"
    ):
        apply("embeddings")
    assert PARAMS.read_bytes() == before
