"""Metrics in a real browser: from a name in calls to a definition, and pages that everybody can read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect
from tests.builders import AGENT, NOON, Desk, a_call, a_question, an_answer
from tests.web.sites import make_site, serving

from postcall.domain.metrics import MetricType
from postcall.storage.database import open_record
from postcall.storage.metric_definitions import NewMetric, define_metric

pytestmark = pytest.mark.browser

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}
LOOKS = {"wide and light": (1280, 800, "light"), "phone and dark": (360, 740, "dark")}
QUERY = f"?agent={AGENT}"
PAGES = (
    f"/metrics{QUERY}",
    f"/metrics/OUTCOME{QUERY}",
    f"/metrics/CSAT_SCORE{QUERY}",
    f"/metrics/booked{QUERY}&period=last_30_days",
    f"/metric-form{QUERY}&name=OUTCOME",
    f"/metric-form{QUERY}&name=CSAT_SCORE",
    f"/metrics-import{QUERY}",
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A clinic with sixty calls, two defined metrics and two undeclared ones."""
    folder: Path = tmp_path_factory.mktemp("metrics")
    record = open_record(f"sqlite:///{folder / 'postcall.db'}")
    desk = Desk(record)
    desk.ask(a_question())
    for name, kind, said in (
        ("CSAT_SCORE", MetricType.INTEGER, "From 1 to 5, as the caller says it when asked at the end."),
        ("bookingConfirmed", MetricType.BOOLEAN, "Booking confirmed"),
    ):
        metric = NewMetric(name, kind, (), said)
        record.write(lambda c, metric=metric: define_metric(c, desk.pk, AGENT, metric, now=desk.clock()))  # type: ignore[misc]
    for index in range(60):
        written = {"OUTCOME": ("booked", "booked", "left")[index % 3], "CSAT_SCORE": 1 + index % 5}
        if index % 7 == 0:
            written["CSAT_SCROE"] = 4
        desk.hand_in(
            a_call(
                f"call-{index}",
                started_at=NOON - timedelta(hours=2 + 3 * index),
                metrics={**written, "bookingConfirmed": index % 3 == 0},
            )
        )
        if index < 20:
            desk.extract(an_answer(value=index % 3 == 0))
    with serving(make_site(desk, folder).app) as served:
        yield served
    record.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page that fails the test where its console complains."""
    context = chromium.new_context()
    opened = context.new_page()
    wrongs: list[str] = []
    opened.on("console", lambda message: wrongs.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: wrongs.append(str(error)))
    yield opened
    context.close()
    assert wrongs == []


@pytest.mark.parametrize("look", LOOKS)
def test_the_pages_can_be_read_by_everybody(chromium: Browser, address: str, look: str) -> None:
    width, height, colours = LOOKS[look]
    context = chromium.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if colours == "dark" else "light",
        bypass_csp=True,  # for axe, which is put into the page
    )
    opened = context.new_page()
    for path in PAGES:
        opened.goto(address + path)
        opened.wait_for_load_state("networkidle")
        found = Axe().run(opened, options=RULES).response["violations"]
        told = [(each["id"], [node["target"] for node in each["nodes"]]) for each in found]
        assert told == [], path
        assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    context.close()


def test_a_name_seen_in_calls_becomes_a_definition_with_two_presses(page: Page, address: str) -> None:
    page.goto(f"{address}/metrics{QUERY}")
    page.get_by_role("link", name="Define OUTCOME", exact=True).click()
    expect(page.get_by_label("Type")).to_have_value("string")
    expect(page.get_by_label("Expected values, of a string")).to_have_value("booked\nleft")
    page.get_by_label("Definition").fill("How it ended; written once at the end of every call.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("The metric is defined")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="OUTCOME", exact=True))
    expect(row).to_contain_text("How it ended")
    expect(row).not_to_contain_text("undeclared")
    row.get_by_role("link", name="OUTCOME", exact=True).click()
    expect(page.get_by_role("heading", name="OUTCOME")).to_be_visible()
    expect(page.get_by_role("table").first).to_contain_text("booked")
