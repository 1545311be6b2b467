"""The map of words in a headless Chromium. The canvas keeps what it shows: `view` and `labels`."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from pipeline.compare_vectors import PLACES
from tests.page.conftest import find_on_map
from tests.page.known_vectors import HELD
from tests.waiting import wait_until

MAP = "document.getElementById('map')"
FOLD = "document.getElementById('embeddings')"


@pytest.fixture
def page(page: Page) -> Page:
    """The page with its map unfolded."""
    page.evaluate(f"{FOLD}.open = true")
    return page


def label(page: Page, word: str) -> dict[str, Any]:
    (found,) = (each for each in page.evaluate(f"{MAP}.labels") if each["word"] == word)
    return dict(found)


def whole(page: Page) -> float:
    """Show all of the map; return how much is seen."""
    page.locator("#map").scroll_into_view_if_needed()
    page.get_by_role("button", name="Whole map").click()
    return reach(page)


def reach(page: Page) -> float:
    return float(page.evaluate(f"{MAP}.view.reach"))


def test_it_is_drawn_when_it_comes_into_view_and_first_of_the_best_model(page: Page) -> None:
    page.reload()
    page.evaluate(f"{FOLD}.open = true")
    assert page.evaluate(f"new Promise((then) => setTimeout(() => then({MAP}.labels), 100))") is None
    page.get_by_role("button", name="Zoom in").evaluate("button => button.click()")  # its buttons work before
    assert reach(page) == pytest.approx(1.1 / 2)
    page.reload()
    page.get_by_role("heading", name="Map of words").click()
    page.locator("#map").scroll_into_view_if_needed()
    wait_until(lambda: page.evaluate(f"{MAP}.labels?.length > 10"))
    first = page.evaluate("JSON.parse(byId('spaces').textContent).spaces[0]")
    expect(page.get_by_label("Vectors of", exact=True)).to_have_value(first["name"])
    x, y = np.array(first["places"]) / PLACES
    words, view = first["words"], page.evaluate(f"{MAP}.view")
    scale = min(page.evaluate(f"[{MAP}.clientWidth, {MAP}.clientHeight]")) / 2 / view["reach"]
    one, other = page.evaluate(f"{MAP}.labels.slice(0, 2)")
    i, j = words.index(one["word"]), words.index(other["word"])
    assert one["x"] - other["x"] == pytest.approx((x[i] - x[j]) * scale, abs=0.1)
    assert other["y"] - one["y"] == pytest.approx((y[i] - y[j]) * scale, abs=0.1)
    legend = page.locator("#clusters li")
    assert legend.count() == 8
    assert all(0 < text.count(", ") < 3 for text in legend.all_inner_texts())


def test_paper_has_dark_writing_whatever_the_screen_has(page: Page) -> None:
    whole(page)
    page.emulate_media(color_scheme="dark")
    wait_until(lambda: page.evaluate("brush.fillStyle") == "#e6e6e6")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("brush.fillStyle") == "#1c1e21"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("brush.fillStyle") == "#e6e6e6"


def test_labels_cover_no_other_and_a_click_on_one_or_on_a_point_takes_its_word(page: Page) -> None:
    whole(page)
    boxes = page.evaluate(f"{MAP}.labels")
    assert len(boxes) > 10
    for a, b in combinations(boxes, 2):
        apart = a["right"] <= b["left"] or b["right"] <= a["left"]
        assert apart or a["bottom"] <= b["top"] or b["bottom"] <= a["top"]

    def bare(x: float, y: float) -> bool:
        return not any(box["left"] <= x <= box["right"] and box["top"] <= y <= box["bottom"] for box in boxes)

    label, point = boxes[0], next(one for one in boxes if bare(one["x"], one["y"]))
    middle = (label["left"] + label["right"]) / 2, (label["top"] + label["bottom"]) / 2
    for word, (x, y) in ((label["word"], middle), (point["word"], (point["x"], point["y"]))):
        page.locator("#map").click(position={"x": x, "y": y})
        expect(page.locator("#found")).to_have_text(f"“{word}” is marked.")
        expect(page.locator("#embeddings .neighbours caption")).to_have_text(f"Nearest to “{word}”, with cosines")
        whole(page)


def test_the_wheel_and_the_buttons_zoom(page: Page) -> None:
    before, scroll = whole(page), page.evaluate("scrollY")
    page.locator("#map").hover(position={"x": 300, "y": 200})
    page.mouse.wheel(0, 200)  # outwards, where all is seen already: the page scrolls
    wait_until(lambda: page.evaluate(f"scrollY > {scroll}"))
    assert reach(page) == before
    page.locator("#map").hover(position={"x": 300, "y": 200})
    page.mouse.wheel(0, -200)
    wait_until(lambda: reach(page) < before)
    assert page.evaluate(f"{MAP}.view.x < 0 && {MAP}.view.y > 0")  # towards the pointer
    wheeled = reach(page)
    page.get_by_role("button", name="Zoom in").click()
    assert reach(page) == pytest.approx(wheeled / 2)


def test_a_word_is_found_by_the_box_which_suggests_those_of_the_map(page: Page) -> None:
    before = whole(page)
    assert page.locator("#words option").evaluate_all("all => all.map((one) => one.value)") == HELD
    box = page.get_by_label("Find a word")
    box.fill("word1")
    assert reach(page) == before
    box.press("Enter")
    expect(page.locator("#found")).to_have_text("“word1” is marked.")
    assert reach(page) < before / 5
    box.fill("İstanbul")
    box.press("Enter")
    expect(page.locator("#found")).to_have_text("“istanbul” is marked.")
    x, name = label(page, "istanbul")["x"], page.get_by_label("Vectors of", exact=True).input_value()
    page.get_by_label("Vectors of", exact=True).select_option(index=1)  # another model's map keeps the word
    expect(page.locator("#found")).to_have_text("“istanbul” is marked.")
    assert label(page, "istanbul")["x"] != x
    page.get_by_label("Vectors of", exact=True).select_option(name)
    box.fill("qqqq")
    box.press("Enter")
    expect(page.locator("#found")).to_contain_text(f"“qqqq” is not among the {len(HELD)} words of the map.")


def test_the_keyboard_moves_the_map(page: Page) -> None:
    page.locator("figure[tabindex]").focus()
    page.keyboard.press("0")
    before = reach(page)
    page.keyboard.press("+")
    assert reach(page) == pytest.approx(before / 2)
    x = page.evaluate(f"{MAP}.view.x")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(f"{MAP}.view.x") == pytest.approx(x + before / 2 * 0.4)


def test_a_drag_moves_and_takes_no_word(page: Page) -> None:
    whole(page)
    found, box = page.evaluate(f"{MAP}.labels[0]"), page.locator("#map").bounding_box()
    assert box
    find_on_map(page, found["word"])
    whole(page)
    page.mouse.move(box["x"] + found["x"], box["y"] + found["y"])
    page.mouse.down()
    page.mouse.move(box["x"] + found["x"] + 40, box["y"] + found["y"] + 10, steps=4)
    page.mouse.up()
    assert label(page, found["word"])["x"] == pytest.approx(found["x"] + 40, abs=1)
    expect(page.locator("#embeddings .neighbours caption")).to_contain_text(f"“{found['word']}”")
