"""A question from the form to its answer, as somebody asks it; stopped half way; and its pages for every reader."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect
from tests.builders import Desk, a_call
from tests.web.scripted_analyst import BY_CHANNEL, ScriptedAnalyst
from tests.web.sites import make_site, serving
from tests.web.test_accessible_pages import LONG, LOOKS, RULES

from postcall.domain.analysis import QuestionKind, Understood
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


ANY = Understood(QuestionKind.TOP, (BY_CHANNEL,), says=LONG)


def ask(page: Page, at: str, question: str) -> None:
    page.goto(f"{at}/analyst")
    page.get_by_label("Ask about your calls").fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()


def test_a_question_is_asked_and_its_result_pinned(chromium: Browser, place: tuple[str, ScriptedAnalyst]) -> None:
    at, _ = place
    page = chromium.new_page()
    ask(page, at, "How many calls?")
    expect(page.locator(".says", has_text="There were 2")).to_be_visible()
    page.locator("summary", has_text="Pin to a dashboard").click()
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


def test_a_question_that_is_stopped_tells_what_it_has_found_so_far(
    chromium: Browser, place: tuple[str, ScriptedAnalyst]
) -> None:
    at, scripted = place
    scripted.tells_so_far = True
    page = chromium.new_page()
    try:
        ask(page, at, "How many calls, slowly?")
        page.get_by_role("button", name="Stop").click()
        expect(page.locator(".says", has_text="There were 2")).to_be_visible()
    finally:
        scripted.tells_so_far = False
    page.close()


def test_enter_asks_and_shift_enter_begins_a_line(chromium: Browser, place: tuple[str, ScriptedAnalyst]) -> None:
    at, _ = place
    page = chromium.new_page()
    page.goto(f"{at}/analyst")
    field = page.get_by_label("Ask about your calls")
    expect(field).to_be_focused()
    field.press("Enter")
    expect(page).to_have_url(f"{at}/analyst")
    field.press_sequentially("How many")
    field.press("Shift+Enter")
    field.press_sequentially("calls?")
    expect(field).to_have_value("How many\ncalls?")
    field.press("Enter")
    expect(page.locator(".says", has_text="There were 2")).to_be_visible()
    expect(page).to_have_title(re.compile("How many\\s+calls"))
    page.close()


def test_days_are_at_first_those_of_the_browser(chromium: Browser, place: tuple[str, ScriptedAnalyst]) -> None:
    at, _ = place
    context = chromium.new_context(timezone_id="America/Bogota")
    page = context.new_page()
    page.goto(f"{at}/analyst")
    expect(page.get_by_label("Days in")).to_have_value("America/Bogota")
    page.get_by_label("Days in").select_option("Asia/Tokyo")
    page.get_by_role("button", name=re.compile("busiest")).click()
    expect(page.locator("article .note", has_text="Asia/Tokyo")).to_be_visible()
    page.goto(f"{at}/analyst")
    expect(page.get_by_label("Days in")).to_have_value("Asia/Tokyo")
    context.close()


def test_a_mark_opens_what_it_leads_to(chromium: Browser, place: tuple[str, ScriptedAnalyst]) -> None:
    at, scripted = place
    before, scripted.more = scripted.more, {"shown": ("q9",)}
    page = chromium.new_page()
    try:
        ask(page, at, "How many calls?")
        heading = page.locator("#question-1-q1-title")
        expect(heading).to_be_hidden()
        for _ in range(2):
            page.locator(".says a.mark-q").first.click()
            expect(heading).to_be_visible()
            page.locator("summary", has_text="Numbers it rests on").click()
    finally:
        scripted.more = before
    page.close()


def test_a_chip_takes_a_part_of_the_reading_away(chromium: Browser, place: tuple[str, ScriptedAnalyst]) -> None:
    at, _ = place
    page = chromium.new_page()
    ask(page, at, "How many calls?")
    page.get_by_role("button", name="by channel").click()  # a word was not understood, so this stands open
    expect(page.get_by_role("article")).to_have_count(2)
    last = page.get_by_role("article").last
    last.locator("summary", has_text="How it was understood").click()
    expect(last.get_by_role("button", name="by channel")).to_have_count(0)
    last.locator("summary", has_text="Change period").click()
    last.locator("select[name=group]").first.select_option("day")
    last.get_by_role("button", name="Answer it like this").first.click()
    expect(page.get_by_role("article")).to_have_count(3)
    expect(page.get_by_role("article").last).to_contain_text("by day")
    page.close()


def test_it_all_works_without_script(chromium: Browser, place: tuple[str, ScriptedAnalyst]) -> None:
    at, scripted = place
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    ask(page, at, "How many calls, slowly?")
    expect(page.get_by_text("Looking up names")).to_be_visible()
    scripted.go.set()
    try:
        expect(page.locator(".says", has_text="There were 2")).to_be_visible(timeout=15_000)
    finally:
        scripted.go.clear()
    page.get_by_label("Go on asking").fill("And now?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("article")).to_have_count(2)
    page.locator("summary", has_text="Forget").click()
    page.get_by_role("button", name="Forget this thread").click()
    expect(page).to_have_url(f"{at}/analyst")
    context.close()


def test_the_answer_appears_by_itself_and_the_thread_goes_on(
    chromium: Browser, place: tuple[str, ScriptedAnalyst]
) -> None:
    at, scripted = place
    page = chromium.new_page()
    ask(page, at, "How many calls, slowly?")
    expect(page.get_by_text("Looking up names")).to_be_visible()
    scripted.go.set()
    try:
        expect(page.locator(".says", has_text="There were 2")).to_be_visible()
    finally:
        scripted.go.clear()
    expect(page.get_by_label("Go on asking")).to_be_visible()
    page.close()


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("which", ["start", "answer", "choices", "under way"])
def test_every_reader_can_use_it(chromium: Browser, place: tuple[str, ScriptedAnalyst], look: str, which: str) -> None:
    at, scripted = place
    width, height, scheme = LOOKS[look]
    page = chromium.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    if which == "start":
        page.goto(f"{at}/analyst")
    else:
        scripted.choices = (ANY,) if which == "choices" else ()
        ask(page, at, f"How many calls{', slowly' if which == 'under way' else ''} {LONG}?")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Donau")
        scripted.choices = ()
    page.evaluate("for (const each of document.querySelectorAll('main details:not(.numbers)')) each.open = true")
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if which == "under way":
        page.get_by_role("button", name="Stop").click()
    page.close()
