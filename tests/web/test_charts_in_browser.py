"""Tiles in a browser: drawn under the strict policy, in both schemes, on a phone; as tables where they cannot be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect
from tests.conftest import miss
from tests.web.sites import serving
from tests.web.test_accessible_pages import LOOKS, RULES
from tests.web.tile_gallery import every_tile, make_gallery

from postcall.web.render import STATIC_FOLDER

pytestmark = pytest.mark.browser
CHARTS = 7
CSP = "document.addEventListener('securitypolicyviolation', e => console.error(`refused: ${e.violatedDirective}`))"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The gallery."""
    if not (STATIC_FOLDER / "vendor" / "charts.min.js").is_file():
        miss("the assets are not built: run `make assets`")
    with serving(make_gallery(every_tile())) as address:
        yield address


@contextmanager
def looking_at(browser: Browser, url: str, look: str = "wide and light", **more: Any) -> Iterator[Page]:
    """The page, with reduced motion; at the end nothing may have been refused or have failed."""
    width, height, scheme = LOOKS[look]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
        **more,
    )
    context.set_default_timeout(10_000)
    context.add_init_script(CSP)
    page = context.new_page()
    wrongs: list[str] = []
    page.on("console", lambda message: wrongs.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: wrongs.append(str(error)))
    page.goto(url)
    yield page
    context.close()
    assert wrongs == []


def plot(page: Page, tile: str) -> Any:
    """The drawing of one tile."""
    return page.locator(f"#tile-{tile} .plot svg")


@pytest.mark.parametrize("look", LOOKS)
def test_every_chart_is_drawn_and_everyone_can_read_the_page(chromium: Browser, address: str, look: str) -> None:
    with looking_at(chromium, address + "/gallery", look) as page:
        expect(page.locator(".plot svg")).to_have_count(CHARTS)
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= LOOKS[look][0]
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= LOOKS[look][0]


def test_charts_say_what_they_show_in_words(chromium: Browser, address: str) -> None:
    with looking_at(chromium, address + "/gallery") as page:
        words = page.locator("#tile-trend .plot").get_attribute("aria-label")
        assert words is not None and words.startswith("Line chart: Bookings confirmed by day. 28 values, lowest")
        for text in ("clinic", "after hours", "web chat"):
            expect(plot(page, "bars").get_by_text(text, exact=True)).to_be_visible()
        expect(plot(page, "reasons").get_by_text("1,102", exact=True)).to_be_visible()
        expect(plot(page, "hours").get_by_text("Wednesday", exact=True)).to_be_visible()


def test_the_table_takes_the_place_of_its_chart(chromium: Browser, address: str) -> None:
    with looking_at(chromium, address + "/gallery") as page:
        tile = page.locator("#tile-bars")
        expect(tile.locator("table")).to_be_hidden()
        tile.get_by_text("Show as table").click()
        expect(tile.locator(".plot")).to_be_hidden()
        expect(tile.get_by_role("row", name="clinic")).to_contain_text("41.2 % 37.2 % to 45.2 %")
        tile.get_by_role("link", name="22 %").click()
        expect(page).to_have_url(address + "/calls?which=web%20chat-0")


def test_a_click_on_a_bar_leads_to_its_calls(chromium: Browser, address: str) -> None:
    with looking_at(chromium, address + "/gallery") as page:
        box = plot(page, "lying").bounding_box()
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.15)
        expect(page).to_have_url(address + "/calls?which=Duration-0")


def test_a_click_beside_a_point_of_a_line_leads_to_the_calls_of_that_day(chromium: Browser, address: str) -> None:
    with looking_at(chromium, address + "/gallery") as page:
        box = plot(page, "lines").bounding_box()
        page.mouse.click(box["x"] + box["width"] - 15, box["y"] + box["height"] * 0.82)
        expect(page).to_have_url(address + "/calls?which=SMS-29")


def test_pointing_tells_the_number_and_its_interval_in_classes(chromium: Browser, address: str) -> None:
    with looking_at(chromium, address + "/gallery") as page:
        plot(page, "trend").hover(position={"x": 45, "y": 60})
        tip = page.locator("#tile-trend .tip")
        expect(tip).to_contain_text("1 Nov")
        expect(tip).to_contain_text("95 % interval 33 % to 43 %")
        assert page.evaluate("document.querySelectorAll('.tip [style]').length") == 0
        plot(page, "hours").hover(position={"x": 200, "y": 20})
        expect(page.locator("#tile-hours .tip")).to_contain_text("Monday")


def test_charts_follow_the_scheme_while_the_page_is_open(chromium: Browser, address: str) -> None:
    with looking_at(chromium, address + "/gallery") as page:
        expect(page.locator("#tile-lying .plot path[fill='#0b5cad']").first).to_be_attached()
        page.emulate_media(color_scheme="dark")
        expect(page.locator("#tile-lying .plot path[fill='#82baf6']").first).to_be_attached()
        expect(page.locator("#tile-lying .plot path[fill='#0b5cad']")).to_have_count(0)


def test_charts_follow_the_width_of_the_window(chromium: Browser, address: str) -> None:
    with looking_at(chromium, address + "/gallery") as page:
        expect(page.locator(".plot svg")).to_have_count(CHARTS)
        page.set_viewport_size({"width": 360, "height": 740})
        room = page.locator("#tile-hours .plot").evaluate("plot => plot.clientWidth")
        expect(plot(page, "hours")).to_have_attribute("width", str(room))
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_part_that_htmx_brings_is_drawn_again(chromium: Browser, address: str) -> None:
    with looking_at(chromium, address + "/gallery") as page:
        expect(plot(page, "pie")).to_be_visible()
        page.locator("#tile-bars").get_by_text("Show as table").click()
        page.evaluate("htmx.ajax('GET', '/gallery', {target: '.tiles', select: '.tiles', swap: 'outerMorph'})")
        expect(page.locator(".plot svg")).to_have_count(CHARTS)
        expect(page.locator("#tile-bars table")).to_be_visible()
        expect(page.locator("#tile-pie table")).to_be_hidden()


def test_without_script_the_tables_are_open(chromium: Browser, address: str) -> None:
    with looking_at(chromium, address + "/gallery", "phone and dark", java_script_enabled=False) as page:
        expect(page.locator("#tile-bars").get_by_role("row", name="clinic")).to_be_visible()
        expect(page.locator("#tile-bars .plot")).to_be_hidden()


def test_where_the_script_was_not_built_a_line_says_why_and_tables_stand_in(chromium: Browser) -> None:
    undrawn = make_gallery(every_tile(), drawn=False)
    with serving(undrawn) as address, looking_at(chromium, address + "/gallery") as page:
        expect(page.get_by_text("Charts appear as tables: Node was missing when postcall was set up.")).to_have_count(1)
        expect(page.locator("figure")).to_have_count(0)
        expect(page.locator("#tile-hours").get_by_role("row", name=":00 37 74 14")).to_be_visible()


def test_a_tile_that_is_dragged_says_its_new_place(chromium: Browser, address: str) -> None:
    with looking_at(chromium, address + "/gallery/editing") as page:
        save = page.get_by_role("button", name="Save the layout")
        expect(save).to_be_disabled()
        title = page.locator("[gs-id='none'] .tile-title")
        title.scroll_into_view_if_needed()
        box = title.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 40, box["y"] + 20)
        page.mouse.down()
        page.mouse.move(box["x"] + 40, box["y"] + 60, steps=5)
        page.mouse.move(box["x"] + 40, box["y"] + 20 + 94 * 2, steps=10)
        page.mouse.up()
        expect(save).to_be_enabled()
        places = {place["id"]: place for place in json.loads(page.locator("[name=layout]").input_value())}
        assert places["none"] == {"id": "none", "x": 6, "y": 16, "w": 3, "h": 4}
        assert len(places) == len(every_tile())
        expect(page.locator("[gs-id='none'] [data-place=y]")).to_have_value("16")
        page.locator("[gs-id='calls'] [data-place=h]").fill("3")
        page.keyboard.press("Tab")
        assert '"id":"calls","x":0,"y":0,"w":3,"h":3' in page.locator("[name=layout]").input_value()


def test_on_a_phone_the_menu_opens_without_script(chromium: Browser, address: str) -> None:
    with looking_at(chromium, address + "/gallery", "phone and dark", java_script_enabled=False) as page:
        link = page.get_by_role("link", name="Dashboards")
        expect(link).to_be_hidden()
        page.get_by_text("Menu").click()
        expect(link).to_be_visible()


@pytest.mark.parametrize("look", LOOKS)
def test_the_parts_of_the_look_can_be_read_by_everyone(chromium: Browser, address: str, look: str) -> None:
    with looking_at(chromium, address + "/gallery/parts", look) as page:
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= LOOKS[look][0]
