import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from pipeline import download, extract, templates
from pipeline.run.outputs import write_json
from tests.conftest import SetParams
from tests.page.conftest import (
    FAMILY,
    ask,
    plotted,
    render,
    write_account,
    write_curves,
    write_language_model,
    write_times,
    write_vectors,
)


def parts(html: str) -> tuple[list[str], list[str]]:
    """Where the contents lead, and the folds of all results."""
    return re.findall(r'<a href="#(\w+)">', html.split("</nav>")[0]), re.findall(r'"fold" id="(\w+)"', html)


def rows_of(html: str) -> dict[str, str]:
    """The facts about the run by label, in the page's order."""
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", html.split('class="facts"')[1]))


def test_what_was_not_run_is_absent(dump: Path, set_params: SetParams) -> None:
    set_params({"wiki.source": dump.name})
    download.main(["data/raw", "--metrics", "data/metrics/download.json"])
    templates.main(["data/raw", "data/templates.db", "--metrics", "data/metrics/templates.json"])
    extract.main(["data/raw", "data/templates.db", "data/articles", "--metrics", "data/metrics/extract.json"])
    html = render()
    assert '<p class="took">16 pages</p>\n<p class="kept">12 articles</p>' in html
    for row in ("kept as an article</td><td>12", "dropped: too short</td><td>1", "dropped: redirect</td><td>1"):
        assert row in html
    assert parts(html) == (["results"], ["stages", "run"])
    for absent in '<svg class="plot"', 'type="application/json"':
        assert absent not in html


def test_pages_are_named_that_were_lost(in_tmp: Path) -> None:
    Path("data/articles").mkdir(parents=True)
    templates = {"met": 8, "by_definition": 5, "by_name": 0, "no_words": 1, "dropped": 2}
    stats = {"in": 9, "kept": 7, "dropped": {"failed": 2}, "failed": [12, 34]}
    write_account(**stats, templates={**templates, "most_dropped": {"kern": 2}})
    html = render()
    assert "dropped: failed</td><td>2" in html
    assert "<strong>2</strong> pages: dropped, an error occurred, which is a bug. Page ids: 12, 34." in html
    assert "shown by its definition in the dump, or as MediaWiki defines it</td><td>5</td><td>62.5%" in html
    assert "Dropped most often: <code>kern</code> (2)." in html


@pytest.mark.parametrize(
    ("kind", "name", "told"),
    [
        ("dump", "copy-2024-01-05-old/ltgwiki-2026-07-01-p1.xml.bz2", {"date": "2026-07-01"}),
        ("dump", "own/wiki.xml", {"date": "unknown (not in the file name)"}),
        ("text", "own/train.txt", {}),
    ],
)
def test_the_page_says_what_was_read(in_tmp: Path, kind: str, name: str, told: dict[str, str]) -> None:
    file = {"path": name, "bytes": 2_000_000, "sha1": "0"}
    write_json(Path("data/raw/manifest.json"), {"source": "dumps", "language": None, "kind": kind, "files": [file]})
    read = rows_of(unescape(render()).split("<dt>page written")[0])
    assert read == {kind: "Wikimedia's dumps, 1 file, 2.0 MB", **told}


def test_a_model_that_is_no_longer_in_params_leaves_no_trace(set_params: SetParams) -> None:
    for name in ("gru", "skipgram"):
        write_vectors(name, list(FAMILY), np.array(list(FAMILY.values()), float))
        ask(name)
    write_language_model("gru")
    write_curves("gru", train_perplexity=[9.0], valid_perplexity=[7.0])
    write_json(Path("data/metrics/embeddings/gru.json"), {"vocabulary_size": 6, "dimensions": 3})
    assert ">gru<" in (html := render())
    assert parts(html) == (["ask", "results"], ["models", "analogies", "sets", "embeddings", "stages", "run"])
    assert render() == html
    set_params({"models": {"skipgram": {"kind": "word2vec"}}})
    html = render()
    assert "gru" not in html[html.index("<header>") : html.index("<script>")].replace("group", "")
    assert len(plotted("perplexity")) == 1  # a header


def test_times_are_shown_where_they_are_known(in_tmp: Path) -> None:
    write_language_model("gru")
    write_json(Path("data/metrics/extract.json"), {"pages": 200, "articles": 50, "characters": 12_345})
    html = render()
    assert "<th>seconds</th>" not in html
    assert "<h4>extract</h4>" in html
    write_times("extract", seconds=2.0)
    write_times("train/gru", seconds=7.0, tokens_per_second=1234.0)
    shown = ("<th>seconds</th>", "<td>1,234</td><td>7</td></tr>", "extract <small>2.0 s<", "train <small>7.0 s<")
    html = render()
    assert all(told in html for told in shown)
    write_language_model("lstm")  # whose time is unknown, so the sum is
    assert "<h4>train</h4>" in render()
    write_language_model("gru", test_perplexity=2)  # as DVC restores another run's: its time is unknown
    assert "<td>1,234</td>" not in render()


def test_the_page_says_what_made_it(in_tmp: Path, set_params: SetParams) -> None:
    set_params({"train.seed": 7, "vocabulary.size": 1234, "runtime.workers": 3})
    write_language_model("gru")
    write_json(Path("data/reports/perplexities.json"), {"best": "gru", "rows": {}, "weights": {}})
    rows = rows_of(render())
    own = {"page written": f"{datetime.now(UTC):%Y-%m-%d}", "seed": "7", "models": "gru"}
    assert rows.items() >= (own | {"commit": "unknown"}).items()  # this folder is no repository
    assert "vocabulary.size: 1234" in rows["changed settings"]
    assert "runtime" not in rows["changed settings"]
    assert f"numpy {np.__version__}" in rows["libraries"]
    assert '<a href="perplexities.json">' in rows["reports"]


def test_boxes_say_what_was_kept(in_tmp: Path) -> None:
    vectors = {"vocabulary_size": 253, "dimensions": 3}
    stages: dict[str, dict[str, float]] = {
        "extract": {"pages": 200, "articles": 50, "characters": 12_345},
        "vocabulary": {"distinct_words": 1000, "words": 250, "vocabulary_size": 253, "coverage": 0.8},
        **{f"embeddings/{name}": dict(vectors) for name in ("gru", "lstm")},
    }
    for name, figures in stages.items():
        write_json(Path(f"data/metrics/{name}.json"), figures)
        write_times(name, seconds=1.25)
    flow = render().split('<ol class="flow">')[1].split("</ol>")[0]
    kept = ["200 pages", "50 articles", "1,000 distinct words", "250 words", "the weights", "2 models"]
    assert re.findall(r'class="(?:took|kept)">(.*?)<', flow) == kept
    assert re.findall(r"<small>(.*? s)<", flow) == ["1.2 s", "1.2 s", "2.5 s"]


def test_too_few_words_have_no_map(in_tmp: Path) -> None:
    write_vectors("gru", ["one"], np.ones((1, 4)))
    assert parts(render()) == ([], ["run"])
