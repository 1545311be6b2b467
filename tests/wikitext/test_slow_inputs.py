"""Inputs that cost other parsers minutes: time grows with the length, and the prose around them stays."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.wikitext import Site, strip_page
from pipeline.wikitext.templates.definitions import definition
from tests.waiting import cpu_seconds
from tests.wikitext.test_any_text import FRAGMENTS

BEFORE, AFTER = "The words before it stay.", "The words after it stay."
PROSE = "Plain words of text, and some more.\n" * 30_000
CHINESE = Site("zhwiki", "zh")  # its language has variants
MALFORMED_LINE = "[[a|[[b|{{c " * 10 + "\n"

DEFINITIONS = {
    name: definition(text)
    for name, text in {
        "long": "x\n" * 2_400,
        "signs": "<" * 4_900,
        "spans": "<span>" * 800,
        "twice": "{{twice|{{{1}}}{{{1}}}}}{{twice|{{{1}}}}}",
        "wide": "{{same|{{{1}}}}}" * 1_200,
        "same": "{{{1}}}",
        "switch": "{{#switch:{{{1}}}|" + "|".join(f"{number}=x" for number in range(1_500)) + "}}",
        "variants": "-{zh:a;" * 700 + "}-",
        "unsure": "{{lua}}" * 900,
        "lua": "{{#if:x|{{#invoke:x}}}}",
    }.items()
}


def repeated(unit: str) -> Callable[[int], str]:
    return lambda n: unit * n


INPUTS: dict[str, Callable[[int], str]] = {
    # A few bytes of these cost mwparserfromhell a second.
    "rows of a table that never closes": lambda n: "{|\n" + "|-\n| a\n" * n,
    "tables that never close": lambda n: "{|\n|-\n| a\n" * n,
    "templates and links that never close": lambda n: "{{a|[[b|" * n,
    "references with an italic that never closes": lambda n: "<ref>a ''b</ref>" * n,
    "a reference's opening tag that never ends": lambda n: '<ref name="a' * n,
    "references that never close": lambda n: "<ref>" * n,
    "blocks that never close": lambda n: "<div>" * n,
    "external links that never close": lambda n: "[http://a " * n,
    "a tag that never ends": lambda n: "<a " * n,
    # And these.
    "nested templates": lambda n: "{{a|" * n + "}}" * n,
    "nested templates that never close": lambda n: "{{a|" * n,
    "nested templates with prose": lambda n: "{{nowrap|" * n + "x" + "}}" * n,
    "nested parameters": lambda n: "{{{a|" * n + "}}}" * n,
    "links that never close": lambda n: "[[" * n,
    "nested links": lambda n: "[[a|" * n + "]]" * n,
    "nested files": lambda n: "[[File:a.jpg|thumb|" * n + "]]" * n,
    "italics that never close": lambda n: "''a " * n,
    "table openers on one line": lambda n: "{| " * n,
    "nested tables": lambda n: "\n{|" * n + "\n|}" * n,
    "comments that never close": lambda n: "<!--" * n,
    "nowiki that never closes": lambda n: "<nowiki>" * n,
    "formulas that never close": lambda n: "<math>" * n,
    "raw elements in one another": lambda n: "<math><pre>" * n + "</pre></math>" * n,
    "comments in tags that never close": lambda n: "<ref <!-- " * n,
    "quoted brackets that never close": lambda n: '<ref a="b <' * n,
    "templates over paragraphs": lambda n: "a {{b|\n\n" * n + "}}" * n,
    "nested references": lambda n: "<ref>" * n + "</ref>" * n,
    "headings inside a template": lambda n: "{{a\n== b ==\n" * n + "}}" * n,
    "cut brackets": lambda n: "( <ref/>" * n + ")" * n,
    "cut commas": lambda n: " , <ref/>" * n,
    "blanks before cuts": lambda n: "a" + "\xa0" * n + " {{x}}" * n,
    "blanks before pairs of cuts": lambda n: "a" + " " * n + " {{x}} {{y}}" * n,
    "commas before cuts": lambda n: "a" + " ," * n + " <ref/>" + " <ref/>" * n,
    "dashes before cuts": lambda n: "a" + "- " * n + " {{x}}" * n,
    "empty brackets after commas": lambda n: "a" + " ," * n + " ({{x}}) {{y}}" * n,
    "empty quotes after blanks": lambda n: "a" + " " * n + ' "{{x}}"' * n,
    "numbers that are none": lambda n: ("{{formatnum:" + "1" * 4900 + "x}} ") * (n // 500 + 1),
    "template names before bars": lambda n: "{{x" * n + "|" * n,
    "bars": lambda n: "|" * n,
    "braces": lambda n: "{" * n + "}" * n,
    "brackets": lambda n: "[" * n + "]" * n,
    "apostrophes": lambda n: "'" * n,
    "unbalanced quotes by the line": lambda n: "'''a ''b\n" * n,
    "less-than signs": lambda n: "<" * n,
    "ampersands": lambda n: "&a" * n,
    "spaces": lambda n: " " * n,
    "lines": lambda n: "\n" * n,
    "underscores": lambda n: "__A" * n,
    "language variants": lambda n: "-{a|" * n,
    "nested language variants": lambda n: "-{zh:" * n + "}-" * n,
    "rules of a language variant": lambda n: "-{" + "zh:a;" * n + "}-",
    "parts of a language variant": lambda n: "-{zh:a" + ";b=>" * n + "}-",
    "language variants next to braces": lambda n: "-{{{" * n + "}}}-" * n,
    "colons in definitions": lambda n: "\n;" + "[[a:" * n + ":b",
    "terms": lambda n: "\n;" * n + ":",
    "nested tags of known names": lambda n: "<span>" * n + "</span>" * n,
    "tags of known names that never end": lambda n: "<span a=b " * n,
    "a tag's attributes on lines that never end": lambda n: "<span" + "\na=b" * n,
    "tags that lines part": lambda n: "<b\n\n" * n,
    "unknown tags": lambda n: "<foo bar>" * n,
    "quotes around tags": lambda n: "'<b>''" * n + "''</b>'" * n,
    "tags in headings": lambda n: "\n=" + "=<b> = " * n,
    "nested references on a line": lambda n: "<ref>a <ref>b</ref> c</ref>" * n,
    "closers of references": lambda n: "<ref>a<ref>b</ref>" + "</ref>" * n,
    "lists of references that never close": lambda n: "<references>" * n,
    "tags of transclusion": lambda n: "<noinclude>" * n,
    "entities of zeros": lambda n: "&#" + "0" * n + "x",
    "entities in nowiki": lambda n: "<nowiki>&lt;</nowiki>" * n,
    "addresses of quotes": lambda n: "[http://a" + "'b" * n,
    "addresses of entities": lambda n: "http://a" + "&a;" * n + ";" * n,
    "addresses in brackets": lambda n: "http://[" * n,
    "labels of bars": lambda n: "[[a" + "|b" * n + "]]",
    "labels that look like lists": lambda n: "\n[[a|#b]]" * n,
    "targets of percent signs": lambda n: "[[" + "%41" * n + "]]",
    "colons before a target": lambda n: "[[" + ":" * n + "a]]",
    "magic words of underscores": lambda n: "__a_" * n + "__",
    "attributes that never end": lambda n: '\n{| a="b ' * n,
    "addresses": lambda n: "http://" * n,
    "plain text": lambda n: "plain words of text, " * n,
    "hand-wrapped text": lambda n: "plain words of text\n" * n,
    "malformed lines": lambda n: MALFORMED_LINE * n,
    **{f"templates of a definition: {name}": repeated(f"a {{{{{name}}}}} b ") for name in DEFINITIONS},
    **{f"templates with an argument: {name}": repeated(f"a {{{{{name}|{'x' * 900}}}}} b ") for name in DEFINITIONS},
    "templates of many names": lambda n: "".join(f"a {{{{t{number}|b}}}} " for number in range(n)),
}


# The sizes that the stripper has to stand.


def seconds(markup: str) -> float:
    """Measure the CPU time of stripping a page, which is longer on a busy machine; all that is optional happens."""
    return cpu_seconds(lambda: strip_page(markup, CHINESE, lists=True, lookup=DEFINITIONS.get))


def is_dearer_than_prose(markup: str, times: int) -> bool:
    """Whether a character costs more than so many `times` one of plain prose, in each of five tries."""
    return all(seconds(markup) / len(markup) > times * seconds(PROSE) / len(PROSE) for _ in range(5))


def page(kind: Callable[[int], str], size: int) -> str:
    repeats = max(1, size * 100 // len(kind(100)))
    return f"{BEFORE}\n{kind(repeats)}\n{AFTER}"


def grows_faster_than_the_length(part: str, whole: str) -> bool:
    """Whether four times the length costs more than nine times the CPU time, in each of ten tries.

    A time in proportion is 4, a square 16: what lies between is left to caches and to a busy machine.
    """
    first, second = seconds(part), seconds(whole)
    for _ in range(10):
        if second < 9 * first:
            return False
        first, second = min(first, seconds(part)), min(second, seconds(whole))
    return True


@pytest.mark.parametrize("name", INPUTS)
def test_time_grows_with_the_length(name: str) -> None:
    size = 25_000
    part = page(INPUTS[name], size)
    while seconds(part) < 0.005 and size < 2_000_000:  # in less the clock says more than the function
        size *= 2
        part = page(INPUTS[name], size)
    assert not is_dearer_than_prose(part, times=100)
    assert not grows_faster_than_the_length(part, page(INPUTS[name], 4 * size))


@given(st.lists(st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=3).map("".join), min_size=1, max_size=3))
@settings(max_examples=150, deadline=None)
def test_time_grows_with_the_repeats_of_anything(parts: list[str]) -> None:
    repeats = 30_000 // sum(map(len, parts))
    part, whole = ("".join(part * times for part in parts) for times in (repeats, 4 * repeats))
    assert not grows_faster_than_the_length(part, whole) or min(seconds(whole) for _ in range(3)) < 0.01


@pytest.mark.parametrize("name", INPUTS)
def test_the_prose_around_it_stays(name: str) -> None:
    text = strip_page(page(INPUTS[name], 20_000)).text
    assert text.startswith(BEFORE)
    assert text.endswith(AFTER)


PARAGRAPHS = "".join(f"Words of paragraph {number}.\n\n" for number in range(500))


@pytest.mark.parametrize(("opener", "closer"), [("<ref>", "</ref>"), ("{{cite|", "}}"), ("[[File:a.jpg|", "]]")])
def test_what_never_closes_takes_no_page(opener: str, closer: str) -> None:
    """Its opener is inside a line, and its closer is far below."""
    text = strip_page(f"{BEFORE} {opener}x\n\n{PARAGRAPHS}{closer} {AFTER}").text
    assert text.startswith(BEFORE)
    assert text.endswith(AFTER)
    assert text.count("Words of paragraph") >= 499


@pytest.mark.parametrize("before", ["", "{{good article}} ", "<!-- c -->", "[[File:a.jpg|thumb]]", "<div>", ": "])
def test_a_long_infobox_goes(before: str) -> None:
    """It starts a line, or follows other markup there."""
    assert strip_page(f"{before}{{{{Infobox|\n\n{PARAGRAPHS}}}}}\n{AFTER}").text == AFTER
