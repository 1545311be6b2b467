import pytest

from pipeline.wikitext.pages import has_disambiguation_word, is_disambiguation, redirect_target


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("#REDIRECT [[Kern]]", "Kern"),
        ("\n #redirect: [[Kern#Lund|x]] {{R}}", "Kern"),
        ("#WEITERLEITUNG [[Kern (Berg)]]", "Kern (Berg)"),
        ("#перенаправление [[Керн]]", "Керн"),
        ("#転送 [[カーン]]", "カーン"),
        ("#Kern [[Lund]]", None),
        ("# [[Lund]]", None),
        ("Kern\n#REDIRECT [[Lund]]", None),
        ("#REDIRECT Lund", None),
    ],
)
def test_a_redirect_is_known_by_its_magic_word(text: str, target: str | None) -> None:
    assert redirect_target(text) == target


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("Kern is:\n* a hill\n{{disambig}}", True),
        ("Kern:\n* a hill\n{{ Disambiguation | hill }}", True),
        ("{{Begriffsklärung}}\n* Kern", True),
        ("{{Our_own}}\n* Kern", True),
        ("{{\u200eİsim ayrımı}}\n* Kern", True),
        ("* Kern __DISAMBIG__", True),
        ("* Kern __disambig__", True),
        ("{{about|the hill}}\nKern is a hill. {{disambiguation needed}}", False),
        ("Kern is a hill.", False),
    ],
)
def test_a_disambiguation_page_is_known_by_its_magic_word_or_template(text: str, is_one: bool) -> None:
    assert is_disambiguation(text, {"our own", "isim ayrımı"}) == is_one


def test_a_template_with_the_magic_word_marks_the_pages_that_use_it() -> None:
    assert has_disambiguation_word("<div>Meanings</div>__DISAMBIG__")
    assert not has_disambiguation_word("<div>Meanings</div>")
