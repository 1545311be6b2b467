"""The page in a headless Chromium: what people do with it, on a screen, on a phone, on paper and by keyboard."""

from typing import Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, expect

from pipeline.vectors.coding import coded
from pipeline.vectors.questions import Question
from pipeline.vectors.scaling import unit_length
from pipeline.vectors.space import VectorSpace
from tests.browser import Loaded, faults
from tests.page.conftest import ask_page, find_on_map
from tests.page.known_vectors import HELD, LEFT_OUT, LONG, MARKS, MODELS, decoded, vectors
from tests.waiting import wait_until

WIDTH = 390  # of a phone's screen, in pixels
TARGETS = "button, input, select, summary, nav a, .permalink"
FOLD, UNFOLD = (f"all => all.forEach((one) => {{ one.open = {value}; }})" for value in ("false", "true"))


@pytest.fixture
def page(page: Page) -> Page:
    """The page with all of its results unfolded."""
    page.locator("details.fold").evaluate_all(UNFOLD)
    return page


def answers(page: Page, model: str) -> list[str]:
    row = page.locator("#answers tr", has=page.get_by_role("rowheader", name=model, exact=True))
    return row.locator(".answer").all_inner_texts()


def exact(seed: int, *words: str) -> list[str]:
    """What `wikilm` finds nearest to a - b + c, or to a word, with cosines, in vectors of 8 bits a value."""
    space = VectorSpace(HELD, decoded(coded(unit_length(vectors(seed)[:-1])).model_dump()))
    if len(words) == 1:
        return [f"{word} {cosine:.2f}" for word, cosine in space.neighbours(words[0], 10)]
    a, b, c = words
    found = space.nearest(Question("", b, a, c, ()), "cosine", 5)
    return [f"{word} {cosine:.2f}" for word, cosine in found]


def test_it_loads_with_no_complaint_and_asks_for_nothing(loaded: Loaded, page: Page) -> None:
    _, complaints, requests = loaded
    expect(page.locator("svg.plot").first).to_be_visible()
    assert page.locator("svg.plot").evaluate_all("all => all.every((svg) => svg.clientWidth > 100)")
    assert complaints == []
    assert set(requests) == {page.url}


@pytest.mark.parametrize(
    "typed", ["king + woman - man", "king−man+woman?", "King，man、woman", "king－man＋woman？", "king، man، woman؟"]
)
def test_what_people_type_is_answered_as_wikilm_does(page: Page, typed: str) -> None:
    ask_page(page, typed)
    expect(page.locator("#asked")).to_contain_text("king - man + woman = ?")
    for seed, model in enumerate(MODELS):
        assert answers(page, model) == exact(seed, "king", "man", "woman")
        assert answers(page, model)[0].startswith("queen")
    expect(page.locator("#answers code")).to_have_text("wikilm analogy king man woman")


ONE = {"İstanbul": "istanbul", "Ilık": "ılık", "E\u0301": "é", "\u200bQu\u00adeen": "queen", "A\u00adda": "Ada"}


@pytest.mark.parametrize(("typed", "word"), [*ONE.items(), *zip(MARKS, MARKS, strict=True)])
def test_one_word_gives_its_neighbours(page: Page, typed: str, word: str) -> None:
    ask_page(page, typed)
    for seed, model in enumerate(MODELS):
        assert answers(page, model) == exact(seed, word)
    expect(page.locator("#answers code")).to_have_text(f"wikilm neighbours {word}")


def test_a_missing_word_is_named_with_those_that_begin_alike(page: Page) -> None:
    ask_page(page, "king man woman")
    none = "No word begins alike."
    for word, told in ("womann", "Words that begin alike: “woman”."), ("well-known", none), (LEFT_OUT, none):
        ask_page(page, f"King - {word} + man")
        expect(page.locator("#asked")).to_have_text(f"“{word}” is not among the {len(HELD)} words of the page. {told}")
        assert page.locator("#answers button").count() == 0


def test_the_box_answers_as_one_types_and_tells_of_other_numbers_of_words(page: Page) -> None:
    ask_page(page, "king man")
    expect(page.locator("#asked")).to_have_text("Type one word or three; these are 2.")
    assert page.locator("#answers button").count() == 0
    page.get_by_label("Three words, or one").fill("king")
    expect(page.locator("#asked")).to_have_text("")
    page.get_by_role("link", name="Ask the vectors", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_label("Three words, or one").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("woman king man")
    expect(page.locator("#asked")).to_contain_text("woman - king + man = ?")
    example = page.locator(".example").first
    example.click()
    expect(page.locator("#asked")).to_have_text(f"{example.inner_text()} = ?")


@pytest.mark.parametrize("words", ["queen", "king man <b>", "שלום עולם king"])
def test_a_question_has_a_link_that_asks_it(page: Page, words: str) -> None:
    ask_page(page, words)
    expect(page.locator("#answers .answer").first).to_be_visible()
    assert unquote(page.url).endswith(f"#ask={words.replace(' ', '+')}")
    places = page.locator("#asked bdi").evaluate_all("words => words.map((word) => word.getBoundingClientRect().x)")
    asked = places[: len(words.split())]
    assert asked == sorted(asked)  # words from right to left leave the question's order alone
    found, link = page.locator("#answers .answer").all_inner_texts(), page.url
    page.goto("about:blank")
    page.goto(link)
    expect(page.locator("#answers .answer").first).to_be_visible()
    assert page.locator("#answers .answer").all_inner_texts() == found
    page.evaluate("location.hash = 'ask=man+king+queen'")
    expect(page.locator("#asked")).to_contain_text("man - king + queen = ?")
    page.evaluate("location.hash = 'ask=50%'")  # a stray sign
    expect(page.locator("#asked")).to_contain_text("“50%” is not among")


def test_words_that_the_page_holds_are_buttons_and_focus_follows_to_their_neighbours(page: Page) -> None:
    said = page.locator("#analogies .answer")
    assert {LEFT_OUT, "queen"} <= set(said.locator("bdi, button").all_inner_texts())
    buttons = set(said.locator("button").all_inner_texts())
    assert "queen" in buttons
    assert buttons <= set(HELD)
    ask_page(page, "king man woman")
    find_on_map(page, "queen")
    places = {"#analogies": "#ask", "#ask .neighbours": "#ask", "#embeddings .neighbours": "#embeddings"}
    for table, section in places.items():
        button = page.locator(f"{table} button.word").first
        word = button.inner_text()
        button.focus()
        page.keyboard.press("Enter")
        panel = page.locator(f"{section} .neighbours")
        expect(panel.locator("caption")).to_have_text(f"Nearest to “{word}”, with cosines")
        expect(panel).to_be_focused()
        expect(panel.locator("caption")).to_be_in_viewport()


def test_a_cell_of_the_explorer_opens_what_was_right_and_wrong(page: Page) -> None:
    page.get_by_role("button", name="right: gru, family").click()
    opened = page.get_by_role("dialog", name="gru, family")
    expect(opened).to_contain_text("woman - man + king = queen")
    expect(opened.get_by_role("heading").first).to_contain_text(" right")
    assert faults(page) == []
    opened.get_by_role("button", name="Close").click()
    expect(opened).to_be_hidden()


def test_tables_sort_by_a_column_and_back(page: Page) -> None:
    table = page.get_by_role("region", name="Figures of each evaluation set by model").locator("table")
    head = table.get_by_role("columnheader", name="asked")
    column = "all => all.map((row) => Number(row.cells[2].firstChild.textContent.replaceAll(',', '')))"
    before = table.locator("tbody tr").evaluate_all(column)
    for order in ("descending", "ascending"):
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == order
        assert table.locator("tbody tr").evaluate_all(column) == sorted(before, reverse=order == "descending")
    table = page.get_by_role("region", name="Language models and n-gram models")
    head = table.get_by_role("columnheader", name="model", exact=True)
    while head.get_attribute("aria-sort") != "descending":
        head.get_by_role("button").click()
    names = table.locator("tbody td:first-child").evaluate_all("all => all.map((cell) => cell.firstChild.textContent)")
    assert names[-1] == "5-gram, Kneser-Ney"  # it begins with a digit, and sorts as text


@pytest.mark.parametrize("width", [1280, 1500, WIDTH])
def test_the_contents_stay_in_view_and_say_where_one_is_and_links_open_folded_sections(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.locator("details.fold").evaluate_all(FOLD)
    page.get_by_role("link", name="All results", exact=True).click()
    for shown in "#results-heading", "nav a[aria-current]":
        expect(page.locator(shown)).to_be_in_viewport()
        expect(page.locator(shown)).to_contain_text("All results")
    page.evaluate("location.hash = 'verse'")
    expect(page.get_by_role("region", name="Verse of each poet")).to_be_visible()
    expect(page.get_by_role("heading", name="Verse", exact=True)).to_be_in_viewport()


def test_a_phone_does_not_scroll_sideways_and_has_targets_of_24_pixels(page: Page) -> None:
    ask_page(page, f"king man {LONG}")
    find_on_map(page, 2 * LONG)
    assert LONG in page.locator("#clusters").inner_text()
    page.set_viewport_size({"width": WIDTH, "height": 844})
    wait_until(lambda: page.evaluate(f"document.documentElement.scrollWidth === {WIDTH}"))
    boxes = page.locator(TARGETS).evaluate_all(
        "all => all.filter((one) => one.checkVisibility()).map((one) => [one.outerHTML.slice(0, 60),"
        " Math.min(one.getBoundingClientRect().width, one.getBoundingClientRect().height)])"
    )
    assert [box for box in boxes if box[1] < 24] == []
    wide = page.get_by_role("region", name="Language models and n-gram models")
    wait_until(lambda: page.evaluate("document.querySelector('#models .scroll').classList.contains('more')"))
    assert "More columns" in wide.evaluate("box => getComputedStyle(box, '::before').content")
    first = wide.locator("tbody td").first
    x = first.bounding_box()
    wide.evaluate("box => { box.scrollLeft = 200; }")
    assert first.bounding_box() == x  # the key column stays


def test_paper_has_no_controls_and_cuts_nothing_in_two(page: Page) -> None:
    ask_page(page, "king man woman")
    page.emulate_media(media="print")
    for control in ("nav", "#question", "#find", ".permalink", ".words", ".take"):
        assert page.locator(control).evaluate_all("all => all.every((one) => !one.checkVisibility())"), control
    for whole in ("p", "figure", "tr", "table", ".flow li"):
        assert page.locator(whole).first.evaluate("one => getComputedStyle(one).breakInside") == "avoid"
    page.set_viewport_size({"width": 688, "height": 1000})  # of A4 between its margins
    wide = page.locator("table, .plot").evaluate_all(
        "all => all.filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1)"
        ".map((one) => one.outerHTML.slice(0, 200))"
    )
    assert wide == []


def test_it_reads_without_javascript(page: Page) -> None:
    browser = page.context.browser
    assert browser
    bare = browser.new_context(java_script_enabled=False).new_page()
    bare.goto(page.url)
    for summary in bare.locator(".fold > summary").all():
        summary.click()
    for shown in ("svg.plot polyline", ".explorer .cell", "#models table", ".facts", "noscript"):
        expect(bare.locator(shown).first).to_be_visible()
    bare.close()


@pytest.mark.parametrize(("scheme", "paper"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(20, 22, 26)")])
def test_axe_finds_no_serious_fault_but_one_that_is_put_in(page: Page, scheme: Any, paper: str) -> None:
    page.emulate_media(color_scheme=scheme)
    ask_page(page, "king man woman")
    names = page.locator(".scroll").evaluate_all("all => all.map((one) => one.role === 'region' && one.ariaLabel)")
    assert all(names)
    assert len(set(names)) == len(names)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == paper
    page.locator("details").evaluate_all(UNFOLD)
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img id=\"bad\" src=\"data:,\">')")
    (planted,) = faults(page)
    assert planted.startswith("image-alt (critical): [['#bad']]")


def test_no_script_runs_but_the_pages_own(page: Page) -> None:
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img id=broken src=x onerror=\"window.ran = 1\">')")
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), { text: 'window.ran = 2' }))")
    expect(page.locator("#broken")).to_have_js_property("complete", True)
    assert page.evaluate("window.ran") is None
