"""A person looks through a call: its parts by keyboard, what was searched for, and a remark."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, expect
from sqlalchemy.engine import Connection
from tests.builders import Desk, a_call, a_question, an_answer
from tests.web.sites import Site, serving

from postcall.domain.conversations import OutboxKind, Outgoing
from postcall.storage.calls import find_call_row
from postcall.storage.outbox import add_outgoing

pytestmark = pytest.mark.browser


def fill_outbox(desk: Desk) -> None:
    """What the call had sent."""
    message = Outgoing(OutboxKind.SMS, "+15550123", {"content": "See you on Tuesday."})

    def add(connection: Connection) -> list[str]:
        call = find_call_row(connection, desk.pk, "call-1")
        return add_outgoing(connection, call.pk, 1, [message], sendable=lambda _: False, now=desk.clock())

    desk.record.write(add)


@pytest.fixture
def busy_site(site: Site) -> Site:
    """A site with a call that has everything."""
    site.desk.ask(a_question())
    lines = [f"{'agent' if n % 2 else 'user'}: This is turn {n + 2} of many." for n in range(40)]
    call = a_call("call-1", "agent: Good morning.", "user: I would like to book a check-up.", *lines, metrics={"A": 1})
    site.desk.hand_in(call)
    site.desk.extract(an_answer())
    return site


def test_the_parts_of_a_call_are_tabs_for_the_keyboard(chromium: Browser, busy_site: Site) -> None:
    with serving(busy_site.app) as address:
        page = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page()
        wrongs: list[str] = []
        page.on("console", lambda message: wrongs.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrongs.append(str(error)))
        page.goto(f"{address}/calls/call-1?q=book")
        expect(page.locator("mark.found")).to_have_text("book")
        expect(page.locator("#answers")).to_be_visible()
        expect(page.locator("#metrics")).to_be_hidden()
        page.get_by_role("tab", name="Answers").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("tab", name="Metrics")).to_be_focused()
        expect(page.locator("#metrics")).to_be_visible()
        expect(page.locator("#answers")).to_be_hidden()
        page.keyboard.press("End")
        expect(page.locator("#notes")).to_be_visible()
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert wrongs == []
        page.context.close()


@pytest.mark.parametrize("script", [True, False])
def test_a_turn_is_remarked_on_by_keyboard(chromium: Browser, busy_site: Site, script: bool) -> None:
    with serving(busy_site.app) as address:
        context = chromium.new_context(java_script_enabled=script, viewport={"width": 1280, "height": 800})
        page = context.new_page()
        page.goto(f"{address}/calls/call-1?q=book")
        page.locator("#turn-1 .remark-link").press("Enter")
        form = page.locator("#remark-form-1")
        form.get_by_label("This turn is").select_option("missing topic")
        if script:
            form.get_by_label("In words").press("Escape")
            expect(form).to_have_count(0)
            expect(page.locator("#turn-1 .remark-link")).to_be_focused()
            page.keyboard.press("Enter")
            form.get_by_label("This turn is").select_option("missing topic")
        form.get_by_label("In words").fill("check-ups")
        form.get_by_role("button", name="Save the remark").press("Enter")
        expect(page).to_have_url(re.compile(r"\?q=book#turn-1$"))
        expect(page.locator("#turn-1 .remark-list")).to_contain_text("missing topic check-ups")
        context.close()


def test_a_phone_has_the_transcript_as_a_tab_to_which_evidence_leads(chromium: Browser, busy_site: Site) -> None:
    with serving(busy_site.app) as address:
        context = chromium.new_context(viewport={"width": 360, "height": 740}, reduced_motion="reduce")
        page = context.new_page()
        page.goto(f"{address}/calls/call-1")
        expect(page.locator("#transcript")).to_be_hidden()
        page.locator("#answer-0 .evidence a").click()
        expect(page.locator("#transcript")).to_be_visible()
        expect(page.locator("#turn-1")).to_be_in_viewport()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        context.close()


def test_the_panel_beside_the_list_takes_a_note_and_stays_where_it_is(chromium: Browser, busy_site: Site) -> None:
    with serving(busy_site.app) as address:
        page = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page()
        page.goto(f"{address}/calls/call-1")
        page.evaluate("""async () => {
            document.getElementById("main").innerHTML = '<h1>Calls</h1><aside id="panel" class="panel"></aside>';
            await htmx.ajax("GET", "/calls/call-1/panel", { target: "#panel" });
        }""")
        expect(page.get_by_role("tab", name="Transcript")).to_have_attribute("aria-selected", "true")
        page.get_by_role("tab", name="Notes").click()
        page.get_by_label("A note on the call").fill("Call her back.")
        page.get_by_role("button", name="Add the note").click()
        expect(page.locator("#notes .remark-list")).to_contain_text("Call her back.")
        expect(page.locator("#notes")).to_be_visible()
        assert page.locator("h1").inner_text() == "Calls", "the page is still the list"
        page.get_by_role("link", name="Close").click()
        expect(page.locator("#panel")).to_be_empty()
        page.context.close()


@pytest.mark.parametrize("width", [1280, 360])
def test_every_tab_of_a_call_is_in_sight_however_long_the_names(chromium: Browser, site: Site, width: int) -> None:
    site.desk.hand_in(a_call("call-1", "agent: Good morning.", metrics={"N" * 400: 1}))
    fill_outbox(site.desk)
    with serving(site.app) as address:
        page = chromium.new_context(viewport={"width": width, "height": 900}).new_page()
        page.goto(f"{address}/calls/call-1")
        bar = page.locator(".tabs").bounding_box()
        tabs = page.locator(".tabs a:visible")
        assert "Outbox" in "".join(tabs.all_inner_texts())
        assert bar is not None
        for index in range(tabs.count()):
            box = tabs.nth(index).bounding_box()
            assert box is not None and box["x"] >= bar["x"] and box["x"] + box["width"] <= bar["x"] + bar["width"] + 1
        page.locator(".tabs a[href='#metrics']").click()
        value = page.locator("#metrics td").first.bounding_box()
        assert value is not None and value["x"] + value["width"] <= width
        page.context.close()
