from pipeline.wikitext.pages import is_disambiguation, redirect_target


def test_a_redirect_is_known_by_its_magic_word() -> None:
    assert redirect_target("\n #redirect: [[Kern#Lund|x]] {{R}}") == "Kern"
    assert redirect_target("#WEITERLEITUNG [[Kern (Berg)]]") == "Kern (Berg)"
    assert redirect_target("#перенаправление [[Керн]]") == "Керн"
    for text in ("#Kern [[Lund]]", "Kern\n#REDIRECT [[Lund]]", "#REDIRECT Lund"):
        assert redirect_target(text) is None


def test_a_disambiguation_page_is_known_by_its_magic_word_or_template() -> None:
    told = ("{{ Disambiguation | hill }}", "{{bks}}", "{{Our_own}}", "{{\u200eİsim ayrımı}}", "__disambig__")
    assert all(is_disambiguation(f"Kern:\n* a hill\n{mark}", {"our own", "isim ayrımı"}) for mark in told)
    assert not is_disambiguation("{{about|the hill}}\nKern is a hill. {{disambiguation needed}}", {"our own"})
