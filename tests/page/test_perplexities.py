from pathlib import Path

import pytest

from pipeline.page.charts import Palette
from pipeline.page.perplexities import MOST_DOTS, NGRAM_LABELS, learning_curves
from pipeline.run.outputs import write_json
from pipeline.settings.result_sections import NGRAM_MODELS
from tests.page.conftest import plotted, render, write_curves, write_language_model, write_times


def rows_of(html: str) -> dict[str, str]:
    """The rows of the table of models, by name."""
    (table,) = (part for part in html.split("<table") if 'class="wide sorts">\n<thead><tr><th>model' in part)
    rows = table.split("</table>")[0].split("\n")
    return {row.split(">")[2].split("<")[0]: row for row in rows if row.startswith("<tr><td")}


def test_the_best_model_is_chosen_by_validation_and_more_figures_stand_below_a_value(in_tmp: Path) -> None:
    write_language_model("lstm", valid_perplexity=72, test_perplexity=40, seeds=1)
    heads = ("model", "trained / read", "valid perplexity", "test perplexity", "test accuracy", "best epoch")
    assert f"{''.join(f'<th>{head}</th>' for head in heads)}</tr>" in render()  # no column without a value
    figures = {"test_perplexity_low": 65.12, "test_perplexity_high": 68.2}
    figures |= {"seeds": 3, "valid_perplexity_mean": 71.94, "valid_perplexity_sd": 0.31}
    figures |= {"test_perplexity_mean": 67.0, "test_perplexity_sd": 0.42}
    figures |= {f"test_dynamic_perplexity{end}": value for end, value in (("", 60.5), ("_low", 58.1), ("_high", 62.3))}
    figures |= {"test_known_perplexity": 199.04, "test_known_accuracy": 0.129}
    write_language_model("gru", valid_perplexity=71.6, test_perplexity=66.6, **figures)
    rows = rows_of(render())
    assert '<td class="right">71.6<small>3 seeds: 71.9 ± 0.3</small></td>' in rows["gru"]
    assert "<td>66.6<small>65.1 to 68.2</small><small>3 seeds: 67.0 ± 0.4</small><small" in rows["gru"]
    assert '<small class="long">60.5 with dynamic evaluation (58.1 to 62.3)</small></td>' in rows["gru"]
    assert "<td>199.0<small>12.9% right</small></td>" in rows["gru"]
    assert "<td>72.0</td><td>40.0</td>" in rows["lstm"]


def test_models_are_compared_with_n_grams_and_mixtures(in_tmp: Path) -> None:
    assert tuple(NGRAM_LABELS) == NGRAM_MODELS
    for name, valid in (("gru", 50), ("lstm", 60)):
        write_language_model(name, valid_perplexity=valid)
    figures = {"vocabulary_size": 7, "valid_perplexity": 4.0, "test_perplexity": 5.25, "test_accuracy": 0.5}
    for name in NGRAM_LABELS:
        write_json(Path(f"data/metrics/baselines/{name}.json"), figures)
    ratios = {"lstm": (1.016, 0.981, 1.039), "trigram_kneser_ney": (1.094, 1.079, 1.111), "both": (0.9, 0.88, 0.92)}
    rows = {name: dict(zip(("ratio", "ratio_low", "ratio_high"), own, strict=True)) for name, own in ratios.items()}
    rows["unigram"] = {"ratio": 2.0, "test_articles": 3}
    rows["both"] |= {"valid_perplexity": 62.1, "test_perplexity": 58.9}
    weights = {"both": {"gru": 0.618, "trigram_kneser_ney": 0.382}}
    write_json(Path("data/reports/perplexities.json"), {"best": "gru", "rows": rows, "weights": weights})
    found = rows_of(html := render())
    assert "<td>2.000<small>3 test articles</small><small>level with gru</small></td>" in found["unigram"]
    assert "<th>relative to gru</th>" in html
    assert "<td>1.016<small>0.981 to 1.039</small><small>level with gru</small></td>" in found["lstm"]
    assert "<td>1.094<small>1.079 to 1.111</small></td>" in found["trigram, Kneser-Ney"]
    for label in NGRAM_LABELS.values():
        few = "<small>3 test articles</small>" if label == "unigram" else ""
        assert found[label].startswith(f"<tr><td>{label}</td><td>rows / rows</td><td>4.0</td><td>5.2{few}</td>")
    told = '<tr><td>both<small class="long">0.62 gru + 0.38 trigram, Kneser-Ney</small></td><td></td><td>62.1</td>'
    assert found["both"].startswith(told)


def test_a_row_says_how_its_model_was_trained_and_read_and_what_it_took(in_tmp: Path) -> None:
    for name in ("gru", "lstm"):
        write_language_model(name, parameters=12_345)
    write_times("train/gru", seconds=7.0, megabytes=812.4)
    found = rows_of(html := render())
    assert ">gru</td><td>stream / stream</td>" in found["gru"]
    assert ">lstm</td><td>rows / rows</td>" in found["lstm"]
    assert "<th>parameters</th><th>seconds</th><th>MB</th></tr>" in html
    assert found["gru"].endswith("<td>12,345</td><td>7</td><td>812</td></tr>")
    assert found["lstm"].endswith("<td>12,345</td><td></td><td></td></tr>")


def test_each_model_has_its_curves(in_tmp: Path) -> None:
    for name in ("gru", "lstm"):
        write_language_model(name)
    write_curves("gru", train_loss=[2.0, 1.0], train_perplexity=[8.5, 7.5], valid_perplexity=[7.0, 6.0])
    write_curves("lstm", train_perplexity=[9.0, 8.0], valid_perplexity=[7.5, 6.5])
    html = render()
    assert "gru, valid: from 7 at 1 to 6 at 2" in html
    assert "lstm, train: from 9 at 1 to 8 at 2" in html
    assert plotted("perplexity") == [
        ["model", "epoch", "train_perplexity", "valid_perplexity"],
        ["gru", "1", "8.5", "7.0"],
        ["gru", "2", "7.5", "6.0"],
        ["lstm", "1", "9.0", "7.5"],
        ["lstm", "2", "8.0", "6.5"],
    ]


def test_what_models_write_is_shown_and_escaped(in_tmp: Path) -> None:
    write_language_model("gru")
    assert "Sentences that the models write" not in render()
    write_json(Path("data/models/gru/sentences.json"), {"seed": 7, "sentences": ["a <b> & c", ""]})
    told = "<ul><li><bdi>a &lt;b&gt; &amp; c</bdi></li><li>(no word)</li></ul>"
    assert f"gru</strong>, seed 7</figcaption>\n{told}" in render()


@pytest.mark.parametrize("epochs", [MOST_DOTS, MOST_DOTS + 1])
def test_many_epochs_have_no_dots_that_cover_a_dotted_line(epochs: int) -> None:
    chart = learning_curves("Perplexity", {"gru": {"train": [9.0] * epochs, "valid": [7.0] * epochs}}, Palette())
    assert ("<circle" in chart) == (epochs <= MOST_DOTS)
    assert chart.count("polyline") == 2
