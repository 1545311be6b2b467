"""An answer is drawn in the plane through the three words of its question."""

import re

import numpy as np
from playwright.sync_api import Page, expect

from tests.page.conftest import ask_page
from tests.page.known_vectors import HELD, MODELS, vectors


def test_the_three_words_and_their_sum_stand_in_the_plane_and_the_answer_is_dropped_onto_it(page: Page) -> None:
    ask_page(page, "king man woman")
    of = dict(zip(HELD, vectors(0) / np.linalg.norm(vectors(0), axis=1, keepdims=True), strict=False))
    king, man, woman, queen = (of[word] for word in ("king", "man", "woman", "queen"))
    sides = np.stack([king - man, woman - man])
    in_plane = man + np.linalg.lstsq(sides.T, queen - man, rcond=None)[0] @ sides
    off, gap = np.linalg.norm(queen - in_plane), np.linalg.norm(queen - (king - man + woman))
    shown = [float(number) for number in re.findall(r"\d\.\d\d", page.locator("#plane figcaption").inner_text())]
    np.testing.assert_allclose(shown, [off, gap], atol=0.02)  # of 8 bits, and two decimals
    places = "all => all.map((one) => [Number(one.getAttribute('cx')), Number(one.getAttribute('cy'))])"
    a, b, c = np.array(page.locator("#plane circle.given").evaluate_all(places))
    (total,), (best,) = (page.locator(f"#plane circle.{name}").evaluate_all(places) for name in ("sum", "best"))
    np.testing.assert_allclose(total, a - b + c, atol=0.01)
    scale = np.linalg.norm(a - b) / np.linalg.norm(king - man)
    np.testing.assert_allclose(np.linalg.norm(c - b), scale * np.linalg.norm(woman - man), rtol=0.02)
    np.testing.assert_allclose(np.linalg.norm(best - b), scale * np.linalg.norm(in_plane - man), rtol=0.02)


def test_the_third_word_alone_is_asked_and_a_refused_question_leaves_nothing(page: Page) -> None:
    ask_page(page, "king man woman")
    expect(page.locator("#plane svg")).to_be_visible()
    page.get_by_label("only the third word").check()
    expect(page.locator("#plane")).to_be_hidden()
    expect(page.locator("#answers code")).to_have_text("wikilm neighbours woman")
    page.get_by_label("only the third word").uncheck()
    expect(page.locator("#plane svg")).to_be_visible()
    page.get_by_label("drawn with vectors of").select_option(MODELS[1])
    expect(page.locator("#plane figcaption")).to_contain_text(MODELS[1])
    page.get_by_label("drawn with vectors of").select_option(MODELS[0])
    ask_page(page, "king man zzzz")
    expect(page.locator("#plane")).to_be_hidden()
    assert page.url.endswith("#ask")


def test_tables_are_copied_and_drawings_saved(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#models").evaluate("fold => { fold.open = true; }")
    page.locator("#models .take").first.click()
    head, first, *_ = page.evaluate("navigator.clipboard.readText()").split("\n")
    assert head.startswith('"model","trained / read","valid perplexity"')
    assert '"4.0 (3.5 to 4.5)"' in first
    page.locator("#models").evaluate("fold => { fold.open = false; }")
    ask_page(page, "king man woman")
    with page.expect_download() as saved:
        page.locator("#plane .save").click()
    drawing = saved.value.path().read_text(encoding="utf-8")
    assert drawing.startswith('<svg viewBox="0 0 460 310"')
    assert ">queen</text>" in drawing
    assert "stroke: rgb(" in drawing  # its style is in it
