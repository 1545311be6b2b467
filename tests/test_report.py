import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipeline import analogies, download, extract, report
from pipeline.evaluation.similarity import judged_pairs
from pipeline.page.models import BASELINES
from pipeline.run.outputs import read_json, write_json
from pipeline.vectors.exported import Embeddings, write_embeddings
from pipeline.vectors.questions import google_questions
from tests.conftest import ROOT


def page() -> str:
    report.main(["data", "data/index.html"])
    return Path("data/index.html").read_text(encoding="utf-8")


def write_vectors(name: str, words: list[str], vectors: np.ndarray) -> None:
    folder = Path("data/embeddings", name)
    folder.mkdir(parents=True)
    write_embeddings(folder, name, Embeddings(words, vectors, {"input": vectors}, "input", "raw"))


def written(words: list[str]) -> str:
    """Words as the page lists them, each kept apart from the direction in which the others run."""
    return ", ".join(f"<bdi>{word}</bdi>" for word in words)


def ask(name: str) -> None:
    Path("questions").mkdir(exist_ok=True)
    Path("questions/book.txt").write_bytes((ROOT / "questions/book.txt").read_bytes())
    reports = [f"data/reports/analogies/{name}.{suffix}" for suffix in ("json", "md")]
    table, figures = f"data/plots/analogies/{name}.tsv", f"data/metrics/analogies-{name}.json"
    analogies.main([name, f"data/embeddings/{name}", "questions", *reports, table, "--metrics", figures])


def test_a_page_of_nothing(in_tmp: Path) -> None:
    assert "nothing has run yet" in page()


def test_what_was_not_run_is_absent(dump: Path, set_params: Callable[..., None]) -> None:
    set_params({"wiki.source": dump.name})
    download.main(["data/raw", "--metrics", "data/metrics/download.json"])
    extract.main(["data/raw", "data/articles", "--metrics", "data/metrics/extract.json"])
    html = page()
    assert '<p class="took">16 pages</p>\n<p class="kept">12 articles</p>' in html
    for row in ("kept as an article</td><td>12", "dropped: too short</td><td>1", "dropped: redirect</td><td>1"):
        assert row in html
    sections = ("Language models", "Analogies", "Embeddings", "Parity", "Verse", "Telling poets apart")
    for absent in (*sections, "Words and how", "Ask the vectors", 'plotly-graph-div"', "<script"):
        assert absent not in html


def test_pages_are_named_that_fell_back_or_were_lost(in_tmp: Path) -> None:
    Path("data/articles").mkdir(parents=True)
    named = {"fell_back": [736], "timed_out": [], "worker_died": [12, 34], "failed": []}
    stats = {"wiki": "enwiki", "language": "en", "in": 9, "kept": 7, "dropped": {"worker_died": 2}, **named}
    write_json(Path("data/articles/stats.json"), stats)
    html = page()
    assert "dropped: worker died</td><td>2" in html
    assert "read some of the lines; page ids 736." in html
    assert "the worker process died; page ids 12, 34." in html
    assert "took too long" not in html


def test_vectors_that_can_ask_nothing(in_tmp: Path) -> None:
    words = [f"vuords{number}" for number in range(20)]
    write_vectors("gru", words, np.random.default_rng(0).normal(size=(20, 3)))
    ask("gru")
    html = page()
    assert f"not in the vocabulary: {written(['man', 'king', 'woman', 'queen'])}" in html
    assert "vuords7" in html
    assert 'id="map"' in html
    assert 'id="sections"' not in html
    assert "0 of 19,544 questions asked</p>" in html  # and no share of none is right
    assert "analogies right" not in html


def test_similarity_has_its_p(in_tmp: Path) -> None:
    words = sorted({word for pair in judged_pairs("wordsim353") for word in (pair.one, pair.other)})
    write_vectors("gru", words, np.random.default_rng(0).normal(size=(len(words), 3)))
    ask("gru")
    found = read_json(Path("data/reports/analogies/gru.json"))["similarity"]["wordsim353"]
    assert found["known"] == 353
    assert f"<td>{found['spearman']:.3f}<small>p {found['p']:.2g}</small><small>353 of 353</small></td>" in page()


def test_a_restriction_is_said(in_tmp: Path, set_params: Callable[..., None]) -> None:
    set_params({"analogies.restrict": 5})
    write_vectors("gru", list(FAMILY), np.array(list(FAMILY.values()), float))
    ask("gru")
    html = page()
    assert "Asked among the first 5 words only." in html
    assert f"not among the first 5 words: {written(['paris', 'france'])}" in html


FAMILY = {
    "king": [2, 0, 0], "queen": [2, 3, 0], "man": [0, 0, 1], "woman": [0, 3, 1], "boy": [0, 0, 9], "girl": [0, 3, 9]
}  # fmt: skip


@pytest.fixture
def two_models(in_tmp: Path) -> None:
    """One of true offsets, and one whose word for a female king is another; the latter was asked as it trained."""
    right = np.array(list(FAMILY.values()), float)
    wrong = right.copy()
    wrong[[1, 5]] = right[[5, 1]]
    for name, vectors in (("gru", right), ("lstm", wrong)):
        write_vectors(name, list(FAMILY), vectors)
        ask(name)
    Path("questions/mine.txt").write_text("king queen boy girl\nnot four\nking queen duke duchess\n", encoding="utf-8")
    ask("gru")
    curves = Path("data/models/lstm/curves")
    curves.mkdir(parents=True)
    (curves / "analogies.tsv").write_text("words\tcosine_total\n1000\t0.25\n3000\t0.5\n", encoding="utf-8")


@pytest.mark.usefixtures("two_models")
def test_models_stand_beside_one_another() -> None:
    html = page()
    gru, lstm = (read_json(Path(f"data/reports/analogies/{name}.json")) for name in ("gru", "lstm"))
    assert gru["asked"] == 6
    for name, result in (("gru", gru), ("lstm", lstm)):
        total = f"<td>{result['accuracy']['cosine']['total']:.1%}</td>"
        raw = f"<td>{result['accuracy']['euclidean_raw']['total']:.1%}<small>raw "
        (row,) = (line for line in html.splitlines() if line.startswith(f"<tr><td>{name}<small>input, raw</small>"))
        assert total in row
        assert raw in row
        assert "<td>3</td><td>-</td><td>6<small>0.0%</small><small>6 words</small></td>" in row
        assert "%<small>of 6</small></td><td>-<small>of 0</small></td>" in row  # semantic, and nothing syntactic
    assert gru["accuracy"]["cosine"]["total"] > lstm["accuracy"]["cosine"]["total"]
    assert "<td>mine.txt</td><td>2<small>1 malformed, left out</small></td>" in html
    assert "<td>1 of 1<small>Euclidean 1</small></td><td>-</td></tr>" in html  # lstm was not asked those
    assert "<small>gru; 6 asked, V 6</small>" in html


@pytest.mark.usefixtures("two_models")
def test_disagreement_is_counted_and_shown() -> None:
    html = page()
    results = {name: read_json(Path(f"data/reports/analogies/{name}.json")) for name in ("gru", "lstm")}
    # By hand: the questions whose answers in the reports are right in one and wrong in the other.
    right: dict[str, list[bool]] = {}
    for name, result in results.items():
        given = [answer for section in result["sections"].values() for answer in section["answers"]]
        right[name] = [answer in q.answers for q, answer in zip(google_questions(), given, strict=True)]
    alone = sum(one and not other for one, other in zip(right["gru"], right["lstm"], strict=True))
    assert alone > 0
    assert f"<tr><td>gru</td><td></td><td>{alone}</td></tr>" in html
    assert "<strong>gru right, lstm wrong:</strong>" in html


@pytest.mark.usefixtures("two_models")
def test_accuracy_is_drawn_against_words_and_where_known_cpu_seconds() -> None:
    html = page()
    assert 'id="analogies-words"' in html
    assert 'id="analogies-seconds"' not in html
    assert "Analogies right, against words read." in html
    assert "input and output vectors side by side, centred; 6 words, 6 of 19,544 questions asked." in html
    figures = dict.fromkeys(("vocabulary_size", "test_perplexity", "valid_perplexity", "unigram_perplexity"), 9.0)
    figures |= dict.fromkeys(("test_accuracy", "best_epoch", "tokens_per_second", "seconds"), 1.0)
    figures |= {"words_trained": 2000, "words_read": 3000, "cpu_seconds": 60.0, "start_cpu_seconds": 30.0}
    write_json(Path("data/metrics/train-lstm.json"), figures)
    html = page()
    chart = html[html.index('id="analogies-seconds"') :].split("</figure>")[0]
    assert '"x":[40.0,60.0]' in chart  # a third and all of what came after the first 30 seconds
    assert '"y":[25.0,50.0]' in chart


def test_a_model_that_is_no_longer_asked_for_leaves_the_page(in_tmp: Path) -> None:
    figures = {"vocabulary_size": 7, "dimensions": 3, "seconds": 1.0}
    for model in ("gru", "gone"):
        write_json(Path(f"data/metrics/embeddings-{model}.json"), figures)
    html = page()
    assert '<p class="kept">1 set</p>' in html
    assert "gone" not in html


def test_markov_models_stand_in_the_table_of_models(in_tmp: Path) -> None:
    figures = {"vocabulary_size": 7, "seconds": 1.0}
    for name in BASELINES:
        figures |= {f"{name}_valid_perplexity": 4.0, f"{name}_test_perplexity": 5.25, f"{name}_test_accuracy": 0.5}
    write_json(Path("data/metrics/baselines.json"), figures)
    html = page()
    for label in BASELINES.values():
        assert f"<tr><td>{label}</td><td>7</td><td>4.0</td><td>5.2</td><td>50.0%</td>" in html


def test_too_few_words_make_no_map(in_tmp: Path) -> None:
    write_vectors("gru", ["one"], np.ones((1, 4)))
    html = page()
    assert 'id="map"' not in html
    assert "Ask the vectors" not in html


def test_a_page_repeats_byte_for_byte(two_models: None) -> None:
    assert page() == page()


def test_the_head_says_what_was_read(in_tmp: Path, set_params: Callable[..., None]) -> None:
    files = [
        {"path": f"copy-2024-01-05-old/ltgwiki-2026-07-01-p{n}.xml.bz2", "bytes": 2_000_000, "sha1": "0"}
        for n in (1, 2)
    ]
    Path("data/raw").mkdir(parents=True)
    write_json(Path("data/raw/manifest.json"), {"source": "dumps", "files": files})
    html = page()
    assert "<dd>Wikimedia&#39;s dumps, 2 files, 4.0 MB</dd>" in html
    assert "<dd>2026-07-01</dd>" in html


def test_what_there_is_and_no_more_is_in_the_contents(in_tmp: Path) -> None:
    write_vectors("gru", list(FAMILY), np.array(list(FAMILY.values()), float))
    assert re.findall(r'<a href="#(\w+)">', page()) == ["ask", "embeddings"]


def test_the_picture_says_what_was_kept(in_tmp: Path) -> None:
    extract = {"pages": 200, "articles": 50, "characters": 12_345, "seconds": 1.0}
    vocabulary = {"distinct_words": 1000, "vocabulary_size": 253, "coverage": 0.8, "seconds": 1.0}
    embeddings = {"vocabulary_size": 253, "dimensions": 3, "seconds": 1.25}
    stages = {"extract": extract, "vocabulary": vocabulary, "embeddings-gru": embeddings, "embeddings-lstm": embeddings}
    for name, figures in stages.items():
        write_json(Path(f"data/metrics/{name}.json"), figures)
    flow = page().split('<ol class="flow">')[1].split("</ol>")[0]
    assert re.findall(r'class="(?:took|kept)">(.*?)<', flow) == [
        "200 pages",
        "50 articles",
        "1,000 distinct words",
        "250 words",
        "the weights",
        "2 sets",
    ]
    assert re.findall(r"<small>(.*? s)<", flow) == ["1.0 s", "1.0 s", "2.5 s"]
    assert re.findall(r"width: (.*?)\"", flow) == ["25.0%", "25.0%"]
