"""Stages that `off` in params.yaml switches off: they empty what an earlier run left, and the page shows none of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline import parity, poems, poetry_classification, poetry_generation
from pipeline.run.outputs import read_json
from tests.conftest import ErrorOf, SetParams
from tests.page.conftest import render

STAGES: dict[str, tuple[Callable[..., None], str]] = {  # its inputs, and its outputs with the metrics
    "parity": (parity.main, "data/reports/parity.json --metrics data/metrics/parity"),
    "poems": (poems.main, "data/poems --metrics data/metrics/poems.json"),
    "poetry_generation": (
        poetry_generation.main,
        "data/poems data/models/poetry data/reports/generation.json --metrics data/metrics/generation",
    ),
    "poetry_classification": (
        poetry_classification.main,
        "data/poems data/reports/classification.json data/plots/classification --metrics data/metrics/classification",
    ),
}


def run(stage: str) -> None:
    """Run a stage where an earlier run left its outputs; check that it leaves them empty."""
    main, arguments = STAGES[stage]
    outputs = [Path(name) for name in arguments.split() if "/" in name and (name != "data/poems" or stage == "poems")]
    for path in outputs:
        left = path if path.suffix else path / ("poems.jsonl" if path.name == "poems" else "left/over.json")
        left.parent.mkdir(parents=True, exist_ok=True)
        left.write_text('{"left": "over"}', encoding="utf-8")
    main(arguments.split())
    for path in outputs:
        if path.suffix:
            assert read_json(path) == {}
        else:
            assert [each.name for each in path.iterdir()] == [".off"] * (path.parts[1] not in ("plots", "metrics"))


def test_each_stage_says_so_in_one_line_and_leaves_nothing(
    set_params: SetParams, capsys: pytest.CaptureFixture[str]
) -> None:
    set_params(dict.fromkeys(STAGES, "off"))
    for stage in STAGES:
        run(stage)
        assert capsys.readouterr().err == f"{stage}: off in params.yaml\n"
    html = render()
    assert "nothing has run yet" in html
    assert "left" not in html[html.index("<body>") : html.index("<script>")]


@pytest.mark.parametrize("settings", ["off", {"source": "sample"}, {"source": "data/poems"}])
def test_a_users_file_in_the_folder_of_poems_is_kept(set_params: SetParams, error_of: ErrorOf, settings: Any) -> None:
    set_params({"poems": settings})
    mine = Path("data/poems/mine.txt")
    mine.parent.mkdir(parents=True)
    mine.touch()
    error = error_of(poems.main, ["data/poems"])
    assert "data/poems/mine.txt: the stage that writes data/poems would delete it" in error
    assert mine.exists()


def test_without_poems_nothing_is_trained(set_params: SetParams, capsys: pytest.CaptureFixture[str]) -> None:
    set_params({"poems": False})  # as YAML 1.1 reads `off`
    for stage in ("poems", "poetry_generation", "poetry_classification"):
        run(stage)
    told = capsys.readouterr().err.splitlines()
    assert told[1:] == [f"poetry_{name}: poems: off in params.yaml" for name in ("generation", "classification")]
