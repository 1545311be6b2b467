"""`python -m benchmarks.embeddings`, on a small text of random words."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from benchmarks import embeddings, gensim_peer
from benchmarks.gensim_peer import LOWEST, PARTS, articles_of, deal_lines, start_from, train_gensim
from pipeline.settings.vector_sections import Word2vecEntry
from pipeline.store.building import Article, build
from pipeline.store.sequences import Sequences
from pipeline.store.vocabulary import WORDS, Vocabulary
from pipeline.training.word2vec import make_model, rows_of, vectors
from pipeline.vectors.questions import google_questions
from pipeline.vectors.spelling import predicted

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
    arguments = ["--seconds", "0.1", "--seeds", "2", "--embedding-size", "32"]
    arguments += ["--models", "recurrent", "cbow", "spelling", "--json", str(found)]
    monkeypatch.setattr(sys, "argv", ["embeddings", str(database), *arguments])
    embeddings.main()
    runs = json.loads(found.read_text())
    assert [run["form"] for run in runs] == ["centred", "spelled"] * 6
    assert [(run["name"], run["seed"]) for run in runs[::2]] == [
        (name, seed) for name in ("recurrent", "cbow", "spelling") for seed in (1, 2)
    ]
    shown = capsys.readouterr().out
    for run in runs:
        (google, *_) = run["suite"]
        assert google["set"] == "Google"
        assert google["asked"] > 100
        assert run["settings"]["embedding_size"] == 32
        assert f"| {run['name']} | {run['seed']} | {run['cpu_seconds']:.0f} |" in shown
        assert run["development"][run["vectors"]] == max(run["development"].values())
    assert "Google: 3CosAdd" in shown
    assert "cbow, spelled, 0.1 s, 2 seed(s): Google and macro-average" in shown


def test_spelling_alone_is_what_it_predicts_of_random_vectors(database: Path) -> None:
    vectors, _ = embeddings.spelling_alone(database, {"embedding_size": 4}, 0, 1)
    words = Sequences(database).vocabulary.words
    drawn = np.random.default_rng(1).standard_normal((2, len(words), 4), np.float32)
    for matrix, given in zip(vectors, drawn, strict=True):
        np.testing.assert_array_equal(matrix[WORDS], predicted(words, given))
        assert not matrix[[0, 1, -1]].any()


def test_word2vec_trains_from_counts_too(database: Path) -> None:
    settings = embeddings.changed(embeddings.MODELS["cbow"], {"start": "svd", "rows": "articles"})
    counted, _ = embeddings.train_counts(database, {"kind": "svd"}, 0, 1)
    names, counts = [str(id) for id in range(len(counted.inputs))], Sequences(database).word_counts("train")
    model = make_model(Word2vecEntry(kind="word2vec"), names, counts, seed=1)
    start_from(model, names, counted)
    inputs, outputs = vectors(model, names)
    np.testing.assert_array_equal(inputs, counted.inputs)
    np.testing.assert_array_equal(outputs, counted.outputs)
    trained, spent = train_gensim(database, settings, 0.01, 1)  # one part of the text at least
    assert trained.inputs.shape == (len(names), 128)
    assert spent["epochs"] == 1 / PARTS


def test_articles_are_rows_end_to_end_as_long_as_gensim_reads_them(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sequences = Sequences(database)
    rows, articles = list(rows_of(sequences)), list(articles_of(sequences))
    assert [len(article) for article in articles] == [400] * 20
    np.testing.assert_array_equal(np.concatenate(articles), np.concatenate(rows))
    monkeypatch.setattr(gensim_peer, "LONGEST", 300)
    assert [len(part) for part in articles_of(sequences)] == [300, 100] * 20


def test_the_rate_of_a_peer_falls_evenly_and_ends_with_its_time(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates: list[tuple[float, float]] = []
    clock = count()
    monkeypatch.setattr("benchmarks.gensim_peer.time.process_time", lambda: next(clock))  # a part takes a second
    monkeypatch.setattr(
        "gensim.models.Word2Vec.train", lambda _, **given: rates.append((given["start_alpha"], given["end_alpha"]))
    )
    _, spent = train_gensim(database, embeddings.MODELS["cbow"], 31, 1)
    assert (spent["cpu_seconds"], len(rates)) == (31, 30)
    assert rates[0] == (0.05, 0.05)  # the time of a part is not known yet
    assert [start for start, _ in rates[1:]] == [end for _, end in rates[:-1]]
    np.testing.assert_allclose([end for _, end in rates], np.linspace(0.05, LOWEST, 30))


def test_the_lines_of_a_text_are_dealt_to_parts(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("".join(f"{line}\n" for line in range(PARTS + 1)))
    first, *others = deal_lines(text)
    assert first.read_text() == f"0\n{PARTS}\n"
    assert [int(part.read_text()) for part in others] == list(range(1, PARTS))
    text.write_text("0\n1\n")
    assert [int(part.read_text()) for part in deal_lines(text)] == [0, 1]


def test_a_search_prints_what_chooses_and_nothing_that_is_reported(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["embeddings", str(database), "--search", "--models", "svd"])
    embeddings.main()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines[::2]] == ["svd", "svd, window 2", "svd, window 10"]
    assert not any("WordSim" in line or "macro" in line for line in lines)


def test_a_search_refuses_what_it_would_ignore(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for ignored in (["--seeds", "2"], ["--seconds", "1", "2"]):
        monkeypatch.setattr(sys, "argv", ["embeddings", str(database), "--search", *ignored])
        with pytest.raises(SystemExit):
            embeddings.main()
        assert "--search takes one value of --seconds, and one seed" in capsys.readouterr().err
