"""Real wikitext: nothing of the markup is left in it, and no paragraph is lost."""

import contextlib
from functools import cache
from importlib import resources
from pathlib import Path

import mwparserfromhell
import pytest

from pipeline.download import SAMPLE
from pipeline.sources.dumps.dump import pages, whole
from pipeline.wikitext import Prose, strip_page

GENSIM = Path(str(resources.files("gensim") / "test/test_data"))
EXCERPT = GENSIM / SAMPLE
DUMPS = [
    "ltgwiki-20170901-multistream.xml.bz2",
    "nlwiki-20140927-pages-articles-sample.xml",
    *(f"languages/{language}-wiki.xml.bz2" for language in ("de", "ja", "ar", "ru")),
]
LEFTOVERS = ["{{", "}}", "[[", "]]", "{|", "|}", "<ref", "''", "[http", "&nbsp;", "|thumb", "px|", "Category:", "File:"]


def stripped(path: Path) -> dict[str, Prose]:
    """The prose of each article of a dump, by title."""
    dump = whole(path)
    return {
        page.title: strip_page(page.text, dump.site)
        for page in pages(dump)
        if page.namespace == 0 and page.redirect is None
    }


@pytest.fixture(scope="module")
def excerpt() -> dict[str, Prose]:
    return stripped(EXCERPT)


def assert_clean(pages: dict[str, Prose], *names: str) -> None:
    for title, page in pages.items():
        assert [token for token in [*LEFTOVERS, *names] if token in page.text] == [], title


def test_nothing_is_left_in_the_english_excerpt(excerpt: dict[str, Prose]) -> None:
    assert_clean(excerpt)
    assert sum(page.fell_back for page in excerpt.values()) < 3


@pytest.mark.parametrize("name", ["enwiki-table-markup.xml.bz2", "bgwiki-latest-pages-articles-shortened.xml.bz2"])
def test_nothing_is_left_in_gensims_other_dumps(name: str) -> None:
    assert_clean(stripped(GENSIM / name), "Категория:", "Файл:", "Картинка:")


@pytest.mark.parametrize("name", DUMPS)
def test_nothing_is_left_in_other_languages(name: str, shared: Path) -> None:
    names = ["Fails:", "Kategoreja:", "Bestand:", "Categorie:", "Datei:", "Kategorie:", "ملف:", "تصنيف:"]
    assert_clean(stripped(shared / "data/dumps" / name), *names, "ファイル:", "Файл:", "Категория:")


# A word of paragraphs that a stray quote in a table or an unclosed italic in a reference costs mwparserfromhell.
@pytest.mark.parametrize(
    ("title", "word"),
    [
        *(("Alaska", word) for word in ("cabooses", "dogsled", "snowmobile", "marijuana", "Permanent Fund")),
        *(("Angola", word) for word in ("FENACULT", "Marburg", "proselytize", "lower middle class")),
    ],
)
def test_paragraphs_after_broken_markup_are_kept(excerpt: dict[str, Prose], title: str, word: str) -> None:
    assert word in excerpt[title].text
    assert word not in parsed(title)


@cache
def parsed(title: str) -> str:
    """What the parser alone makes of an article: if it lost nothing, the test would show nothing."""
    text = next(page.text for page in pages(whole(EXCERPT)) if page.title == title)
    code = mwparserfromhell.parse(text)
    for node in code.filter_tags(matches=lambda tag: str(tag.tag).lower() in ("ref", "table")):
        with contextlib.suppress(ValueError):
            code.remove(node)
    return str(code.strip_code())
