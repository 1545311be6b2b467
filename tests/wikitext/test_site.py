"""Namespaces: a dump's own names, aliases, and the canonical names that every wiki understands."""

from dataclasses import replace

import pytest

from pipeline.wikitext import Site, strip_markup

LITHUANIAN = Site("ltwiki", "lt", {"Vaizdas": 6, "Kategorija": 14, "Vikipedija": 4, "Paveikslas": 6})


def test_files_categories_and_links_to_other_languages_are_known_by_each_of_their_names() -> None:
    for name in ("vaizdas", "PAVEIKSLAS", "File", "image", " Vaizdas ", "File_", "\u200eFile"):
        assert strip_markup(f"Before.[[{name}:a.jpg|thumb|[[caption]]]] After.", LITHUANIAN) == "Before. After."
    for name in ("Kategorija", "Category", "category", "de", "zh-min-nan", "be-x-old", "simple", "roa-rup"):
        assert strip_markup(f"Before.\n[[{name}:B|sort key]]", LITHUANIAN) == "Before."


def test_links_that_show_are_told_from_those_that_do_not() -> None:
    markup = (
        "[[:de:Titel|the German page]], [[Star Trek: First Contact]], [[wikt:word]], [[mw:Help|help]], [[User:A|A]], "
        "[[voy:Paris|travel guide]]"
    )
    assert strip_markup(markup) == "the German page, Star Trek: First Contact, word, help, A, travel guide"


def test_a_title_with_a_colon_is_no_namespace() -> None:
    """`Imagine` is Romanian for an image, but no blank follows a namespace's colon, except after a wiki's own names."""
    for title in ("Imagine: John Lennon", ".hack: Infection", "xkcd: volume 0", "Media: A History"):
        assert strip_markup(f"The work [[{title}]], [[{title}|so]].") == f"The work {title}, so."
    romanian = Site("rowiki", "ro", {"Imagine": 6})
    assert strip_markup("Text.[[Imagine: a.jpg|thumb|x]][[File: a.jpg|thumb|x]]", romanian) == "Text."
    assert strip_markup("Text.[[Imagine:a.jpg|thumb|x]][[Datei:a.jpg|thumb|x]]") == "Text."
    # As `wiki.language` does, which overrides the language of a dump.
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


def test_none_means_english_wikipedia() -> None:
    assert strip_markup("{{convert|5|km}}", None) == strip_markup("{{convert|5|km}}", Site()) == "5 kilometres"
    assert strip_markup("{{date|1866|5|11}}, {{convert|5|km}}", Site("nowiki", "no")) == "11. mai 1866, 5 km"
