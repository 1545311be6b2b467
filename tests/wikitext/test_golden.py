"""The golden cases: markup and the prose that it must become, in `golden/`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.wikitext import Site, strip_markup


def cases() -> Iterator[tuple[str, str, str, str]]:
    """Yield the file, the title, the markup and the prose of each case."""
    for path in sorted((Path(__file__).parent / "golden").glob("*.txt")):
        for block in f"\n{path.read_text(encoding='utf-8')}".split("\n@@ ")[1:]:
            title, _, body = block.partition("\n")
            markup, _, prose = f"\n{body}\n".partition("\n=>\n")
            yield path.stem, title, markup[1:], prose.strip("\n")


CASES = list(cases())


@pytest.mark.parametrize(("file", "title", "markup", "prose"), CASES, ids=[f"{case[0]}: {case[1]}" for case in CASES])
def test_markup_becomes_the_prose_of_its_case(file: str, title: str, markup: str, prose: str) -> None:
    language = file.partition("-")[0]
    assert strip_markup(markup, Site(f"{language}wiki", language), lists=title.endswith("(lists)")) == prose


def test_there_are_cases_enough() -> None:
    assert len({case[:2] for case in CASES}) == len(CASES) >= 311
