"""The editor of dashboards in a real browser: add a tile, drag it, publish."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.builders import Desk, a_call
from tests.web.sites import make_site, serving

pytestmark = pytest.mark.browser


@pytest.fixture
def page(page_desk: Desk, tmp_path: Path, chromium: Browser) -> Iterator[Page]:
    """A browser on a site with two calls; nothing may go wrong in its console."""
    for name in ("a", "b"):
        page_desk.hand_in(a_call(name, duration_s=60.0))
    wrongs: list[str] = []
    site = make_site(page_desk, tmp_path)
    with serving(site.app) as address:
        context = chromium.new_context(
            viewport={"width": 1280, "height": 900}, reduced_motion="reduce", base_url=address
        )
        context.set_default_timeout(10_000)
        opened = context.new_page()
        opened.on("console", lambda message: wrongs.append(message.text) if message.type == "error" else None)
        opened.on("pageerror", lambda error: wrongs.append(str(error)))
        yield opened
        context.close()
    assert wrongs == []


def test_a_tile_is_added_dragged_and_published(page: Page) -> None:
    page.goto("/dashboards/new")
    page.get_by_label("Empty").check()
    page.get_by_label("Name", exact=True).fill("Mine")
    page.get_by_role("button", name="Create").click()
    page.get_by_role("link", name="+ Tile").click()

    page.get_by_label("Title", exact=True).fill("How many")
    page.locator("select[name=kind]").select_option("kpi")
    expect(page.locator("select[name=group_0]")).to_be_hidden()
    expect(page.locator("#preview .kpi")).to_have_text("2")
    page.get_by_role("button", name="Add to the draft", exact=True).click()

    tile = page.locator(".grid-stack-item")
    expect(tile).to_contain_text("How many")
    # Until the page's script is there a tile is not dragged; it takes the button until something has moved.
    expect(page.get_by_role("button", name="Save places")).to_be_disabled()
    title = tile.locator(".tile-title").bounding_box()
    assert title is not None
    page.mouse.move(title["x"] + 30, title["y"] + 15)
    page.mouse.down()
    page.mouse.move(title["x"] + 400, title["y"] + 15, steps=12)
    page.mouse.move(title["x"] + 650, title["y"] + 15, steps=12)
    page.mouse.up()
    page.get_by_role("button", name="Save places").click()
    moved = page.locator(".grid-stack-item")
    expect(moved).not_to_have_attribute("gs-x", "0")

    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("heading", name="Mine", exact=True)).to_be_visible()
    expect(page.locator(".tiles .kpi")).to_have_text("2")
    page.get_by_role("link", name="Calls behind How many").click()
    expect(page.get_by_role("heading", name="Calls", exact=True)).to_be_visible()
