import pytest

from pipeline.wikitext.pages import is_disambiguation, redirect_target


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("\n #redirect: [[Kern#Lund|x]] {{R}}", "Kern"),
        ("#WEITERLEITUNG [[Kern (Berg)]]", "Kern (Berg)"),
        ("#перенаправление [[Керн]]", "Керн"),
        ("#Kern [[Lund]]", None),
        ("Kern\n#REDIRECT [[Lund]]", None),
        ("#REDIRECT Lund", None),
    ],
)
def test_a_redirect_is_known_by_its_magic_word(text: str, target: str | None) -> None:
    assert redirect_target(text) == target


def test_a_disambiguation_page_is_known_by_its_magic_word_or_template() -> None:
    told = ("{{ Disambiguation | hill }}", "{{bks}}", "{{Our_own}}", "{{\u200eİsim ayrımı}}", "__disambig__")
    assert all(is_disambiguation(f"Kern:\n* a hill\n{mark}", {"our own", "isim ayrımı"}) for mark in told)
    assert not is_disambiguation("{{about|the hill}}\nKern is a hill. {{disambiguation needed}}", {"our own"})
