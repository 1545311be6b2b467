"""The templates of `dvc plots` in .dvc/plots."""

import json
import re

from ruamel.yaml import YAML

from pipeline.settings.params import load_params
from pipeline.settings.result_sections import NGRAM_MODELS
from tests.conftest import ROOT

PLOTS = YAML(typ="safe").load(ROOT / "dvc.yaml")["plots"]
TEMPLATES = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / ".dvc/plots").iterdir()}


def test_every_template_is_used_and_names_the_data_and_the_columns_of_the_plot() -> None:
    assert {how["template"] for plot in PLOTS for how in plot.values()} == {*TEMPLATES, "confusion"}  # DVC's
    for text in TEMPLATES.values():
        assert {"DATA", "TITLE", "X", "Y"} <= set(re.findall(r"<DVC_METRIC_(\w+)>", text))


def test_a_model_has_a_colour_of_its_own_in_all_plots() -> None:
    transform = json.loads(TEMPLATES["by_model"])["transform"]
    names, colours = (re.findall("'([^']+)'", step["calculate"]) for step in transform[1:])
    params = load_params(ROOT / "params.yaml")
    assert {*params.models, *params.mixtures, *NGRAM_MODELS} <= set(names)
    assert len(set(colours)) == len(colours) == len(names) + 10
    assert f"{len(names)} + (datum.rank - 1) % 10" in transform[2]["calculate"]
