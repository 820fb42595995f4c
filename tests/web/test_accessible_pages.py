"""Every page for every reader: axe finds nothing, in light and dark, and nothing scrolls sideways on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page
from sqlalchemy.engine import Connection
from tests.builders import NOON, Desk, a_call
from tests.runtime.project_builder import EXTRAS, a_project
from tests.web.hosted_calls import Played, a_busy_turn, play, push_bakery
from tests.web.sites import make_site, serving
from tests.web.test_pages import queue_in_every_state

from postcall.domain.audiences import Contact
from postcall.domain.calls import DisconnectionReason
from postcall.outbound.campaigns import create_campaign, start_campaign
from postcall.runtime.projects.model import Problem
from postcall.runtime.publishing import push_project
from postcall.storage.agents import find_agent_row
from postcall.storage.audiences import NewAudience, create_audience, find_audience_row
from postcall.storage.campaigns import NewCampaign
from postcall.storage.database import open_record

pytestmark = pytest.mark.browser

LONG = "Donaudampfschifffahrtsgesellschaftskapitän_" * 4
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}
LOOKS = {"wide and light": (1280, 800, "light"), "phone and dark": (360, 740, "dark")}
"""Colours do not depend on the shape nor the shape on the colours, so two looks see all of both."""
FILTERS = '{"or":[{"field":"field.channel","op":"eq","value":"voice"}]}'
PAGES = {
    "empty": "/calls?status=busy",
    "list": "/calls",
    "filtered": "/calls?agent=clinic&metric.booked=true",
    "mistaken": "/calls?since=yesterday",
    "answered": "/calls/answered",
    "pinned": "/calls/answered#answer-0",
    "failed": "/calls/failed",
    "waiting": "/calls/waiting",
    "try": "/try",
    "tried": "/try#asked",
    "missing": "/nowhere",
    "overview": "/overview?period=all",
    "dashboards": "/dashboards",
    "new dashboard": "/dashboards/new",
    "filter builder": f"/calls?filters={quote(FILTERS)}",
    "metric": "/metrics/booked?agent=clinic&period=all",
    "metrics": "/metrics?agent=clinic",
    "agents": "/agents",
    "questions": "/agents/clinic/questions",
    "hosted agent": "/agents/bakery",
    "hosted call": "/calls/ended#behind",
    "new chat": "/agents/bakery/chat",
    "chat": "/agents/bakery/chat/talk",
    "ended chat": "/agents/bakery/chat/ended",
    "project": "/agents/bakery/project",
    "archived agents": "/agents?archived=yes",
    "campaigns": "/campaigns",
    "campaign": "/campaigns#first",
    "webhooks": "/webhooks",
    "new webhook": "/webhooks/new",
    "deliveries": "/deliveries",
    "signing in": "/sign-in",
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site with a call in every state, and one with long words."""
    folder = tmp_path_factory.mktemp("accessible")
    record = open_record(f"sqlite:///{folder / 'postcall.db'}")
    desk = Desk(record)
    site = make_site(desk, folder)
    queue_in_every_state(site)
    desk.hand_in(
        a_call(
            LONG,
            f"agent: {LONG}",
            f"user: {LONG} שלום",
            metrics={LONG: [LONG, True]},
            variant=LONG,
            started_at=NOON - timedelta(days=1),
        )
    )
    problem = Problem(f"functions/{LONG}.py", 1, LONG)
    record.write(lambda c: push_project(c, desk.pk, a_project(EXTRAS), [problem], now=NOON))
    push_bakery(desk)
    record.write(lambda c: a_campaign(c, desk))
    play(desk, "talk", Played(agent="Hello."), a_busy_turn(desk, words=LONG, lines=100))
    play(desk, "ended", a_busy_turn(desk, words="רציתי לחם"), ended=DisconnectionReason.USER_HANGUP)
    with serving(site.app) as address:
        yield address
    record.close()


def a_campaign(connection: Connection, desk: Desk) -> None:
    """Of long words, and under way."""
    people = NewAudience(name=LONG, description=LONG, phone_column="phoneNumber")
    audience = create_audience(connection, desk.pk, people, [Contact("+14155550123", {"name": LONG})], now=NOON)
    agent, row = find_agent_row(connection, desk.pk, "bakery"), find_audience_row(connection, desk.pk, audience.id)
    new = NewCampaign(
        name=LONG,
        description=LONG,
        agent_pk=agent.pk,
        audience_pk=row.pk,
        audience_id=audience.id,
        audience_name=LONG,
        by=LONG,
    )
    made = create_campaign(connection, desk.pk, new, now=NOON)
    start_campaign(connection, desk.pk, made.campaign.id, by=LONG, now=NOON)


def open_page(browser: Browser, address: str, name: str, look: str) -> Page:
    """The page, as it looks after what its name says was done."""
    width, height, scheme = LOOKS[look]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(address + PAGES[name])
    if name == "tried":
        page.get_by_role("button", name="Ask", exact=True).click()
        page.get_by_role("heading", name="What was found").wait_for()
    if name == "pinned":
        page.locator("#answer-0 .pin").click()
    if name == "campaign":
        page.locator("tbody th a").first.click()
        page.get_by_role("heading", name="People").wait_for()
    if name == "filtered":
        page.locator("summary", has_text="Filter").click()
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    return page


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(chromium: Browser, address: str, name: str, look: str) -> None:
    page = open_page(chromium, address, name, look)
    found = Axe().run(page, options=RULES)
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.context.close()
    assert found.violations_count == 0, found.generate_report()
    assert wide <= LOOKS[look][0]


def test_a_call_of_long_words_fits_a_phone(chromium: Browser, address: str) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    for path in ("/calls", f"/calls/{LONG}"):
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
    context.close()
