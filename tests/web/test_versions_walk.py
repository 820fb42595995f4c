"""A draft in a real browser: begun, published, rolled back; and its pages for every reader."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect
from tests.builders import AGENT, Desk, a_call, a_question
from tests.web.sites import make_site, serving

from postcall.domain.agents import VersionConfig
from postcall.storage.agents import find_agent
from postcall.storage.drafts import create_draft, list_drafts, save_draft

pytestmark = pytest.mark.browser

LONG = "Donaudampfschifffahrtsgesellschaftskapitaen_" * 4
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}


@pytest.fixture
def address(page_desk: Desk, tmp_path: Path) -> Iterator[str]:
    """A served site whose agent has two versions, with prompts that have long words."""
    page_desk.ask(a_question(), a_question("gone", LONG))
    page_desk.ask(a_question(prompt="Was a table booked?"), a_question("why", "Why?", "ENUM", choices=[LONG, "pain"]))
    with serving(make_site(page_desk, tmp_path).app) as address:
        yield address


def open_page(chromium: Browser, *, width: int = 1280, scheme: str = "light", script: bool = True) -> Page:
    """A page of a new browser window."""
    dark = scheme == "dark"
    context = chromium.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
    )
    return context.new_page()


def test_a_draft_is_begun_published_and_rolled_back_without_script(
    page_desk: Desk, address: str, chromium: Browser
) -> None:
    page = open_page(chromium, script=False)
    page.goto(f"{address}/agents")
    page.get_by_role("link", name=AGENT).click()
    page.get_by_role("button", name="Start a draft").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Draft from version 2")
    [draft] = page_desk.record.read(lambda c: list_drafts(c, page_desk.pk, AGENT))
    page_desk.record.write(
        lambda c: save_draft(
            c,
            page_desk.pk,
            draft.id,
            VersionConfig((a_question(prompt="Was a room booked?"),)),
            revision=1,
            now=page_desk.clock(),
        )
    )
    page.get_by_label("Label").fill("rooms")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was done")
    expect(page.locator("ins", has_text="room")).to_be_visible()
    page.get_by_label("Label").fill("rooms")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("status").first).to_contain_text("Version 3 is active")
    page_desk.hand_in(a_call("of-rooms"))
    page.get_by_role("button", name="Roll back to version 2").click()
    expect(page.get_by_role("status").first).to_contain_text("Version 2 is active")
    page_desk.hand_in(a_call("of-tables"))
    assert page_desk.record.read(lambda c: find_agent(c, page_desk.pk, AGENT)).active_version == 2
    assert [page_desk.read(name).call.version for name in ("of-rooms", "of-tables")] == [3, 2]
    page.context.close()


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (360, "dark")], ids=["wide and light", "phone and dark"]
)
def test_every_page_of_versions_is_for_every_reader(
    page_desk: Desk, address: str, chromium: Browser, width: int, scheme: str
) -> None:
    config = VersionConfig((a_question("why", LONG, "ENUM", choices=["pain"]),))
    draft = page_desk.record.write(
        lambda c: create_draft(c, page_desk.pk, AGENT, name=LONG, base=1, by=LONG, config=config, now=page_desk.clock())
    )
    page = open_page(chromium, width=width, scheme=scheme)
    wrongs: list[str] = []
    page.on("console", lambda said: wrongs.append(said.text) if said.type == "error" else None)
    here = f"/agents/{AGENT}/drafts/{draft.id}"
    found: list[str] = []
    for path in ("/agents", f"/agents/{AGENT}", f"/agents/{AGENT}/versions/2", f"/agents/{AGENT}/history/booked"):
        found += looked_at(page, address + path)
    found += looked_at(page, address + here) + looked_at(page, f"{address}{here}/discard")
    assert found == []
    assert wrongs == []
    page.context.close()


def looked_at(page: Page, url: str) -> list[str]:
    """What is wrong with a page, in words."""
    page.goto(url)
    wrong = [
        f"{url}: {each['id']} {[node['html'] for node in each['nodes']][:2]}"
        for each in Axe().run(page, options=RULES).response["violations"]
    ]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        wrong.append(f"{url}: scrolls sideways")
    return wrong
