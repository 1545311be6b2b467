"""Real wikitext with broken markup: no paragraph is lost."""

from importlib import resources
from pathlib import Path

import pytest

from pipeline.download import SAMPLE
from pipeline.dumps.dump import pages, whole
from pipeline.wikitext import strip_markup

EXCERPT = Path(str(resources.files("gensim") / "test/test_data" / SAMPLE))


# Words of paragraphs that a stray quote in a table or an unclosed italic in a reference costs mwparserfromhell.
@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Alaska", ("cabooses", "dogsled", "snowmobile", "marijuana", "Permanent Fund")),
        ("Angola", ("FENACULT", "Marburg", "proselytize", "lower middle class")),
    ],
)
def test_paragraphs_after_broken_markup_are_kept(title: str, words: tuple[str, ...]) -> None:
    text = strip_markup(next(page.text for page in pages(whole(EXCERPT)) if page.title == title))
    assert [word for word in words if word not in text] == []
