from pathlib import Path

import pytest

from pipeline.run.outputs import read_json
from tests.page.conftest import plotted, render


@pytest.mark.usefixtures("two_models")
def test_plots_have_a_row_for_each_model() -> None:
    render()
    assert plotted("analogies_by_epoch") == [
        ["model", "epoch", "words_read", "cosine_total"],
        ["skipgram", "1", "1000.0", "0.25"],
        ["skipgram", "2", "3000.0", "0.5"],
    ]
    gru = read_json(Path("data/reports/analogies/gru.json"))
    assert plotted("analogies_by_section")[:2] == [
        ["model", "section", "asked", "cosine"],
        ["gru", "family", "6", str(gru["accuracy"]["cosine"]["total"])],
    ]
    assert [row[0] for row in plotted("analogies_by_section")[1:]] == ["gru", "skipgram"]


def test_plots_of_nothing_have_a_header_alone(in_tmp: Path) -> None:
    render()
    tables = sorted(Path("data/plots/models").glob("*/*.tsv"))
    assert [path.stem for path in tables] == ["analogies_by_epoch", "analogies_by_section", "perplexity"]
    assert all(path.read_text(encoding="utf-8").count("\n") == 1 for path in tables)
