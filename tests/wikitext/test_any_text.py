"""Any text in, prose out: no exception, and no markup in the output however broken the input."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.wikitext import Site, strip_markup
from pipeline.wikitext.templates.known import FAMILIES, LOCAL, RENDERINGS

MARKUP = ["{{", "}}", "[[", "]]", "{|", "|}", "<ref", "</ref", "''", "[http", "&nbsp;"]
SIGNS = """{ } [ ] | ' < > = == ! * # : ; -{ }- / ( ) , . – & &#91; &#39; &lt;ref&gt; &amp; &#0; &#xD800; //
    __ <ref> <ref/> </ref> <!-- --> <math> </math> <pre> </pre> <br> <b> __TOC__ http://a.b/c |thumb
    12px| {{convert|5|km}} {{lang|fr| {{nowrap| {{'s}} {{!}} {{frac| {{dts| {{val| {{as_of| {{zh|s=
    {{formatnum: {{lang-fr| {{{1| }}} {{circa| [[File:a.jpg|thumb| [[Category:x]] [[:File:x]] word é ا 日本 1 2.5"""
FRAGMENTS = [
    *MARKUP,
    *SIGNS.split(),
    *("<foo>", "<span ", "-{zh-hans:", "-{A|", ";zh-tw:", "=>", "[[a|#", "[[%5B", "\n;", "__notoc__", "<references>"),
    *("\n", "\n\n", " ", "\n{|\n", "\n|-\n", "\n|}\n", "\n! ", "\n| a || b", "<ref name=a>"),
    *("[http://a b]", "{{'}}", "Two words", "\x00", "\x01", "\x02", "\x010", "\u2028", "\u0301", "\u200f"),
]
any_text = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=5), max_size=40).map("".join)


@example("A{{''<b>", False, "en")
@example("{{'s}}&nbsp;<b>''", False, "en")
@given(any_text, st.booleans(), st.sampled_from(["en", "zh"]))  # the latter has variants
@settings(max_examples=700)
def test_prose_has_no_markup_and_its_lines_no_odd_spaces(text: str, lists: bool, language: str) -> None:
    prose = strip_markup(text, Site(f"{language}wiki", language), lists=lists)
    assert not [token for token in (*MARKUP, "\x01", "\x02") if token in prose]
    assert not [token for token in ("|thumb", "px|") if token in prose and token not in text]
    for paragraph in prose.split("\n") if prose else ():
        assert paragraph == " ".join(paragraph.split())
        assert any(map(str.isalpha, paragraph))


NAMES = sorted({*RENDERINGS, *FAMILIES, *(name for names in LOCAL.values() for name in names)})
arguments = st.lists(
    st.sampled_from(["", "=", "²=", "1=x", "99=x", "e=3", "u=km", "lt=x", "on", "to", "x", "and", "ft", "in", "km"])
    | st.sampled_from(["1", "-5000", "--5000", "1/2", "8+1/2", "12", "٢", "②", "1" * 5000, "e3" * 1000, "{{{1}}}"])
    | st.text(max_size=6).filter(lambda text: not set(text) & set("{}")),
    max_size=6,
)


@given(st.sampled_from(NAMES), arguments, st.sampled_from(["en", *LOCAL]))
@settings(max_examples=700)
def test_a_template_takes_any_arguments(name: str, given_to_it: list[str], language: str) -> None:
    markup = f"Before {{{{{'|'.join([name, *given_to_it])}}}}} after."
    assert strip_markup(markup, Site(f"{language}wiki", language)).startswith("Before")


ONES = "1" * 4400
TEMPLATES = ["nowrap|12 km|²=", "nowrap|12 km|①=", f"dts|{ONES}", f"as of|2010|{ONES}", "val|--5000"]
TEMPLATES += [f"convert|5|{'e3' * 2300}", f"formatnum:{ONES}", f"convert|{ONES}|km"]


@pytest.mark.parametrize("template", TEMPLATES)
def test_digits_of_any_kind_and_number_raise_nothing(template: str) -> None:
    assert strip_markup(f"Before {{{{{template}}}}} after.").startswith("Before")


@pytest.mark.parametrize(
    "prose",
    [
        "Ça va bien – «merci» ! C'est l'été (et plus; deux). e\u0301 and \u00e9 stay.",
        "می‌خواهم نیم‌فاصله بماند ‏(۱۹۵۰)‏ बְּ क्षत्रिय और हिन्दी 東京は日本の首都である。",
        "f[x] = {y} | z, a < b > c, 5' 6\", f[x][y]",
    ],
)
def test_prose_without_markup_is_left_alone(prose: str) -> None:
    assert strip_markup(prose) == prose
