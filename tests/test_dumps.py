"""Real dumps of every kind at hand, from the file to sequences.db: every page is counted, and no markup is left."""

import bz2
from importlib import resources
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pipeline.download import SAMPLE
from pipeline.run.outputs import read_json
from tests.conftest import SetParams
from tests.test_own_text import extracted, through_index

IN_GENSIM = [SAMPLE, "enwiki-table-markup.xml.bz2", "bgwiki-latest-pages-articles-shortened.xml.bz2"]
SHARED = ["ltgwiki-20170901-multistream.xml.bz2", "nlwiki-20140927-pages-articles-sample.xml"]
SHARED += [f"languages/{language}-wiki.xml.bz2" for language in ("ar", "de", "ja", "ru")]
LEFTOVERS = ["{{", "}}", "[[", "]]", "{|", "|}", "<ref", "''", "[http", "&nbsp;", "|thumb", "px|"]
LEFTOVERS += ["Category:", "Kategoreja:", "Categorie:", "Kategorie:", "تصنيف:", "Категория:"]
LEFTOVERS += ["File:", "Fails:", "Bestand:", "Datei:", "ملف:", "ファイル:", "Файл:", "Картинка:"]


@pytest.fixture(autouse=True)
def few_articles(monkeypatch: pytest.MonkeyPatch, set_params: SetParams) -> None:
    """Some dumps have too few articles for three splits, of which the page follows one: all of them give words."""
    set_params({"index.valid_fraction": 1e-9, "index.test_fraction": 1e-9})
    monkeypatch.setattr("pipeline.index.check_splits", lambda *_: None)
    monkeypatch.setattr("pipeline.example.main", lambda *_: None)


def pages(path: Path) -> int:
    """How many pages a plain XML reader sees."""
    data = path.read_bytes()
    tree = ElementTree.fromstring(bz2.decompress(data) if data.startswith(b"BZh") else data)
    return len(tree.findall("{*}page"))


def check_stages(path: Path, set_params: SetParams) -> None:
    connection = through_index(str(path), set_params).connection
    stats = read_json(Path("articles.json"))
    assert stats["in"] == pages(path)
    assert stats["kept"] + sum(stats["dropped"].values()) == stats["in"]
    assert not stats["failed"]
    for _, title, text in extracted():
        assert [token for token in LEFTOVERS if token in text] == [], title
    articles = read_json(Path("tokens/stats.json"))["kept"]
    assert connection.execute("SELECT count(*) FROM articles").fetchone() == (articles,)
    assert connection.execute("SELECT count(DISTINCT article_id) FROM sequences").fetchone() == (articles,)


@pytest.mark.parametrize("name", IN_GENSIM)
def test_gensims_dumps(in_tmp: Path, set_params: SetParams, name: str) -> None:
    with resources.as_file(resources.files("gensim.test.test_data") / name) as path:
        check_stages(path, set_params)


@pytest.mark.parametrize("name", SHARED)
def test_shared_dumps(
    shared: Path, in_tmp: Path, set_params: SetParams, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("pipeline.dumps.dump.PIECE_BYTES_BZIP2", 200_000)
    check_stages((shared / "data/dumps" / name).resolve(), set_params)
    if name.startswith("ltgwiki"):
        stats = read_json(Path("articles.json"))
        dropped = [stats["dropped"][reason] for reason in ("other_namespace", "redirect")]
        assert (stats["in"], *dropped) == (2004, 954, 147)
        assert stats["kept"] > 850
