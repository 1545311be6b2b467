"""Real wikitext with broken markup: no paragraph is lost."""

import contextlib
from functools import cache
from importlib import resources
from pathlib import Path

import mwparserfromhell
import pytest

from pipeline.download import SAMPLE
from pipeline.dumps.dump import pages, whole
from pipeline.wikitext import strip_markup

EXCERPT = Path(str(resources.files("gensim") / "test/test_data" / SAMPLE))


@cache
def article(title: str) -> str:
    return next(page.text for page in pages(whole(EXCERPT)) if page.title == title)


# A word of paragraphs that a stray quote in a table or an unclosed italic in a reference costs mwparserfromhell.
@pytest.mark.parametrize(
    ("title", "word"),
    [
        *(("Alaska", word) for word in ("cabooses", "dogsled", "snowmobile", "marijuana", "Permanent Fund")),
        *(("Angola", word) for word in ("FENACULT", "Marburg", "proselytize", "lower middle class")),
    ],
)
def test_paragraphs_after_broken_markup_are_kept(title: str, word: str) -> None:
    assert word in strip_markup(article(title))
    assert word not in parsed(title)


@cache
def parsed(title: str) -> str:
    """What the parser alone makes of an article: if it lost nothing, the test would show nothing."""
    code = mwparserfromhell.parse(article(title))
    for node in code.filter_tags(matches=lambda tag: str(tag.tag).lower() in ("ref", "table")):
        with contextlib.suppress(ValueError):
            code.remove(node)
    return str(code.strip_code())
