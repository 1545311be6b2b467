"""The story that opens the page: one sentence from the dump to the guesses of models, on the page of a small run."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

from models.language_model import RecurrentLanguageModel
from pipeline import download, extract, report, templates, tokens
from pipeline.page.perplexities import NGRAM_LABELS
from pipeline.page.results import Results
from pipeline.page.story import section
from pipeline.records.models import ModelRecord
from pipeline.run.outputs import read_json
from pipeline.settings.params import load_params
from pipeline.trained.learnt import as_arrays
from pipeline.trained.recorded_network import recorded_network
from tests.browser import Loaded, opened, reloaded
from tests.conftest import ROOT, change_params, number_words
from tests.models.test_units import VARIANTS
from tests.small_dumps import a_page, wrap
from tests.to_page import export, score_baselines, train_model
from wikilm import Run

SENTENCE = "Page {n} is the old king of the land, and he rules it well."
MARKUP = "'''Page {n}''' is the [[King of Rome|old king]] of the land, and ''he'' rules it well."
MORE = "The queen rules. The king and the queen rule the sea, and the land is old. So the king of the sea is old."
ADAPTIVE = {"kind": "adaptive", "cutoffs": [9]}  # which the page does not compute
CHANGES: dict[str, Any] = {
    "wiki.source": "tiny.xml",
    "vocabulary.size": 17,
    "index": {"valid_fraction": 0.3, "test_fraction": 0.3},
    "models": {
        "gru": {"embedding_size": 6, "hidden_sizes": [6], "epochs": 3, "batches": {"kind": "stream", "rows": 2}},
        "lstm": {"unit": "lstm", "embedding_size": 6, "hidden_sizes": [6], "loss": ADAPTIVE},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The working folder of a run of a small dump, up to its page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root := tmp_path_factory.mktemp("story"))
        Path("params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
        change_params(Path("params.yaml"), CHANGES)
        pages = [a_page(n, f"{{{{infobox}}}}\n{MARKUP.format(n=n)} {MORE}") for n in range(20)]
        Path("tiny.xml").write_text(wrap(pages), encoding="utf-8")
        outputs = {
            download: ["data/raw"],
            templates: ["data/raw", "data/templates.db"],
            extract: ["data/raw", "data/templates.db", "data/articles"],
            tokens: ["data/articles", "data/tokens"],
        }
        for stage, paths in outputs.items():
            stage.main([*paths, "--metrics", f"data/metrics/{stage.__name__.split('.')[-1]}.json"])
        number_words("data/", "data/metrics/")
        score_baselines()
        for name in CHANGES["models"]:
            train_model(name)
            export(name)
        report.main(["data", "data/index.html", "data/plots"])
        yield root


@pytest.fixture(scope="module")
def story(run: Path) -> dict[str, Any]:
    found = section(Results(Path("data"), load_params().models))
    assert found
    return found


@pytest.fixture(scope="module")
def loaded(run: Path) -> Iterator[Loaded]:
    with opened(run / "data/index.html") as opening:
        yield opening


@pytest.fixture
def page(loaded: Loaded) -> Iterator[Page]:
    yield reloaded(loaded)
    assert loaded[1] == []


def test_a_sentence_of_the_test_split_is_shown_in_every_shape_that_it_had(story: dict[str, Any]) -> None:
    number = story["title"].removeprefix("Page ")
    assert story["fits"]
    assert story["markup"] == MARKUP.format(n=number)
    assert story["prose"] == SENTENCE.format(n=number)
    assert story["words"] == f"page {number} is the old king of the land and he rules it well".split()
    sequences = Run().sequences
    assert int(number) in sequences.article_ids("test")
    known = [word if word in sequences.vocabulary.words else "UNKNOWN" for word in story["words"]]
    assert [sequences.vocabulary.by_id[id] for id in story["ids"]] == known
    assert story["known"] == [word != "UNKNOWN" for word in known]


def test_the_slider_says_what_each_size_of_vocabulary_loses(story: dict[str, Any], page: Page) -> None:
    found = story["vocabulary"]
    metrics = read_json(Path("data/metrics/vocabulary.json"))
    assert found["sizes"][found["start"]] == metrics["words"]
    assert found["lost"][found["start"]] == pytest.approx(100 * (1 - metrics["coverage"]), abs=0.06)
    assert [rank <= metrics["words"] for rank in found["ranks"]] == story["known"]
    for place, size in enumerate(found["sizes"]):
        page.locator("#size").fill(str(place))
        lost = page.locator("#blanks span").evaluate_all("all => all.map((word) => word.classList.contains('lost'))")
        assert lost == [rank > size for rank in found["ranks"]]
        expect(page.locator("#lost")).to_have_text(
            f"{size} words: {found['lost'][place]:.1f}% of the training split is lost."
        )


def test_what_a_model_expected_after_each_epoch_is_kept_as_it_trains(story: dict[str, Any], page: Page) -> None:
    learnt = story["learning"]
    assert (learnt["model"], len(learnt["epochs"])) == ("gru", 3)
    model = Run().language_model("gru")
    ids, by_id = story["ids"], model.vocabulary.by_id
    for place, id in enumerate(ids):
        text = " ".join(by_id[id] for id in ids[:place]).replace("UNKNOWN", "zzz")
        expected = model.predict(text, len(by_id))
        chances = dict(expected.words) | {"UNKNOWN": expected.unknown}
        bits = learnt["epochs"][learnt["kept"] - 1]["bits"][place]
        assert bits == pytest.approx(-math.log2(chances[by_id[id]]), abs=0.01)
    assert learnt["epochs"][0] != learnt["epochs"][1]
    bars, rows = page.locator("#surprise .bars"), page.locator("#surprise li")
    for epoch in (1, 2):
        page.locator("#epoch").fill(str(epoch))
        own = learnt["epochs"][epoch - 1]
        assert bars.nth(2).locator("i").first.get_attribute("title") == f"gru: {own['bits'][2]} bits"
        expect(rows.nth(2).locator(".guesses")).to_have_text(", ".join(own["guesses"][2]))


def test_the_surprise_of_the_n_gram_model_is_its_score_of_the_sentence(story: dict[str, Any]) -> None:
    rival = {label: name for name, label in NGRAM_LABELS.items()}[story["learning"]["rival"]]
    scores = np.load(f"data/baselines/{rival}/test_scores.npy")["log_probability"] / -math.log(2)
    own = np.array(story["learning"]["surprise"])
    assert any(
        np.allclose(scores[start : start + len(own)], own, atol=0.006) for start in range(len(scores) - len(own))
    )


def test_models_on_the_page_guess_the_next_word_as_wikilm_does(page: Page) -> None:
    box = page.get_by_label("How a sentence begins")
    for text in ("the king and", "Zzz of the", "(The queen, and"):
        box.fill(text)
        shown = [one.split() for one in page.locator("#guessed > div").first.locator("li").all_inner_texts()]
        expected = dict(Run().language_model("gru").next_words(text, 6))  # the sixth may be as likely as the fifth
        assert all(abs(float(share.rstrip("%")) - 100 * expected[word]) < 1 for word, share in shown)
    box.fill("Zzz")
    expect(page.locator("#began")).to_contain_text("“zzz” is not among the words")
    assert page.locator("#guessed li").count() == 5  # of one of three models
    page.locator("#begin .example").first.click()  # which the others answer, too
    assert page.locator("#guessed li").count() == 15
    recorded = page.locator("#guessed > div", has_text="lstm").locator("li bdi").all_inner_texts()
    beginning = page.locator("#beginning").input_value()
    assert recorded == [word for word, _ in Run().language_model("lstm").next_words(beginning)]
    expect(page.locator("#next")).to_contain_text("lstm")


@pytest.mark.parametrize("unit", VARIANTS, ids=str)
def test_the_pages_equations_are_the_models(page: Page, unit: dict[str, Any]) -> None:
    torch.manual_seed(0)
    tied = unit["kind"] != "lstm"
    model = RecurrentLanguageModel(
        30, unit=unit, embedding_size=7, hidden_sizes=[5, 7], learn_initial_state=True, tie_weights=tied
    )
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.sign(parameter) * parameter.abs().amax(-1, keepdim=True))  # exact in 8 bits
    settings = {"loss": {"kind": "exact"}, "unit": unit, "hidden_sizes": [5, 7], "batches": {"kind": "stream"}}
    record = ModelRecord(seed=1, vocabulary_size=9, vocabulary="", settings=settings)
    packed = recorded_network(record, as_arrays(model.state_dict()))
    assert packed
    ids = [5, 29, 3]
    with torch.no_grad():
        hidden, _ = model.eval()(torch.tensor([[1, *ids]]))
        expected = torch.softmax(model.output(hidden[0, -1]), -1)
    found = page.evaluate("([model, ids]) => chances(loaded(model), ids)", [packed.model_dump(), ids])
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-4)
