"""The templates of `dvc plots` in .dvc/plots."""

import json
import re
from itertools import chain
from typing import Any

from ruamel.yaml import YAML

from pipeline.settings import load_params
from pipeline.settings.result_sections import NGRAM_MODELS
from tests.conftest import ROOT

PLOTS: dict[str, dict[str, str]] = dict(
    chain.from_iterable(plot.items() for plot in YAML(typ="safe").load(ROOT / "dvc.yaml")["plots"])
)


def template(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((ROOT / f".dvc/plots/{name}.json").read_text(encoding="utf-8"))
    return content


def test_every_template_is_used_and_names_the_data_and_the_columns_of_the_plot() -> None:
    own = {path.stem for path in (ROOT / ".dvc/plots").iterdir()}
    assert {plot["template"] for plot in PLOTS.values()} == own | {"confusion"}  # DVC's
    for name in own:
        assert {"<DVC_METRIC_DATA>", "<DVC_METRIC_TITLE>", "<DVC_METRIC_X>", "<DVC_METRIC_Y>"} <= set(
            re.findall(r"<DVC_METRIC_\w+>", json.dumps(template(name)))
        )


def test_a_model_has_a_colour_of_its_own_in_all_plots() -> None:
    transform = template("by_model")["transform"]
    names, colours = (re.findall("'([^']+)'", step["calculate"]) for step in transform[1:])
    params = load_params(ROOT / "params.yaml")
    assert {*params.models, *params.mixtures, *NGRAM_MODELS} <= set(names)
    assert len(set(colours)) == len(colours) == len(names) + 10
    assert f"{len(names)} + (datum.rank - 1) % 10" in transform[2]["calculate"]
