"""What templates show by their definitions, written by hand in the manner of several wikis."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dumps.definitions import template_name
from pipeline.wikitext import Site, strip_page
from pipeline.wikitext.templates.definitions import definition, parse, transcluded
from pipeline.wikitext.templates.reading import How
from tests.waiting import cpu_seconds

PAGES = {
    "Sea": '<span style="color:blue">{{{1}}}</span><noinclude>{{documentation}}</noinclude>',
    "Smaragd": "<includeonly>''{{{1|emerald}}}''</includeonly><noinclude>What it is for.</noinclude>",
    "Only": "Before <onlyinclude>the {{{1}}} hill</onlyinclude> after",
    "Century": "{{#if:{{{2|}}}|the {{{1}}} and {{{2}}} centuries|the {{{1}}} century}}",
    "Kind": "{{#switch:{{lc:{{{1}}}}}|a|b=first|c=second|#default=other}}",
    "Other": "{{#switch:{{{1}}}|#default|a=first|b=second}}",
    "Padded": "{{padleft:{{{1}}}|3}} and {{padleft:{{{1}}}|3|}}",
    "Equal": "{{#ifeq:{{{1}}}|01|one|not one}}",
    "Note": "<ref>{{{1}}}</ref>",
    "Sort": '<span style="display:none">{{padleft:{{{1}}}|4|0}}</span>{{{1}}}',
    "Doubt": '{{{1}}}<sup class="noprint">[<i>[[Help:Doubt|who says so?]]</i>]</sup>',
    "Doubted": "<sup>[''who?'']</sup>",
    "Sound": "<span class='IPA'>{{{1}}}</span>",
    "Box": '{| class="box"\n| {{{1}}}\n|}',
    "Warning": '<div class="box">{{{1}}}</div>',
    "Warned": "{{Warning|{{{1}}}}}",
    "See": ":''See [[{{{1}}}]].''",
    "Lua": "{{#invoke:Words|say|{{{1}}}}}",
    "Maybe Lua": "{{#if:{{{lua|}}}|{{#invoke:Words|say}}|{{{1}}}}}",
    "Checked": "{{{1}}}{{#invoke:Check for unknown parameters|check|1}}",
    "Linked": "[[{{{1}}} (hill)|{{{1}}}]][[Category:Hills]]",
    "Named": "{{{name}}} of {{{place|nowhere}}}",
    "Twice": "{{Sea|{{{1}}}}} {{Sea|{{{1}}}}}",
    "Endless": "x{{Endless|{{{1}}}}}",
    "Doubling": "{{Doubling|{{{1}}}{{{1}}}}}",
    "Uses lang": "{{lang|fr|{{{1}}}}} indeed",
    "Here": "{{#if:{{NAMESPACE}}|elsewhere|{{PAGENAME}}}}",
    "Lower": "{{lcfirst:{{{1}}}}} {{ucfirst:{{{1}}}}} {{uc:{{{1}}}}}",
    "Bar": "a {{!}} b {{=}} c",
    "Tagged": "{{{1}}}{{#tag:ref|a note}}{{#tag:nowiki|'}}",
    "Stray": "a }} b {{ c",
}
LOOKUP = {name: definition(text) for name, text in PAGES.items()}


def look_up(name: str) -> Any:
    # Through JSON, as templates.db keeps them.
    return json.loads(json.dumps(LOOKUP.get(template_name(name))))


def prose(markup: str, language: str = "en") -> str:
    return strip_page(markup, Site(f"{language}wiki", language), title="Dorin", lookup=look_up).text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("The {{sea|Black Sea}} is deep.", "The Black Sea is deep."),
        ("The {{Template:sea|Black Sea}} is deep.", "The Black Sea is deep."),
        ("The {{ sea | Black Sea }} is deep.", "The Black Sea is deep."),
        ("An {{smaragd}} and a {{smaragd|ruby}}.", "An emerald and a ruby."),
        ("From {{only|green}}.", "From the green hill."),
        ("In {{century|2nd}}, or {{century|2nd|3rd}}.", "In the 2nd century, or the 2nd and 3rd centuries."),
        ("The {{kind|A}}, {{kind|b}}, {{kind|C}} and {{kind|x}}.", "The first, first, second and other."),
        ("The {{other|a}}, {{other|b}} and {{other|x}}.", "The first, second and first."),
        ("It is {{padded|7}}.", "It is 007 and 7."),
        ("It is {{equal|1}}, {{equal|2}}.", "It is one, not one."),
        ("It is so,{{note|Kern, p. 3}} he said.", "It is so, he said."),
        ("In {{sort|12}} days.", "In 12 days."),
        ("He is {{doubt|old}} and{{doubted}} ill.", "He is old and ill."),
        ("Dorin ({{sound|x}}) is a hill.", "Dorin is a hill."),
        ("A {{box|x}} b, {{warning|x}} c and {{warned|x}} d.", "A b, c and d."),
        ("{{see|Lund}}\nIt is a hill.", "It is a hill."),
        ("It is {{maybe Lua|sure}}.", "It is sure."),
        ("It is {{checked|sure}}.", "It is."),
        ("It is {{linked|Kern}}.", "It is Kern."),
        ("It is {{named|name=Kern|place=Lund}}, {{named|name=Kern}}.", "It is Kern of Lund, Kern of nowhere."),
        ("The {{twice|big}} hill.", "The big big hill."),
        ("The {{uses lang|mot}}.", "The mot indeed."),
        ("The hill of {{here}}.", "The hill of Dorin."),
        ("It is {{lower|Abc}}.", "It is abc Abc ABC."),
        ("It is {{bar}}.", "It is a | b = c."),
        ("It is {{tagged|so}}.", "It is so'."),
        ("It is {{stray}}.", "It is a b c."),
        ("It is {{nowrap|{{sea|the sea}}}}.", "It is the sea."),
        ("It is {{sea|[[Black Sea|black]]}}.", "It is black."),
        # A function of the page's own.
        ("It is {{#if:x|so|not so}}, {{lc:ABC}} and {{PAGENAME}}.", "It is so, abc and Dorin."),
        # What a definition does not tell is known by its name, or guessed.
        ("It is {{Lua|word}} there.", "It is there."),
    ],
)
def test_a_template_in_a_sentence_shows_what_its_definition_says(markup: str, text: str) -> None:
    assert prose(markup) == text


@pytest.mark.parametrize(
    ("page", "part"),
    [
        ("a<noinclude>b</noinclude>c", "ac"),
        ("a<noinclude>b", "a"),
        ("<includeonly>a</includeonly><NoInclude>b</NoInclude>", "a"),
        ("a<onlyinclude>b</onlyinclude>c<onlyinclude>d</onlyinclude>", "bd"),
        ("a<!-- b -->c<!-- d", "ac"),
    ],
)
def test_users_of_a_template_get_a_part_of_its_page(page: str, part: str) -> None:
    assert transcluded(page) == part


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a", "a"),
        ("", ""),
        ("{{{1|}}}", ["argument", "1", ""]),
        ("{{{1}}}", ["argument", "1", None]),
        ("{{{1|{{{2|x}}}}}}", ["argument", "1", ["argument", "2", "x"]]),
        ("{{a|b=c=d|e}}|=", ["join", ["call", "a", [["=", "b", "c=d"], "e"]], "|="]),
        ("{{{{{1}}}|[[a|b=c]]}}", ["call", ["argument", "1", None], ["[[a|b=c]]"]]),
        ("{{a|[[b}} c", ["join", ["call", "a", ["[[b"]], " c"]),
        ("{{{1", "{{{1"),
        ("a}}b]]", "a}}b]]"),
    ],
)
def test_wikitext_as_a_tree(text: str, tree: Any) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize("name", ["Endless", "Doubling"])
def test_a_template_that_uses_itself_ends(name: str) -> None:
    assert prose(f"It is {{{{{name}|xy}}}} there.") == "It is there."
    many = cpu_seconds(prose, f"It is {{{{{name}|xy}}}} there. " * 2_000)
    assert many < 100 * max(0.01, cpu_seconds(prose, "It is {{nowrap|xy}} there. " * 2_000))


def test_templates_in_sentences_are_counted_by_how_they_were_read() -> None:
    page = strip_page(
        "{{Box|a}}\n{{Sea|Alone}}\n* An {{sea|item}}.\nA {{sea|x}} and {{sea|y}}, {{note|z}} {{nowrap|b c}}, in "
        "{{far|d}}, e{{far|f}}.\n{| \n| a {{sea|cell}} b\n|}",
        lookup=look_up,
    )
    assert page.templates == {
        (How.DEFINED, "sea"): 2,
        (How.NO_WORDS, "note"): 1,
        (How.KNOWN, "nowrap"): 1,
        (How.DROPPED, "far"): 2,
    }


BRACES = ["{{", "}}", "{{{", "}}}", "|", "=", "[[", "]]", "a", "#if:", "{", "}", "\n"]


@given(st.lists(st.sampled_from(BRACES), max_size=40).map("".join))
@settings(max_examples=300, deadline=None)
def test_any_definition_is_a_tree_and_any_page_with_it_is_stripped(text: str) -> None:
    tree = json.loads(json.dumps(definition(text)))
    strip_page("It is {{x|a|b=c}} there.", lookup=lambda name: tree)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("{{sea|Alone}}", "Alone"),
        ("{{PAGENAME}}\n", "Dorin"),
        ("{{smaragd}}", ""),  # without arguments: a notice, mostly
        ("{{sea\n|Alone\n}}", ""),
        ("{{warning|x}}", ""),
    ],
)
def test_a_template_alone_on_its_line_shows_its_arguments(markup: str, text: str) -> None:
    assert prose(f"It is.\n\n{markup}\n\nSo.") == "\n".join(filter(None, ("It is.", text, "So.")))


def test_a_variant_reads_the_templates_of_its_language() -> None:
    markup = "生于{{bd|1866年|11月11日|1936年|9月21日}}，{{date|2001|5|11}}。"
    text = "生于1866年11月11日－1936年9月21日，2001年5月11日。"
    assert [prose(markup, language) for language in ("zh", "zh-tw")] == [text, text]


def test_a_first_letter_is_capital_as_in_titles() -> None:
    assert prose("{{ucfirst:ვიკიპედია}} და {{ucfirst:élan}}.", "ka") == "ვიკიპედია და Élan."


def test_a_variant_has_the_functions_of_its_language() -> None:
    assert prose("It has {{formatnum:12345}} of them.", "en-GB") == "It has 12,345 of them."
    assert prose("Yer {{ucfirst:izmir}} ve {{lcfirst:Isparta}}.", "tr-cy") == "Yer İzmir ve ısparta."


def test_a_definition_may_have_language_variants() -> None:
    tree = definition("-{A|zh-hans:计算机;zh-hant:電腦}-")
    assert strip_page("这是{{x|y}}的。", Site("zhwiki", "zh-hant"), lookup=lambda name: tree).text == "这是電腦的。"
