"""The golden cases: markup and the prose that it must become, in `golden/`."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from pipeline.wikitext import Site, strip_markup

FOLDER = Path(__file__).parent / "golden"


class Case(NamedTuple):
    file: str
    title: str
    markup: str
    prose: str

    @property
    def language(self) -> str:
        return self.file.partition("-")[0]

    @property
    def site(self) -> Site:
        return Site(f"{self.language}wiki", self.language)

    @property
    def lists(self) -> bool:
        return self.title.endswith("(lists)")


def cases() -> Iterator[Case]:
    for path in sorted(FOLDER.glob("*.txt")):
        for block in f"\n{path.read_text(encoding='utf-8')}".split("\n@@ ")[1:]:
            title, _, body = block.partition("\n")
            markup, _, prose = f"\n{body}\n".partition("\n=>\n")
            yield Case(path.stem, title, markup[1:], prose.strip("\n"))


CASES = list(cases())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file}: {case.title}")
def test_markup_becomes_the_prose_of_its_case(case: Case) -> None:
    assert strip_markup(case.markup, case.site, lists=case.lists) == case.prose


def test_there_are_cases_enough() -> None:
    assert len(CASES) >= 311
    assert len({case.language for case in CASES}) >= 8
    assert len({(case.file, case.title) for case in CASES}) == len(CASES), "two cases of a file share a title"
