from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.page.charts import Palette
from pipeline.page.perplexities import BASELINES, MOST_DOTS, SAME, learning_curves
from pipeline.run.outputs import write_json
from pipeline.settings.result_sections import NGRAM_MODELS
from tests.page.conftest import plotted, render, write_curves, write_language_model


def rows_of(html: str) -> dict[str, str]:
    """The rows of the table of models, by name."""
    (table,) = (
        part.split("</table>")[0]
        for part in html.split("<table")
        if 'class="wide sorts">\n<thead><tr><th>model' in part
    )
    return {row.split(">")[2].split("<")[0]: row for row in table.split("\n") if row.startswith("<tr><td")}


def write_comparison(weights: dict[str, dict[str, float]] | None = None, **rows: dict[str, float]) -> None:
    figures = {"valid_perplexity": 1.0, "test_perplexity": 1.0}
    content = {"best": None, "rows": {name: figures | row for name, row in rows.items()}, "weights": weights or {}}
    write_json(Path("data/reports/perplexities.json"), content)


def write_baselines() -> None:
    figures = {"vocabulary_size": 7, "valid_perplexity": 4.0, "test_perplexity": 5.25, "test_accuracy": 0.5}
    for name in BASELINES:
        write_json(Path(f"data/metrics/baselines/{name}.json"), figures)


def test_every_n_gram_model_has_a_label() -> None:
    assert tuple(BASELINES) == NGRAM_MODELS


def test_the_best_language_model_is_chosen_by_validation_perplexity(in_tmp: Path) -> None:
    write_language_model("gru", valid_perplexity=50, test_perplexity=70)
    write_language_model("lstm", valid_perplexity=60, test_perplexity=40)
    html = render()
    assert "The test perplexity of gru is 70.0." in html
    assert '<td class="right">50.0</td><td>70.0</td>' in html
    assert "<td>60.0</td><td>40.0</td>" in html


def test_one_model_alone_has_no_column_without_a_value(in_tmp: Path) -> None:
    write_language_model("gru", valid_perplexity=50, test_perplexity=70)
    html = render()
    assert (
        "<th>model</th><th>valid perplexity</th><th>test perplexity</th><th>test accuracy</th><th>best epoch</th></tr>"
        in html
    )
    assert list(rows_of(html)) == ["gru"]


def test_n_gram_models_are_in_the_table_of_models(in_tmp: Path) -> None:
    write_baselines()
    html = render()
    for label in BASELINES.values():
        assert f"<tr><td>{label}</td><td>4.0</td><td>5.2</td><td>50.0%</td>" in html
    assert "Here it has 7 ids." in html


def test_intervals_seeds_and_known_words_stand_below_a_value(in_tmp: Path) -> None:
    interval = {"test_perplexity_low": 65.12, "test_perplexity_high": 68.2}
    spread = {"seeds": 3, "valid_perplexity_mean": 71.94, "valid_perplexity_sd": 0.31}
    spread |= {"test_perplexity_mean": 67.0, "test_perplexity_sd": 0.42}
    spread |= {f"test_dynamic_perplexity{end}": value for end, value in {"": 60.5, "_low": 58.1, "_high": 62.3}.items()}
    known = {"test_known_perplexity": 199.04, "test_known_accuracy": 0.129}
    write_language_model("gru", valid_perplexity=71.6, test_perplexity=66.6, **interval, **spread, **known)
    write_language_model("lstm", valid_perplexity=72, test_perplexity=67, seeds=1)
    rows = rows_of(render())
    assert '<td class="right">71.6<small>3 seeds: 71.9 ± 0.3</small></td>' in rows["gru"]
    assert "<td>66.6<small>65.1 to 68.2</small><small>3 seeds: 67.0 ± 0.4</small><small" in rows["gru"]
    assert '<small class="long">60.5 with dynamic evaluation (58.1 to 62.3)</small></td>' in rows["gru"]
    assert "<td>199.0<small>12.9% right</small></td>" in rows["gru"]
    assert "<td>72.0</td><td>67.0</td>" in rows["lstm"]


def test_ratios_say_where_the_text_shows_no_difference(in_tmp: Path) -> None:
    for name in ("gru", "lstm"):
        write_language_model(name, valid_perplexity=50 if name == "gru" else 60)
    write_baselines()
    write_comparison(
        lstm={"ratio": 1.016, "ratio_low": 0.981, "ratio_high": 1.039},
        trigram_kneser_ney={"ratio": 1.094, "ratio_low": 1.079, "ratio_high": 1.111},
        unigram={"ratio": 2.0, "ratio_low": 2.0, "ratio_high": 2.0},  # the test split is one article
    )
    html = render()
    rows = rows_of(html)
    assert f'<td>2.000<small>2.000 to 2.000</small><small class="long">{SAME}</small></td>' in rows["unigram"]
    assert "<th>relative to gru</th>" in html
    assert f'<td>1.016<small>0.981 to 1.039</small><small class="long">{SAME}</small></td>' in rows["lstm"]
    assert "<td>1.094<small>1.079 to 1.111</small></td>" in rows["trigram, Kneser-Ney"]


def test_a_mixture_says_what_it_consists_of(in_tmp: Path) -> None:
    write_language_model("gru")
    write_baselines()
    weights = {"both": {"gru": 0.618, "trigram_kneser_ney": 0.382}}
    row = {"valid_perplexity": 62.1, "test_perplexity": 58.9, "ratio": 0.9, "ratio_low": 0.88, "ratio_high": 0.92}
    write_comparison(weights, both=row)
    html = render()
    told = "0.62 gru + 0.38 trigram, Kneser-Ney"
    assert f'<tr><td>both<small class="long">{told}</small></td><td>62.1</td><td>58.9</td>' in html
    assert '<p class="more">test perplexity 58.9 by both</p>' in html


def test_a_model_without_training_perplexity_has_a_curve(in_tmp: Path, set_params: Callable[..., Any]) -> None:
    for name in ("gru", "lstm"):
        write_language_model(name)
    write_curves("gru", train_loss=[2.0, 1.0], valid_perplexity=[7.0, 6.0])
    write_curves("lstm", train_perplexity=[9.0, 8.0], valid_perplexity=[7.5, 6.5])
    html = render()
    assert "gru, valid: from 7 at 1 to 6 at 2" in html
    assert "gru, train" not in html
    assert "lstm, train: from 9 at 1 to 8 at 2" in html
    assert plotted("perplexity") == [
        ["model", "epoch", "train_perplexity", "valid_perplexity"],
        ["gru", "1", "", "7.0"],
        ["gru", "2", "", "6.0"],
        ["lstm", "1", "9.0", "7.5"],
        ["lstm", "2", "8.0", "6.5"],
    ]


def test_what_models_write_is_shown_and_escaped(in_tmp: Path) -> None:
    write_language_model("gru")
    assert "Sentences that the models write" not in render()
    write_json(Path("data/models/gru/sentences.json"), {"seed": 7, "sentences": ["a <b> & c", ""]})
    html = render()
    assert "gru</strong>, seed 7" in html
    assert "<ul><li><bdi>a &lt;b&gt; &amp; c</bdi></li><li>(no word)</li></ul>" in html


@pytest.mark.parametrize("epochs", [MOST_DOTS, MOST_DOTS + 1])
def test_many_epochs_have_no_dots_that_cover_a_dotted_line(epochs: int) -> None:
    chart = learning_curves("Perplexity", {"gru": {"train": [9.0] * epochs, "valid": [7.0] * epochs}}, Palette())
    assert ("<circle" in chart) == (epochs <= MOST_DOTS)
    assert chart.count("polyline") == 2
