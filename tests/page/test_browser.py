"""The page in a headless Chromium: what people do with it, on a screen, on a phone and by keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from ruamel.yaml import YAML

from pipeline import report
from pipeline.vectors.questions import Question
from pipeline.vectors.space import VectorSpace
from tests.browser import faults, opened
from tests.conftest import ROOT
from tests.page.known_vectors import HELD, LEFT_OUT, LONG, MODELS, WORDS, vectors, write_outputs

MAP = "document.getElementById('map')"
WIDTH = 390  # of a phone's screen, in pixels


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Page, list[str], list[str]]]:
    """The page in a browser, its complaints and its requests; all tests use this one, each from where it likes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("page"))
        yaml = YAML()
        params = yaml.load(ROOT / "params.yaml")
        params["models"] = {name: {"unit": "gru"} for name in MODELS}
        params["report"]["words"] = len(HELD)
        yaml.dump(params, Path("params.yaml"))
        write_outputs()
        report.main(["data", "index.html", "data/plots/models"])
        with opened(Path("index.html")) as opening:
            yield opening


@pytest.fixture
def page(loaded: tuple[Page, list[str], list[str]]) -> Page:
    page, *_ = loaded
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    return page


def answers(page: Page, model: str) -> list[str]:
    row = page.locator("#answers tr", has=page.get_by_role("rowheader", name=model, exact=True))
    return row.locator("button").all_inner_texts()


def ask(page: Page, words: str) -> None:
    page.get_by_label("Three words").fill(words)
    page.get_by_role("button", name="Answer").click()


def span(page: Page) -> float:
    """How much of the map is seen, from left to right."""
    low, high = page.evaluate(f"{MAP}.layout.xaxis.range")
    return float(high - low)


def test_it_loads_with_no_complaint_and_asks_for_nothing(loaded: tuple[Page, list[str], list[str]]) -> None:
    page, complaints, requests = loaded
    expect(page.locator(".plotly-graph-div .main-svg").first).to_be_visible()
    assert page.locator(".plotly-graph-div:not(:has(.main-svg))").count() == 0  # every chart is drawn
    assert complaints == []
    assert set(requests) == {page.url}


def test_king_man_woman_is_answered_as_the_exact_vectors_do(page: Page) -> None:
    page.get_by_label("Three words").fill("")
    page.get_by_label("Three words").press_sequentially("king man woman")  # as one types, without a button
    expect(page.locator("#asked")).to_contain_text("king - man + woman = ?")
    for seed, model in enumerate(MODELS):
        space = VectorSpace(HELD, vectors(seed)[:-1])
        question = Question("", "man", "king", "woman", ("queen",))
        exact = [WORDS[i] for i in space.answers([question], "cosine", 5)[0]]
        assert answers(page, model) == exact
        assert exact[0] == "queen"


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("womann", "; nearest in spelling: “woman”."),
        ("mna", "; nearest in spelling: “man”."),  # letters that change places
        ("wrod1", "; nearest in spelling: “word1”."),
        ("qqqq", ", and none is spelled nearly so."),
        ("zz", ", and none is spelled nearly so."),
    ],
)
def test_an_unknown_word_is_refused_with_those_spelled_like_it(page: Page, word: str, told: str) -> None:
    ask(page, "king man woman")
    ask(page, f"King - {word} + man")
    expect(page.locator("#asked")).to_have_text(f"“{word}” is not among the {len(HELD)} words held here{told}")
    assert page.locator("#answers button").count() == 0


def test_other_than_three_words_are_told_so(page: Page) -> None:
    ask(page, "king man")
    expect(page.locator("#asked")).to_have_text("Type three words; these are 2.")
    assert page.locator("#answers button").count() == 0
    page.get_by_label("Three words").fill("king")
    expect(page.locator("#asked")).to_have_text("")


def test_a_word_pressed_shows_its_neighbours(page: Page) -> None:
    ask(page, "king man woman")
    page.locator("#answers").get_by_role("button", name="queen").first.click()
    panel = page.locator("#ask .neighbours")
    expect(page.locator("#ask .nearest")).to_have_text("Nearest to “queen”, by cosine")
    exact = [word for word, _ in VectorSpace(HELD, vectors(0)[:-1]).neighbours("queen", 10)]
    assert panel.locator("tr").first.locator("button").all_inner_texts() == exact


def test_focus_follows_to_the_neighbours_of_a_word_pressed(page: Page) -> None:
    pressed = [("#analogies", "#ask"), ("#ask .neighbours", "#ask"), ("#embeddings .neighbours", "#embeddings")]
    page.get_by_label("Find a word").fill("queen")
    for table, section in pressed:
        button = page.locator(f"{table} button.word").first
        word = button.inner_text()
        button.focus()
        page.keyboard.press("Enter")
        expect(page.locator(f"{section} .nearest")).to_have_text(f"Nearest to “{word}”, by cosine")
        expect(page.locator(f"{section} .neighbours")).to_be_focused()
        expect(page.locator(f"{section} .nearest")).to_be_in_viewport()


def test_only_words_that_the_page_holds_are_buttons(page: Page) -> None:
    said = page.locator("#analogies .answer")
    assert {LEFT_OUT, "queen"} <= set(said.locator("bdi, button").all_inner_texts())
    buttons = set(said.locator("button").all_inner_texts())
    assert "queen" in buttons
    assert buttons <= set(HELD)


def test_words_from_right_to_left_leave_a_questions_order_alone(page: Page) -> None:
    ask(page, "שלום עולם king")
    places = page.locator("#asked bdi").evaluate_all("words => words.map((word) => word.getBoundingClientRect().x)")
    assert len(places) == 3
    assert places == sorted(places)


def test_a_word_that_looks_like_markup_is_a_word(page: Page) -> None:
    ask(page, "king man <b>")
    expect(page.locator("#asked")).to_have_text("king - man + <b> = ?")


def test_search_moves_the_map_and_marks_the_word(page: Page) -> None:
    page.get_by_role("button", name="Whole map").click()
    whole = span(page)
    page.get_by_label("Find a word").fill("queen")
    page.get_by_role("button", name="Find").click()
    expect(page.locator("#found")).to_have_text("“queen” is marked.")
    page.wait_for_function(f"{MAP}.data[1].text[0] === 'queen'")
    assert span(page) < whole / 5
    low, high = page.evaluate(f"{MAP}.layout.xaxis.range")
    assert page.evaluate(f"{MAP}.data[2].x[0]") == pytest.approx((low + high) / 2)
    expect(page.locator("#embeddings .nearest")).to_have_text("Nearest to “queen”, by cosine")
    before = page.evaluate(f"{MAP}.data[0].x")
    page.get_by_label("Vectors of").select_option("2016")
    assert page.evaluate(f"{MAP}.data[0].x") != before
    assert page.evaluate(f"{MAP}.data[0].text[{MAP}.data[0].x.indexOf({MAP}.data[2].x[0])]") == "queen"


def test_what_is_no_longer_searched_for_is_not_marked(page: Page) -> None:
    box, found = page.get_by_label("Find a word"), page.locator("#found")
    box.fill("queen")
    expect(found).to_have_text("“queen” is marked.")
    box.fill("quee")
    expect(found).to_have_text("")
    expect(page.locator("#embeddings .neighbours")).to_be_empty()
    assert page.evaluate(f"{MAP}.data[2].x") == []
    page.get_by_role("button", name="Find").click()
    expect(found).to_contain_text("“quee” is not among the")
    page.get_by_label("Vectors of").select_option("gru")
    page.get_by_label("Vectors of").select_option("2016")
    expect(found).to_have_text("")


def test_the_map_is_at_first_of_the_first_model(page: Page) -> None:
    page.reload()
    expect(page.get_by_label("Vectors of")).to_have_value("gru")
    first = "JSON.parse(document.getElementById('spaces').textContent).find(({ name }) => name === 'gru').x"
    assert page.evaluate(f"{MAP}.data[0].x") == page.evaluate(first)
    page.wait_for_function(f"{MAP}.data[1].x.length > 0")
    assert set(page.evaluate(f"{MAP}.data[1].x")) <= set(page.evaluate(first))


def test_labels_stand_at_their_words_and_cover_no_other(page: Page) -> None:
    page.get_by_role("button", name="Whole map").click()
    page.wait_for_function(
        """[...document.querySelectorAll("#map .textpoint text")].map((text) => text.getBoundingClientRect())
        .every((a, i, all) => all.length > 10 && all.slice(i + 1).every((b) =>
          a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top))"""
    )
    labels, at = page.evaluate(f"[{MAP}.data[1].text, {MAP}.data[1].x]")
    places = dict(zip(*page.evaluate(f"[{MAP}.data[0].text, {MAP}.data[0].x]"), strict=True))
    assert [places[word] for word in labels] == at


def test_zooming_in_labels_more_of_what_is_seen(page: Page) -> None:
    seen = f"{MAP}.data[0].x.filter((x, i) => inside(x, 'xaxis') && inside({MAP}.data[0].y[i], 'yaxis')).length"
    inside = f"(inside => {MAP}.data[1].text.length / {seen})((value, axis) => "
    inside += f"{MAP}.layout[axis].range[0] < value && value < {MAP}.layout[axis].range[1])"
    page.get_by_role("button", name="Whole map").click()
    whole, share = span(page), page.evaluate(inside)
    page.get_by_role("button", name="Zoom in").click()
    assert span(page) == pytest.approx(whole / 2)
    page.wait_for_function(f"{inside} > {share}")


def test_the_keyboard_reaches_the_box_and_moves_the_map(page: Page) -> None:
    page.get_by_role("link", name="Ask the vectors").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "three-words"
    page.keyboard.press("Control+a")
    page.keyboard.type("woman man king")
    page.keyboard.press("Enter")
    expect(page.locator("#asked")).to_contain_text("woman - man + king = ?")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('#answers')")
    page.locator("figure[tabindex]").focus()
    page.keyboard.press("0")
    before = span(page)
    page.keyboard.press("+")
    assert span(page) == pytest.approx(before / 2)
    low = page.evaluate(f"{MAP}.layout.xaxis.range[0]")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(f"{MAP}.layout.xaxis.range[0]") == pytest.approx(low + before / 10)


@pytest.mark.parametrize("words", ["king man woman", f"king man {LONG}", f"king man {2 * LONG}"])
def test_a_phone_does_not_scroll_sideways(page: Page, words: str) -> None:
    ask(page, words)
    page.get_by_label("Find a word").fill(words.split()[-1])
    page.get_by_role("button", name="Find").click()
    page.locator("#answers button, #analogies .answer button").first.click()
    page.set_viewport_size({"width": WIDTH, "height": 844})
    fits = f"[...document.querySelectorAll('.main-svg')].every((svg) => svg.getBoundingClientRect().width <= {WIDTH})"
    page.wait_for_function(f"document.documentElement.scrollWidth === {WIDTH} && {fits}")


def test_what_scrolls_has_a_name_of_its_own_and_a_status_is_a_line(page: Page) -> None:
    ask(page, "king man woman")
    regions = page.locator(".scroll").evaluate_all("all => all.map((one) => [one.role, one.ariaLabel])")
    roles, names = zip(*regions, strict=True)
    assert set(roles) == {"region"}
    assert len(set(names)) == len(names)
    assert None not in names
    assert page.locator("[role=status] table").count() == 0


def test_every_chart_keeps_to_its_place_as_it_is_drawn(page: Page) -> None:
    """Each is drawn as the page is read, and Plotly looks at its place again only when the window is resized."""
    page.reload()
    drawn = 'chart.querySelector(".main-svg").getBoundingClientRect().width'
    charts = page.locator(".plotly-graph-div")
    assert charts.count() > 4
    wider = f"all => all.filter((chart) => {drawn} > chart.clientWidth + 1).map((chart) => chart.id)"
    assert charts.evaluate_all(wider) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
    ask(page, "king man woman")
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 22, 26)"}[scheme]
    # Writing in charts, which axe does not judge, has the colour of the page's.
    ink = "getComputedStyle(document.querySelector('.xtick text')).fill === getComputedStyle(document.body).color"
    assert page.evaluate(ink)
    assert faults(page) == []


def test_axe_would_have_found_one(page: Page) -> None:
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img id=\"bad\" src=\"data:,\">')")
    found = faults(page)
    page.evaluate("document.getElementById('bad').remove()")
    assert any(fault.startswith("image-alt (critical)") for fault in found)
