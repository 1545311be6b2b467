"""Namespaces: a dump's own names, aliases, and the canonical names that every wiki understands."""

import pickle
from dataclasses import replace

import pytest

from pipeline.wikitext import Site, strip_markup

LITHUANIAN = Site("ltwiki", "lt", {"Vaizdas": 6, "Kategorija": 14, "Vikipedija": 4, "Paveikslas": 6})


@pytest.mark.parametrize(
    "name", ["Vaizdas", "vaizdas", "PAVEIKSLAS", "File", "image", " Vaizdas ", "File_", "\u200eFile"]
)
def test_a_file_is_known_by_each_of_its_names(name: str) -> None:
    assert strip_markup(f"Before.[[{name}:a.jpg|thumb|[[caption]]]] After.", LITHUANIAN) == "Before. After."


@pytest.mark.parametrize("name", ["Kategorija", "Category", "category"])
def test_a_category_is_known_by_each_of_its_names(name: str) -> None:
    assert strip_markup(f"Before.\n[[{name}:B|sort key]]", LITHUANIAN) == "Before."


@pytest.mark.parametrize("language", ["de", "zh-min-nan", "be-x-old", "simple", "roa-rup"])
def test_a_link_to_another_language_vanishes(language: str) -> None:
    assert strip_markup(f"Before.\n[[{language}:Title]]") == "Before."


def test_links_that_show_are_told_from_those_that_do_not() -> None:
    markup = (
        "[[:de:Titel|the German page]], [[Star Trek: First Contact]], [[wikt:word]], [[mw:Help|help]], [[User:A|A]], "
        "[[voy:Paris|travel guide]]"
    )
    assert strip_markup(markup) == "the German page, Star Trek: First Contact, word, help, A, travel guide"


@pytest.mark.parametrize("title", ["Imagine: John Lennon", ".hack: Infection", "xkcd: volume 0", "Media: A History"])
def test_a_title_with_a_colon_is_no_namespace(title: str) -> None:
    """`Imagine` is Romanian for an image, but no blank follows a namespace's colon."""
    assert strip_markup(f"The work [[{title}]] came out.") == f"The work {title} came out."
    assert strip_markup(f"The work [[{title}|so]] came out.") == "The work so came out."


def test_a_sites_own_names_and_the_english_ones_may_have_a_blank_after_the_colon() -> None:
    romanian = Site("rowiki", "ro", {"Imagine": 6})
    assert strip_markup("Text.[[Imagine: a.jpg|thumb|x]][[File: a.jpg|thumb|x]]", romanian) == "Text."
    assert strip_markup("Text.[[Imagine:a.jpg|thumb|x]][[Datei:a.jpg|thumb|x]]") == "Text."


def test_another_language_makes_no_name_certain() -> None:
    """As `wiki.language` does, which overrides the language of a dump."""
    site = replace(LITHUANIAN, language="en")
    assert strip_markup("The song [[Imagine: John Lennon]].", site) == "The song Imagine: John Lennon."


def test_a_line_of_prose_may_begin_with_the_name_of_a_namespace() -> None:
    prose = "Imagine: a world without war. He sang it.\nImage: a likeness. It is old."
    assert strip_markup(f"File:A b.jpg|one\n{prose}\nImage:C.svg") == prose


@pytest.mark.parametrize(
    ("code", "language", "variant"),
    [
        ("zh-Hant-TW", "zh", "zh-hant-tw"),
        ("crh-latn", "crh", "crh-latn"),
        ("nds-NL", "nds-nl", "nds-nl"),  # so in dumps: the code of a Wikipedia, not a variant of nds
        ("be-tarask", "be-tarask", "be-tarask"),
        ("ltg", "ltg", "ltg"),
        ("no", "nb", "no"),
        ("simple", "en", "simple"),
    ],
)
def test_a_variant_is_cut_off_unless_it_has_a_wikipedia(code: str, language: str, variant: str) -> None:
    site = Site("wiki", code)
    assert (site.language, site.variant) == (language, variant)


def test_a_wiki_whose_code_is_no_language_has_the_templates_of_its_language() -> None:
    markup = "A {{date|1866|5|11}}, {{convert|5|km}}."
    assert strip_markup(markup, Site("simplewiki", "simple")) == "A May 11, 1866, 5 kilometres."
    assert strip_markup(markup, Site("nowiki", "no")) == "A 11. mai 1866, 5 km."


def test_none_means_english_wikipedia() -> None:
    assert strip_markup("{{convert|5|km}}", None) == strip_markup("{{convert|5|km}}", Site()) == "5 kilometres"
    assert strip_markup("{{convert|5|km}}", LITHUANIAN) == "5 km"


def test_a_site_travels_to_another_process() -> None:
    """The workers of `extract` get it pickled."""
    assert pickle.loads(pickle.dumps(LITHUANIAN)) == LITHUANIAN
