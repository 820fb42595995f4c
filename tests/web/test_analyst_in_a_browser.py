"""A question from the form to its answer, as somebody asks it; stopped half way; and its pages for every reader."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect
from tests.builders import Desk, a_call
from tests.web.scripted_analyst import ScriptedAnalyst
from tests.web.sites import make_site, serving
from tests.web.test_accessible_pages import LONG, LOOKS, RULES

from postcall.domain.calls import Channel
from postcall.storage.database import open_record

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, ScriptedAnalyst]]:
    """A site with two calls, and an analyst who names them in long words."""
    folder = tmp_path_factory.mktemp("analyst")
    record = open_record(f"sqlite:///{folder / 'postcall.db'}")
    desk = Desk(record)
    site = make_site(desk, folder)
    desk.hand_in(a_call("first", channel=Channel.VOICE))
    desk.hand_in(a_call("second", channel=Channel.SMS))
    scripted = ScriptedAnalyst(site.app.state.services, site.app.state.reports, more={"not_covered": (LONG,)})
    site.app.state.analyst = scripted
    with serving(site.app) as at:
        yield at, scripted
    record.close()


def ask(page: Page, at: str, question: str) -> None:
    page.goto(f"{at}/analyst")
    page.get_by_label("Ask about your calls").fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()


def test_a_question_is_asked_and_its_result_pinned(chromium: Browser, place: tuple[str, ScriptedAnalyst]) -> None:
    at, _ = place
    page = chromium.new_page()
    ask(page, at, "How many calls?")
    expect(page.get_by_text("There were 2")).to_be_visible()
    page.locator("summary", has_text="Pin").click()
    page.get_by_role("button", name="Pin", exact=True).click()
    expect(page).to_have_url(re.compile("/dashboards/.+/edit"))
    page.close()


def test_a_question_is_stopped_while_it_is_answered(chromium: Browser, place: tuple[str, ScriptedAnalyst]) -> None:
    at, scripted = place
    page = chromium.new_page()
    ask(page, at, "How many calls, slowly?")
    expect(page.get_by_text("Looking up names")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped.")).to_be_visible()
    assert scripted.stopped == 1
    page.close()


def test_the_answer_appears_by_itself_and_the_thread_goes_on(
    chromium: Browser, place: tuple[str, ScriptedAnalyst]
) -> None:
    at, scripted = place
    page = chromium.new_page()
    ask(page, at, "How many calls, slowly?")
    expect(page.get_by_text("Looking up names")).to_be_visible()
    scripted.go.set()
    try:
        expect(page.get_by_text("There were 2")).to_be_visible()
    finally:
        scripted.go.clear()
    if "/asked/" in page.url:  # with script it came into the page, without it the page went to its thread
        page.get_by_role("link", name="Go on asking").click()
    expect(page.get_by_label("Go on asking")).to_be_visible()
    page.close()


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("which", ["start", "answer", "under way"])
def test_every_reader_can_use_it(chromium: Browser, place: tuple[str, ScriptedAnalyst], look: str, which: str) -> None:
    at, _ = place
    width, height, scheme = LOOKS[look]
    page = chromium.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    if which == "start":
        page.goto(f"{at}/analyst")
    else:
        ask(page, at, f"How many calls{', slowly' if which == 'under way' else ''} {LONG}?")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Donau")
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if which == "under way":
        page.get_by_role("button", name="Stop").click()
    page.close()
