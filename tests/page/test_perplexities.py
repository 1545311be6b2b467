from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from pipeline.page.bands import FEW, short
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


def band(name: str, targets: int, **models: tuple[float, float, float]) -> dict[str, Any]:
    """A row of `by_frequency` or `by_position`: each model's perplexity and the ends of its interval."""
    keys = ("perplexity", "low", "high")
    return {
        "band": name,
        "targets": targets,
        "models": {key: dict(zip(keys, m, strict=True)) for key, m in models.items()},
    }


def write_bands(**divisions: list[dict[str, Any]]) -> None:
    """Write a comparison of gru, which is the best model, and the n-gram models with these rows."""
    write_language_model("gru")
    write_baselines()
    content = {"best": "gru", "rows": {}, "weights": {}, **divisions}
    write_json(Path("data/reports/perplexities.json"), content)


def finding(html: str, by: str) -> str:
    """The sentence that the page says of a division."""
    return unescape(html.split(f"<strong>Perplexity by {by}.</strong> ")[1].split("</figcaption>")[0])


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
    spread |= {f"test_cache_perplexity{end}": value for end, value in {"": 60.5, "_low": 58.1, "_high": 62.3}.items()}
    known = {"test_known_perplexity": 199.04, "test_known_accuracy": 0.129}
    write_language_model("gru", valid_perplexity=71.6, test_perplexity=66.6, **interval, **spread, **known)
    write_language_model("lstm", valid_perplexity=72, test_perplexity=67, seeds=1)
    rows = rows_of(render())
    assert '<td class="right">71.6<small>3 seeds: 71.9 ± 0.3</small></td>' in rows["gru"]
    assert "<td>66.6<small>65.1 to 68.2</small><small>3 seeds: 67.0 ± 0.4</small><small" in rows["gru"]
    assert '<small class="long">60.5 with a cache (58.1 to 62.3)</small></td>' in rows["gru"]
    assert "<td>199.0<small>12.9% right</small></td>" in rows["gru"]
    assert "<td>72.0</td><td>67.0</td>" in rows["lstm"]


def test_ratios_say_where_the_text_shows_no_difference(in_tmp: Path) -> None:
    for name in ("gru", "lstm"):
        write_language_model(name, valid_perplexity=50 if name == "gru" else 60)
    write_baselines()
    write_comparison(
        gru={"test_bits_per_character": 1.5},
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
    assert "<td>1.0</td><td></td><td>100.0%</td><td>1.500</td>" in rows["gru"]


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


NEAR, FAR, LEVEL = (50.0, 40.0, 60.0), (90.0, 80.0, 100.0), (55.0, 45.0, 65.0)  # the first two do not overlap


def test_bands_say_where_the_best_model_gains_most_and_where_it_is_worse(in_tmp: Path) -> None:
    rows = [
        band("0", FEW, gru=(12_345.0, 12_000.0, 13_000.0), unigram=FAR),
        band("1 to 9", FEW, gru=FAR, unigram=NEAR),
        band("10 to 99", FEW, gru=NEAR, unigram=FAR),
        band("UNKNOWN", FEW, gru=NEAR, unigram=LEVEL),
        band("END", FEW, gru=(6.7, 6.0, 7.0), unigram=(13.4, 13.0, 14.0)),
    ]
    few = band("2 to 3", FEW - 1, gru=(1.0, 0.5, 1.5), unigram=FAR)
    write_bands(by_frequency=rows, by_position=[band("1", FEW, gru=FAR, unigram=NEAR), few])
    html = render()
    times = "times in training"
    assert finding(html, "word frequency") == (
        "Compared with unigram, gru gains most on END (6.7 instead of 13.4) and is worse "
        f"on words that occur 0 {times} (12.3k instead of 90.0) "
        f"and on words that occur 1 to 9 {times} (90.0 instead of 50.0)."
    )
    assert finding(html, "position in the sentence") == (
        "Compared with unigram, gru is shown to be better in no band and is worse at position 1 (90.0 instead of 50.0)."
    )
    assert (
        "<tr><td>END</td><td>100</td><td>6.7<small>6.0 to 7.0</small></td><td>13.4<small>13.0 to 14.0</small></td>"
        in html
    )
    assert "<title>gru: 6.7 at END</title>" in html
    assert "<td>2 to 3</td><td>99</td>" in html  # in the table
    assert "at 2 to 3</title>" not in html  # of the chart, which leaves it out


@pytest.mark.parametrize(
    ("gru", "told"),
    [
        (
            NEAR,
            "Compared with unigram, gru gains most at positions 2 to 3 (50.0 instead of 90.0) "
            "and is shown to be worse in no band.",
        ),
        ((85.0, 75.0, 95.0), "gru is not shown to differ from unigram in any band."),
        ((50.0, 50.0, 50.0), ""),  # all of one article: no draw differs
    ],
)
def test_a_band_is_no_finding_where_the_intervals_tell_nothing(
    in_tmp: Path, gru: tuple[float, float, float], told: str
) -> None:
    write_bands(by_position=[band("2 to 3", FEW, gru=gru, unigram=FAR)])
    assert finding(render(), "position in the sentence") == told


def test_bands_of_few_targets_alone_have_a_table_and_no_chart(in_tmp: Path) -> None:
    write_bands(by_position=[band("1", 2, gru=NEAR, unigram=FAR)])
    figure = render().split("Perplexity by position in the sentence.")[1].split("</figure>")[0]
    assert "<svg" not in figure
    assert "<tr><td>1</td><td>2</td><td>50.0<small>40.0 to 60.0</small></td>" in figure


@pytest.mark.parametrize(
    ("value", "told"), [(6.66, "6.7"), (2233.6, "2,230"), (225_004.4, "225k"), (20_625_022, "20.6M")]
)
def test_a_perplexity_in_few_digits(value: float, told: str) -> None:
    assert short(value) == told


def test_what_models_write_and_their_gates_are_shown_and_escaped(in_tmp: Path) -> None:
    write_language_model("gru")
    write_json(Path("data/models/gru/sentences.json"), {"seed": 7, "sentences": ["a <b> & c", ""]})
    reset, update = [0.25, 1.0], [0.5, 0.0]
    gates = [{"layer": 1, "gate": "reset", "openness": reset}, {"layer": 2, "gate": "update", "openness": update}]
    write_json(Path("data/models/gru/gates.json"), {"words": ["x", "<i>"], "gates": gates})
    html = render()
    assert "gru</strong>, seed 7" in html
    assert "<ul><li><bdi>a &lt;b&gt; &amp; c</bdi></li><li>(no word)</li></ul>" in html
    assert "<th>reset<small>layer 1</small></th><th>update<small>layer 2</small></th>" in html
    open_row = '<td class="heat" style="--share: 1">100%</td><td class="heat" style="--share: 0">0%</td>'
    assert f"<td><bdi>&lt;i&gt;</bdi></td>{open_row}" in html
    assert "<details open><summary>How far the gates open" in html


def test_gates_of_several_models_are_folded_and_units_without_any_are_left_out(in_tmp: Path) -> None:
    for name in ("gru", "lstm"):
        write_language_model(name)
    gates = [{"layer": 1, "gate": "reset", "openness": [0.5]}]
    for name, found in {"gru": gates, "lstm": []}.items():
        write_json(Path(f"data/models/{name}/gates.json"), {"words": ["x"], "gates": found})
    html = render()
    assert 'aria-label="Gates of gru"' in html
    assert 'aria-label="Gates of lstm"' not in html
    write_json(Path("data/models/lstm/gates.json"), {"words": ["x"], "gates": gates})
    assert "<details><summary>How far the gates open" in render()


def test_outputs_of_an_earlier_version_have_none_of_these(in_tmp: Path) -> None:
    write_bands()
    html = render()
    for heading in ("Which words are hard", "Sentences that the models write", "How far the gates open"):
        assert heading not in html


@pytest.mark.parametrize("epochs", [MOST_DOTS, MOST_DOTS + 1])
def test_many_epochs_have_no_dots_that_cover_a_dotted_line(epochs: int) -> None:
    chart = learning_curves("Perplexity", {"gru": {"train": [9.0] * epochs, "valid": [7.0] * epochs}}, Palette())
    assert ("<circle" in chart) == (epochs <= MOST_DOTS)
    assert chart.count("polyline") == 2
