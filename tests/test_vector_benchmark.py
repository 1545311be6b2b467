"""`python -m benchmarks.embeddings`, on a small text of random words."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from benchmarks import embeddings
from benchmarks.gensim_peer import train_gensim
from pipeline.store.building import Article, build
from pipeline.store.vocabulary import Vocabulary
from pipeline.vectors.questions import google_questions

ROWS, WORDS_IN_ROW = 400, 20


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database of the words of Google's first questions."""
    words = list(dict.fromkeys(word for each in google_questions(set()) for word in (*each.given, *each.answers)))[:150]
    vocabulary = Vocabulary.of([(word, ROWS) for word in words], rows=ROWS, unknown=ROWS)
    ids = np.random.default_rng(0).integers(2, len(vocabulary), (ROWS, WORDS_IN_ROW)).astype("<u2")
    rows = np.arange(0, ROWS * WORDS_IN_ROW + 1, WORDS_IN_ROW)[:21]
    articles = [Article(n, str(n), "train", ids[n * 20 : n * 20 + 20].ravel(), rows) for n in range(ROWS // 20)]
    path = tmp_path / "sequences.db"
    build(path, iter(articles), vocabulary, end_fraction=0.0)
    return path


@pytest.fixture(autouse=True)
def one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "ProcessPoolExecutor", lambda jobs, *_, **__: ThreadPoolExecutor(jobs))


def test_every_model_is_measured_on_every_set(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = tmp_path / "found.json"
    arguments = ["--seconds", "0.1", "--seeds", "2", "--models", "recurrent", "cbow", "--json", str(found)]
    monkeypatch.setattr(sys, "argv", ["embeddings", str(database), *arguments])
    embeddings.main()
    runs = json.loads(found.read_text())
    assert [run["form"] for run in runs] == ["centred", "spelled"] * 4
    assert [(run["name"], run["seed"]) for run in runs[::2]] == [
        (name, seed) for name in ("recurrent", "cbow") for seed in (1, 2)
    ]
    shown = capsys.readouterr().out
    for run in runs:
        (google, *_) = run["suite"]
        assert google["set"] == "Google"
        assert google["asked"] > 100
        assert f"| {run['name']} | {run['seed']} | {run['cpu_seconds']:.0f} |" in shown
        assert run["development"][run["vectors"]] == max(run["development"].values())
    assert "Google: 3CosAdd" in shown
    assert "cbow, spelled, 0.1 s, 2 seed(s): Google and macro-average" in shown


@pytest.mark.parametrize("change", [{"start": "svd"}, {"rows": "articles"}, {"data": {"unknown": "keep"}}])
def test_word2vec_also_trains_as_the_pipeline_does_not_offer_it(database: Path, change: embeddings.Settings) -> None:
    settings = embeddings.changed(embeddings.MODELS["cbow"], change)
    vectors, figures = train_gensim(database, settings, 0.1, 1)
    assert vectors.inputs.shape == vectors.outputs.shape == (153, 128)
    assert figures["epochs"] >= 1


def test_a_search_prints_what_chooses_and_nothing_that_is_reported(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["embeddings", str(database), "--search", "--models", "svd"])
    embeddings.main()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines[::2]] == ["svd", "svd, window 2", "svd, window 10"]
    assert not any("WordSim" in line or "macro" in line for line in lines)
