"""`wikilm preset`."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from dvc.utils.serialize import modify_yaml

from pipeline.settings.params import load_params, read_yaml
from tests.commands.conftest import Ask, Refused
from tests.conftest import ROOT, change_params
from wikilm.presets import PRESETS, with_preset

NAMES = sorted(path.stem for path in PRESETS.iterdir())
PARAMS = Path("params.yaml")
pytestmark = pytest.mark.usefixtures("in_tmp")


def comments() -> list[str]:
    return [line.partition("# ")[2] for line in PARAMS.read_text().splitlines() if line.lstrip().startswith("# ")]


def assert_has(content: dict[str, Any], overlay: dict[str, Any]) -> None:
    """The values of an overlay are set, and removed keys are gone."""
    for key, value in overlay.items():
        if isinstance(value, dict):
            assert_has(content[key], value)
        else:
            assert content.get(key) == value


@pytest.mark.parametrize("first", NAMES)
def test_presets_are_merged_one_after_the_other(first: str, ask: Ask) -> None:
    before = comments()
    ask("preset", first)
    merged = PARAMS.read_bytes()
    for second in NAMES:
        PARAMS.write_bytes(merged)
        assert (ask("preset", second)[0] == "params.yaml: nothing to change\n") == (first == second)
        content, overlay = read_yaml(PARAMS), read_yaml(PRESETS / f"{second}.yaml")
        assert_has({key: overlay.get(key) if value == "off" else value for key, value in content.items()}, overlay)
        assert comments() == before
        written = PARAMS.read_bytes()
        with modify_yaml(PARAMS):  # as `dvc exp run -S` does
            pass
        assert PARAMS.read_bytes() == written


def test_what_changes_is_printed_and_a_dry_run_only_prints(ask: Ask) -> None:
    before = PARAMS.read_bytes()
    printed, note = ask("preset", "lstm", "--dry-run")
    lines = {"vocabulary.size: 2000 -> 10000", "models.lstm.batches: random_rows -> {kind: stream, rows: 32}"}
    assert lines | {"models.gru: removed"} <= set(printed.splitlines())
    assert note.startswith("params.yaml: not written (--dry-run). Name a dump of ")
    assert PARAMS.read_bytes() == before
    assert json.loads(ask("preset", "lstm", "--json")[0])["vocabulary.size"] == "2000 -> 10000"
    assert "models.embedding: added\n" in ask("preset", "embeddings")[0]


def test_presets_are_listed_and_what_an_earlier_one_left_is_told(ask: Ask) -> None:
    assert [line.split()[0] for line in ask("preset")[0].splitlines()] == NAMES
    changed = ask("preset", "treebank", "--dry-run")[0].splitlines()
    assert "parity: {bits: 12, seeds: 10, longest: 120} -> off" in changed
    ask("preset", "book")
    kept = ask("preset", "lstm")[0].splitlines()[-1]
    assert kept.startswith("kept from before (`--fresh` drops it): index.end_fraction: 0.01, ")
    assert "models" not in kept


def test_fresh_starts_from_the_committed_file(ask: Ask, refused: Refused) -> None:
    assert refused("preset", "lstm", "--fresh").startswith("--fresh: git has no params.yaml of an earlier commit: ")
    for command in ("init", "add params.yaml", "-c user.name=a -c user.email=a@b commit -m a"):
        subprocess.run(["git", *command.split()], check=True, capture_output=True)
    ask("preset", "lstm")
    expected = PARAMS.read_text()
    ask("preset", "book")
    assert "index.end_fraction: 0.01 -> 1.0" in ask("preset", "lstm", "--fresh")[0]
    assert PARAMS.read_text() == expected
    assert ask("preset", "lstm", "--fresh")[0] == ""
    PARAMS.write_text("broken: [")
    assert "vocabulary.size: 2000 -> 10000" in ask("preset", "lstm", "--fresh")[0]
    assert PARAMS.read_text() == expected


def test_a_link_stays_a_link_and_line_ends_of_windows_stay(ask: Ask) -> None:
    ask("preset", "book")
    expected = PARAMS.read_bytes().replace(b"\n", b"\r\n")
    Path("mine").mkdir()
    target = PARAMS.rename("mine/params.yaml")
    target.write_bytes((ROOT / PARAMS).read_bytes().replace(b"\n", b"\r\n"))
    PARAMS.symlink_to(target)
    ask("preset", "book")
    assert PARAMS.readlink() == target
    assert target.read_bytes() == expected


def test_other_edits_comments_and_sections_that_are_off_stay(ask: Ask) -> None:
    text = PARAMS.read_text()
    text = text.replace("  seed: 1  ", "  seed: 7  ").replace("\nembeddings:", "\n# My own vectors.\nembeddings:")
    text = text.replace("  svd: {kind: svd}", "  # My own model.\n  mine: {unit: rated}\n  svd: {kind: svd}")
    text = text.replace("  lstm: {unit: lstm,", "\n  # About the LSTM.\n  lstm: {unit: lstm,")
    PARAMS.write_text(text.replace("analogies:\n", "analogies: # mine\n"))
    change_params(PARAMS, {"parity": "off", "poems": "off"})
    for name in ("lstm", "embeddings", "book"):
        ask("preset", name)
    params = load_params()
    assert (params.train.seed, params.models["mine"].model_dump()["unit"]["kind"]) == (7, "rated")
    assert (params.parity, params.poems) == (None, None)
    assert {"My own vectors.", "My own model.", "About the LSTM."} <= set(comments())
    assert "\n\n# My own vectors.\nembeddings:\n" in PARAMS.read_text()


def test_a_section_whose_name_is_in_quotes_is_merged() -> None:
    text = PARAMS.read_text()
    quoted = text.replace("\nindex:", '\n"index":').replace("\nmodels:", "\n'models':")
    assert with_preset("book", quoted)[1] == with_preset("book", text)[1]


def test_what_cannot_be_merged_is_refused_and_not_written(refused: Refused) -> None:
    assert (
        refused("preset", "big")
        == "no preset 'big'; there are book, embeddings, lstm, small, subwords, treebank, wikitext2"
    )
    change_params(PARAMS, {"models.mine.loss": {"kind": "adaptive", "cutoffs": [15000]}, "vocabulary.size": 20000})
    unfit = PARAMS.read_text()
    anchored = unfit.replace("lstm: {unit: lstm,", "lstm: &lstm {unit: lstm,")
    for text, problem in (
        (unfit, "params.yaml with the preset embeddings: models.mine.loss.cutoffs is [15000]"),
        (anchored, "params.yaml: has YAML anchors"),
    ):
        PARAMS.write_text(text)
        assert refused("preset", "embeddings").startswith(problem)
        assert PARAMS.read_text() == text
