"""What several tests of the page share: outputs of stages, written by hand, and the page of them."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from pipeline import analogies, report
from pipeline.compare_vectors import main as compare
from pipeline.records.text import VocabularyRecord
from pipeline.run.command import digest
from pipeline.run.outputs import read_json_if_there, write_json
from pipeline.vectors.exported import ExportedVectors, write_embeddings
from pipeline.words.frequencies import Frequencies
from tests.browser import Loaded, opened, reloaded
from tests.conftest import ROOT, change_params


def compare_vectors() -> None:
    compare(["data/embeddings", "data/reports/analogies", "data/reports/vectors.json"])


def render() -> str:
    """The page of the outputs in the working folder, as HTML."""
    compare_vectors()
    report.main(["data", "data/index.html", "data/plots/models"])
    return Path("data/index.html").read_text(encoding="utf-8")


def write_vectors(name: str, words: list[str], vectors: np.ndarray) -> None:
    folder = Path("data/embeddings", name)
    folder.mkdir(parents=True)
    write_embeddings(folder, ExportedVectors(words, vectors, {"input": vectors}, "input", "raw"))


def ask(name: str) -> None:
    if not (book := Path("questions/book.txt")).exists():
        book.parent.mkdir()
        book.write_bytes((ROOT / book).read_bytes())
    metrics = f"data/metrics/analogies/{name}.json"
    analogies.main(
        [name, f"data/embeddings/{name}", "questions", f"data/reports/analogies/{name}.json", "--metrics", metrics]
    )


FAMILY = {
    "king": [2, 0, 0], "queen": [2, 3, 0], "man": [0, 0, 1], "woman": [0, 3, 1], "boy": [0, 0, 9], "girl": [0, 3, 9]
}  # fmt: skip


def write_curves(name: str, **columns: list[float]) -> None:
    """Write what a training leaves of its epochs."""
    write_json(Path("data/models", name, "curves.json"), columns)


def write_frequencies(counts: dict[int, int]) -> None:
    """Write a vocabulary without words of a text in which `counts` words each occur so often."""
    found = Frequencies(np.array([*counts]), np.array([*counts.values()]))
    VocabularyRecord(kind="words", texts=[], frequencies=found.to_draw()).write(Path("data/vocabulary.json"))


def write_language_model(name: str, **figures: float) -> None:
    defaults = dict.fromkeys(("valid_perplexity", "test_perplexity", "test_accuracy", "best_epoch"), 1)
    write_json(Path(f"data/metrics/train/{name}.json"), {"vocabulary_size": 9, **defaults, **figures})


def write_account(**content: Any) -> None:
    """Write what became of pages: three are kept, but for `content`."""
    templates = {"met": 0, "by_definition": 0, "by_name": 0, "no_words": 0, "dropped": 0, "most_dropped": {}}
    about = {"wiki": "ltgwiki", "language": "ltg", "in": 3, "kept": 3, "dropped": {}, "bad_lines": [], "failed": []}
    write_json(Path("data/articles.json"), {**about, "characters": 0, "templates": templates, **content})


def write_times(run: str, **times: float) -> None:
    """Write the times of a run with figures, or of one without any."""
    figures = read_json_if_there(Path(f"data/metrics/{run}.json")) or {}
    write_json(Path(f"data/timings/{run}.json"), {**times, "of": digest(figures)})


def plotted(table: str) -> list[list[str]]:
    """The rows of a table for `dvc plots`, header included."""
    lines = Path(f"data/plots/models/{table}/{table}.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """A page in a browser, its complaints and its requests; each test of a module loads it again."""
    from tests.page.known_vectors import HELD, MODELS, write_outputs

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("page"))
        shutil.copyfile(ROOT / "params.yaml", "params.yaml")
        change_params(Path("params.yaml"), {"models": {name: {"unit": "gru"} for name in MODELS}})
        write_outputs()
        patch.setattr("pipeline.compare_vectors.HELD_WORDS", len(HELD))
        compare_vectors()
        report.main(["data", "index.html", "data/plots/models"])
        with opened(Path("index.html")) as opening:
            yield opening


@pytest.fixture
def page(loaded: Loaded) -> Page:
    """The page as it opens on a light screen of a laptop."""
    page = loaded[0]
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light", media="screen")
    return reloaded(loaded)


def ask_page(page: Page, words: str) -> None:
    """Type a question and press the button."""
    page.get_by_label("Three words, or one").fill(words)
    page.get_by_role("button", name="Answer", exact=True).click()


def find_on_map(page: Page, word: str) -> None:
    """Type a word into the box of the map and press the button."""
    page.get_by_label("Find a word").fill(word)
    page.get_by_role("button", name="Find").click()
