"""Namespaces: a dump's own names, aliases, and the canonical ones that every wiki understands."""

import pickle

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
        "[[:de:Titel|the German page]], [[Star Trek: First Contact]], [[wikt:word]], [[mw:Help|help]], [[User:A|A]]"
    )
    assert strip_markup(markup) == "the German page, Star Trek: First Contact, word, help, A"


def test_none_means_english_wikipedia() -> None:
    assert strip_markup("{{convert|5|km}}", None) == strip_markup("{{convert|5|km}}", Site()) == "5 kilometres"
    assert strip_markup("{{convert|5|km}}", LITHUANIAN) == "5 km"


def test_a_site_travels_to_another_process() -> None:
    """The workers of `extract` get it pickled."""
    assert pickle.loads(pickle.dumps(LITHUANIAN)) == LITHUANIAN
