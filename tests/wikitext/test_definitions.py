"""What templates show by their definitions, written by hand in the manner of several wikis."""

import json
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dumps.definitions import template_name
from pipeline.wikitext import Site, strip_page
from pipeline.wikitext.templates.definitions import definition, parse, transcluded
from pipeline.wikitext.templates.reading import How

PAGES = {
    "Sea": '<span style="color:blue">{{{1}}}</span><noinclude>{{documentation}}</noinclude>',
    "Emerald": "<includeonly>''{{{1|emerald}}}''</includeonly><noinclude>What it is for.</noinclude>",
    "Note": "<ref>{{{1}}}</ref>",
    "Box": '{| class="box"\n| {{{1}}}\n|}',
    "Warning": '<div class="box">{{{1}}}</div>',
    "Endless": "x{{Endless|{{{1}}}}}",
    "Doubling": "{{Doubling|{{{1}}}{{{1}}}}}",
}


def look_up(name: str, x: str = "") -> Any:
    """Return the definition of a page, or of `{{x}}`, by JSON, as templates.db keeps them."""
    return json.loads(json.dumps(definition({**PAGES, "X": x}.get(template_name(name), "{{#invoke:Words|say}}"))))


def prose(markup: str, language: str = "en", x: str = "") -> str:
    return strip_page(markup, Site(f"{language}wiki", language), title="Dorin", lookup=partial(look_up, x=x)).text


@pytest.mark.parametrize(
    ("x", "markup", "text"),
    [
        ("", "The {{Template:sea|Black Sea}} is deep, {{ sea | too }} so.", "The Black Sea is deep, too so."),
        ("", "An {{emerald}} and a {{emerald|ruby}}.", "An emerald and a ruby."),
        ("", "It is so,{{note|Kern, p. 3}} he said.", "It is so, he said."),
        ("", "It is {{nowrap|{{sea|the sea}}}}.", "It is the sea."),
        ("", "It is {{sea|[[Black Sea|black]]}}.", "It is black."),
        ("", "It is {{#if:x|so|not so}}, {{lc:ABC}} and {{PAGENAME}}.", "It is so, abc and Dorin."),
        ("", "It is {{Lua|word}} there.", "It is there."),
        ("{{Warning|{{{1}}}}}", "A {{box|x}} b, {{warning|x}} c and {{x|x}} d.", "A b, c and d."),
        ("Before <onlyinclude>the {{{1}}} hill</onlyinclude> after", "From {{x|green}}.", "From the green hill."),
        ("{{#if:{{{2|}}}|{{{1}}} and {{{2}}}|{{{1}}}}}", "In {{x|2nd}}, or {{x|2nd|3rd}}.", "In 2nd, or 2nd and 3rd."),
        ("{{#switch:{{lc:{{{1}}}}}|a|b=1|c=2|#default=3}}", "It is {{x|A}} {{x|b}} {{x|C}} {{x|x}}.", "It is 1 1 2 3."),
        ("{{#switch:{{{1}}}|#default|a=1|b=2}}", "It is {{x|a}} {{x|b}} {{x|x}}.", "It is 1 2 1."),
        ("{{padleft:{{{1}}}|3}} and {{padleft:{{{1}}}|3|}}", "It is {{x|7}}.", "It is 007 and 7."),
        ("{{#ifeq:{{{1}}}|01|one|not one}}", "It is {{x|1}}, {{x|2}}.", "It is one, not one."),
        ('<span style="display:none">{{padleft:{{{1}}}|4|0}}</span>{{{1}}}', "In {{x|12}} days.", "In 12 days."),
        ('{{{1}}}<sup class="noprint">[<i>[[Help:D|who?]]</i>]</sup>', "He is {{x|old}} there.", "He is old there."),
        ("<sup>[''who?'']</sup>", "He is{{x}} ill.", "He is ill."),
        ("<span class='IPA'>{{{1}}}</span>", "Dorin ({{x|x}}) is a hill.", "Dorin is a hill."),
        (":''See [[{{{1}}}]].''", "{{x|Lund}}\nIt is a hill.", "It is a hill."),
        ("{{#if:{{{lua|}}}|{{#invoke:Words|say}}|{{{1}}}}}", "It is {{x|sure}}.", "It is sure."),
        ("{{{1}}}{{#invoke:Check for unknown parameters|check|1}}", "It is {{x|sure}}.", "It is."),
        ("[[{{{1}}} (hill)|{{{1}}}]][[Category:Hills]]", "It is {{x|Kern}}.", "It is Kern."),
        ("{{{name}}} of {{{place|none}}}", "It is {{x|name=A|place=B}}, {{x|name=C}}.", "It is A of B, C of none."),
        ("{{Sea|{{{1}}}}} {{lang|fr|{{{1}}}}}", "The {{x|big}} hill.", "The big big hill."),
        ("{{#if:{{NAMESPACE}}|elsewhere|{{PAGENAME}}}}", "The hill of {{x}}.", "The hill of Dorin."),
        ("{{lcfirst:{{{1}}}}} {{ucfirst:{{{1}}}}} {{uc:{{{1}}}}}", "It is {{x|aBc}}.", "It is aBc ABc ABC."),
        ("a {{!}} b {{=}} c", "It is {{x}}.", "It is a | b = c."),
        ("{{{1}}}{{#tag:ref|a note}}{{#tag:nowiki|'}}", "It is {{x|so}}.", "It is so'."),
        ("a }} b {{ c", "It is {{x}}.", "It is a b c."),
    ],
)
def test_a_template_in_a_sentence_shows_what_its_definition_says(x: str, markup: str, text: str) -> None:
    assert prose(markup, x=x) == text


@pytest.mark.parametrize(
    ("language", "x", "markup", "text"),
    [
        ("ka", "", "{{ucfirst:ვიკიპედია}} და {{ucfirst:élan}}.", "ვიკიპედია და Élan."),
        ("en-GB", "", "It has {{formatnum:12345}} of them.", "It has 12,345 of them."),
        ("tr-cy", "", "Yer {{ucfirst:izmir}} ve {{lcfirst:Isparta}}.", "Yer İzmir ve ısparta."),
        ("kaa", "", "Bul {{lcfirst:İzmir}} hám {{lcfirst:Aral}}.", "Bul izmir hám aral."),
        ("zh-tw", "", "生于{{bd|1866年|11月11日|1936年|9月21日}}。", "生于1866年11月11日－1936年9月21日。"),
        ("zh-hant", "-{A|zh-hans:计算机;zh-hant:電腦}-", "这是{{x|y}}的。", "这是電腦的。"),
    ],
)
def test_functions_and_variants_are_those_of_the_language(language: str, x: str, markup: str, text: str) -> None:
    assert prose(markup, language, x) == text


def test_users_of_a_template_get_a_part_of_its_page() -> None:
    assert transcluded("a<NoInclude>b</NoInclude>c<noinclude>d") == "ac"
    assert transcluded("a<onlyinclude>b</onlyinclude>c<onlyinclude>d</onlyinclude>") == "bd"
    assert transcluded("a<!-- b -->c<!-- d") == "ac"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", ""),
        ("{{{1|{{{2}}}}}}", ["argument", "1", ["argument", "2", None]]),
        ("{{a|b=c=d|e}}|=", ["join", ["call", "a", [["=", "b", "c=d"], "e"]], "|="]),
        ("{{{{{1}}}|[[a|b=c]]}}", ["call", ["argument", "1", None], ["[[a|b=c]]"]]),
        ("{{a|[[b}} c", ["join", ["call", "a", ["[[b"]], " c"]),
        ("{{{1 a}b]]", "{{{1 a}b]]"),
    ],
)
def test_wikitext_as_a_tree(text: str, tree: Any) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize("name", ["Endless", "Doubling"])
def test_a_template_that_uses_itself_ends(name: str) -> None:
    assert prose(f"It is {{{{{name}|xy}}}} there.") == "It is there."


def test_templates_in_sentences_are_counted_by_how_they_were_read() -> None:
    page = strip_page(
        "{{Box|a}}\n{{Sea|Alone}}\n* An {{sea|item}}.\nA {{sea|x}} and {{sea|y}}, {{note|z}} {{nowrap|b c}}, in "
        "{{far|d}}, e{{far|f}}.\n{| \n| a {{sea|cell}} b\n|}",
        lookup=look_up,
    )
    counts = {(How.DEFINED, "sea"): 2, (How.NO_WORDS, "note"): 1, (How.KNOWN, "nowrap"): 1, (How.DROPPED, "far"): 2}
    assert page.templates == counts


BRACES = ["{{", "}}", "{{{", "}}}", "|", "=", "[[", "]]", "a", "#if:", "{", "}", "\n"]


@given(st.lists(st.sampled_from(BRACES), max_size=40).map("".join))
@settings(max_examples=200)
def test_any_definition_is_a_tree_and_any_page_with_it_is_stripped(text: str) -> None:
    prose("It is {{x|a|b=c}} there.", x=text)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("{{sea|Alone}}", "Alone\n"),
        ("{{PAGENAME}}\n", "Dorin\n"),
        ("{{emerald}}", ""),  # without arguments: a notice, mostly
        ("{{sea\n|Alone\n}}", ""),
        ("{{warning|x}}", ""),
    ],
)
def test_a_template_alone_on_its_line_shows_its_arguments(markup: str, text: str) -> None:
    assert prose(f"It is.\n\n{markup}\n\nSo.") == f"It is.\n{text}So."
