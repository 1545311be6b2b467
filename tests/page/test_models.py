from pathlib import Path

from pipeline.page.models import BASELINES
from pipeline.run.outputs import write_json
from tests.page.conftest import render, write_language_model


def test_the_best_language_model_is_chosen_by_validation_perplexity(in_tmp: Path) -> None:
    write_language_model("gru", valid_perplexity=50, test_perplexity=70)
    write_language_model("lstm", valid_perplexity=60, test_perplexity=40)
    html = render()
    assert "70.0<small>gru, best on validation</small>" in html
    assert '<td class="right">50.0</td><td>70.0</td>' in html
    assert "<td>60.0</td><td>40.0</td>" in html


def test_markov_models_are_in_the_table_of_models(in_tmp: Path) -> None:
    figures = {"vocabulary_size": 7, "valid_perplexity": 4.0, "test_perplexity": 5.25, "test_accuracy": 0.5}
    for name in BASELINES:
        write_json(Path(f"data/metrics/baselines/{name}.json"), figures)
    html = render()
    for label in BASELINES.values():
        assert f"<tr><td>{label}</td><td>7</td><td>4.0</td><td>5.2</td><td>50.0%</td>" in html
    assert "unigram perplexity</dt><dd>5.2" in html
