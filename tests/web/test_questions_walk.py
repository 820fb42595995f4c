"""Writing a question with advice, saving it, and trying it on past calls, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect
from tests.builders import Desk, a_call, a_question, an_answer, findings
from tests.web.sites import make_site, serving
from tests.web.test_accessible_pages import RULES

from postcall.testing import Answered, ScriptedModel, answers_from

pytestmark = pytest.mark.browser

SAID = {
    "summary": "She wants a check-up.",
    "booked": Answered(True, evidence=[(1, "book a check-up")], confidence=0.9, reasoning="She asks for it."),
    "reason": Answered("booking", evidence=[(1, "book a check-up")], confidence=0.7, reasoning="She books."),
}


@pytest.fixture
def pages(page_desk: Desk, tmp_path: Path, chromium: Browser) -> Iterator[tuple[Page, ScriptedModel, str]]:
    """A browser on a site with two answered calls; nothing may go wrong in its console."""
    page_desk.ask(a_question("booked"))
    for number in range(2):
        page_desk.hand_in(a_call(f"call-{number}"))
        [job] = page_desk.claim()
        page_desk.finish(job, findings(an_answer("booked", number == 0)))
    wrongs: list[str] = []
    with (
        ScriptedModel(default=answers_from(SAID)) as model,
        serving(make_site(page_desk, tmp_path, model).app) as address,
    ):
        context = chromium.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("console", lambda message: wrongs.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrongs.append(str(error)))
        yield page, model, address
        context.close()
    assert wrongs == []


def test_a_question_is_written_with_advice_saved_and_tried(pages: tuple[Page, ScriptedModel, str]) -> None:
    page, model, address = pages
    page.goto(address + "/agents/clinic/questions")
    page.get_by_role("button", name="Edit").click()
    page.get_by_role("link", name="Add a metric").click()
    page.get_by_label("Identifier").press_sequentially("reason")
    page.get_by_label("Question", exact=True).press_sequentially(
        "Why did the caller ring? Options: booking, change, other"
    )
    offer = page.get_by_role("button", name="Make these the choices: booking, change, other")
    expect(offer).to_be_visible()
    check_reachable(page)
    offer.press("Enter")
    expect(page.get_by_label("Choices")).to_have_value("booking\nchange\nother")
    expect(page.get_by_label("Type")).to_have_value("ENUM")
    expect(page.locator("#findings")).to_contain_text("Nothing to be said")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(re.compile("#q-reason$"))
    check_reachable(page)

    page.get_by_role("link", name="Try on past calls").click()
    with model.holding():
        page.get_by_role("button", name="Ask").click()
        expect(page.locator("#tried progress")).to_have_count(2)
    expect(page.locator("#tried table")).to_have_count(2)
    expect(page.locator("#tried progress")).to_have_count(0)
    newest = page.locator("#tried-call-1")
    expect(newest).to_contain_text("1 changed, 1 new")
    expect(newest).to_contain_text("Version 1 said")
    check_reachable(page)
    page.get_by_role("link", name="Review and publish").click()
    expect(page).to_have_url(re.compile("/agents/clinic/drafts/[0-9a-f]{24}$"))


def check_reachable(page: Page) -> None:
    """Axe finds nothing, wide and light or narrow and dark, and nothing scrolls sideways."""
    for width, scheme in ((360, "dark"), (1280, "light")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_templates_are_picked_with_the_keyboard(pages: tuple[Page, ScriptedModel, str]) -> None:
    page, _, address = pages
    page.goto(address + "/agents/clinic/questions")
    page.get_by_role("button", name="Edit").press("Enter")
    page.get_by_role("link", name="Add from a template").press("Enter")
    check_reachable(page)
    page.get_by_label("Search").fill("refund wish")
    page.get_by_label("Search").press("Enter")
    page.get_by_role("button", name="Add Refunds").press("Enter")
    expect(page.locator("#q-refund_amount")).to_be_visible()
    expect(page.locator("#q-refund_decision")).to_be_visible()
