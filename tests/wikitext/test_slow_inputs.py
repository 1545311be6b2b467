"""Inputs that cost other parsers minutes: time grows with the length, and the prose around them stays."""

from itertools import zip_longest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.wikitext import Site, strip_page
from pipeline.wikitext.templates.definitions import definition
from tests.waiting import cpu_seconds
from tests.wikitext.test_any_text import FRAGMENTS

BEFORE, AFTER = "The words before it stay.", "The words after it stay."
PROSE = "Plain words of text, and some more.\n" * 10_000
CHINESE = Site("zhwiki", "zh")  # its language has variants

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


# Parts between § are repeated, in them № is a number; without any the whole is.
INPUTS = [
    # A few bytes of these cost mwparserfromhell a second.
    "{|\n§|-\n| a\n§", "{|\n|-\n| a\n", "{{a|[[b|", "<ref>a ''b</ref>", '<ref name="a', "<ref>", "<div>", "[http://a ",
    # Nested, or never closed.
    "§{{a|§§}}§", "{{a|", "§{{nowrap|§x§}}§", "§{{{a|§§}}}§", "[[", "§[[a|§§]]§", "§[[File:a.jpg|thumb|§§]]§", "{| ",
    "''a ", "§\n{|§§\n|}§", "<!--", "<nowiki>", "<math>", "§<math><pre>§§</pre></math>§", "<ref <!-- ", '<ref a="b <',
    "<a ", "§a {{b|\n\n§§}}§", "§<ref>§§</ref>§", "§{{a\n== b ==\n§§}}§", "{{a|" * 4 + "}}" * 4,
    # Cuts, and the blanks, commas and brackets around them.
    "§( <ref/>§§)§", " , <ref/>", "a§\xa0§§ {{x}}§", "a§ §§ {{x}} {{y}}§", "a§ ,§ <ref/>§ <ref/>§", "a§- §§ {{x}}§",
    "a§ ,§§ ({{x}}) {{y}}§", 'a§ §§ "{{x}}"§', "{{formatnum:" + "1" * 4900 + "x}} ", "§{{x§§|§", "a {{t№|b}} ",
    # Signs.
    "|", "§{§§}§", "§[§§]§", "'", "'''a ''b\n", "<", "&a", " ", "\n", "__A", "-{a|", "§-{zh:§§}-§", "-{§zh:a;§}-",
    "-{zh:a§;b=>§}-", "§-{{{§§}}}-§", "\n;§[[a:§:b", "§\n;§:", "&#§0§x", "<nowiki>§&lt;§</nowiki>", "[http://a§'b§",
    "http://a§&a;§§;§", "http://[", "http://", "[[a§|b§]]", "\n[[a|#b]]", "[[§%41§]]", "[[§:§a]]", "§__a_§__",
    # Tags.
    "§<span>§§</span>§", "<span a=b ", "<span§\na=b§", "<b\n\n", "<foo bar>", "§'<b>''§§''</b>'§", "\n=§=<b> = §",
    "<ref>a <ref>b</ref> c</ref>", "<ref>a<ref>b</ref>§</ref>§", "<references>", "<noinclude>", '\n{| a="b ',
    # Text.
    "plain words of text, ", "plain words of text\n", "[[a|[[b|{{c " * 10 + "\n",
    *(f"a {{{{{name}}}}} b " for name in DEFINITIONS), *(f"a {{{{{name}|{'x' * 900}}}}} b " for name in DEFINITIONS),
]  # fmt: skip


def seconds(markup: str) -> float:
    """Measure the CPU time of stripping a page, which is longer on a busy machine; all that is optional happens."""
    return cpu_seconds(lambda: strip_page(markup, CHINESE, lists=True, lookup=DEFINITIONS.get))


def is_dearer_than_prose(markup: str, times: int) -> bool:
    """Whether a character costs more than so many `times` one of plain prose, in each of five tries."""
    return all(seconds(markup) / len(markup) > times * seconds(PROSE) / len(PROSE) for _ in range(5))


def repeated(unit: str, times: int) -> str:
    parts = unit.split("§") if "§" in unit else ["", unit]
    many = ["".join(part.replace("№", str(n)) for n in range(times)) for part in parts[1::2]]
    return "".join(map("".join, zip_longest(parts[::2], many, fillvalue="")))


def page(unit: str, size: int) -> str:
    repeats = max(1, size * 100 // len(repeated(unit, 100)))
    return f"{BEFORE}\n{repeated(unit, repeats)}\n{AFTER}"


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


@pytest.mark.parametrize("unit", INPUTS, ids=lambda unit: ascii(unit)[1:30])
def test_time_grows_with_the_length_and_the_prose_around_it_stays(unit: str) -> None:
    size = 25_000
    part = page(unit, size)
    text = strip_page(part).text
    assert (text.startswith(BEFORE), text.endswith(AFTER)) == (True, True)
    while seconds(part) < 0.005 and size < 2_000_000:  # in less the clock says more than the function
        size *= 2
        part = page(unit, size)
    assert not is_dearer_than_prose(part, times=100)
    assert not grows_faster_than_the_length(part, page(unit, 4 * size))


@given(st.lists(st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=3).map("".join), min_size=1, max_size=3))
@settings(max_examples=60)
def test_time_grows_with_the_repeats_of_anything(parts: list[str]) -> None:
    repeats = 30_000 // sum(map(len, parts))
    part, whole = ("".join(part * times for part in parts) for times in (repeats, 4 * repeats))
    assert not grows_faster_than_the_length(part, whole) or min(seconds(whole) for _ in range(3)) < 0.01


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
