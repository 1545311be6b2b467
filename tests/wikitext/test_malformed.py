from typing import Any

import mwparserfromhell
import pytest

from pipeline.wikitext import strip_markup
from pipeline.wikitext.malformed import MOST_CHARACTERS


def test_malformed_lines_go_to_the_parser_under_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser costs quadratic time a line, so a page of such lines must not cost it each."""
    parsed: list[str] = []
    parse = mwparserfromhell.parse

    def note(line: str, **settings: Any) -> Any:
        parsed.append(line)
        return parse(line, **settings)

    monkeypatch.setattr(mwparserfromhell, "parse", note)
    for markup in ("word " * 300 + "[[x", "* item [[x", "| cell {{x", "a [[b]] c"):
        strip_markup(markup)
    assert not parsed
    strip_markup(("[[a|[[b|{{c " * 10 + "\n") * 2000)
    assert 0 < sum(map(len, parsed)) <= MOST_CHARACTERS


def test_a_malformed_line_reads_as_the_parser_says() -> None:
    assert strip_markup("A [[b|c]] and {{unclosed [[d|e]] stay.") == "A c and unclosed e stay."
