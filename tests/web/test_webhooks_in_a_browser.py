"""A webhook from the empty page to a delivery, as somebody does it; and its pages for every reader."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect
from tests.builders import Desk, a_call
from tests.web.sites import make_site, serving
from tests.web.test_accessible_pages import LONG, LOOKS, RULES

from postcall.configure.sealing import sealer_for
from postcall.configure.webhooks import make_webhook
from postcall.domain.webhooks import CallMoment, DeliveryState, WebhookFormat
from postcall.storage.database import open_record
from postcall.storage.delivery_log import DeliveryFilter, list_deliveries
from postcall.storage.webhook_schema import deliveries, delivery_attempts

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Desk, str, str]]:
    """A site with a webhook whose one delivery was given up, with long words everywhere."""
    folder = tmp_path_factory.mktemp("webhooks")
    record = open_record(f"sqlite:///{folder / 'postcall.db'}")
    desk = Desk(record)
    site = make_site(desk, folder)
    made = record.write(
        lambda c: make_webhook(
            c,
            sealer_for(site.settings),
            desk.pk,
            url=f"https://crm.example/{'calls' * 30}",
            description=LONG,
            format=WebhookFormat.ATOMS,
            wanted=[(None, moment) for moment in list(CallMoment)[:3]],
            now=desk.clock(),
        )
    )
    desk.hand_in(a_call(LONG[:100]))
    record.write(lambda c: give_up(c))
    [delivery] = record.read(lambda c: list_deliveries(c, desk.pk, DeliveryFilter())).deliveries
    with serving(site.app) as at:
        yield at, desk, made.id, delivery.id
    record.close()


def give_up(connection: sa.Connection) -> None:
    [row] = connection.execute(sa.select(deliveries)).all()
    body = '{"words": "' + LONG + '"}'
    connection.execute(
        sa.update(deliveries).values(
            state=DeliveryState.DEAD.value, attempts=1, status=503, error=LONG, latency_ms=9, body=body
        )
    )
    connection.execute(
        sa.insert(delivery_attempts).values(
            delivery_pk=row.pk, number=1, at=row.created_at, status=503, error=LONG, latency_ms=9, answer=LONG
        )
    )


def look_at(browser: Browser, look: str) -> Page:
    width, height, scheme = LOOKS[look]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    return context.new_page()


@pytest.mark.parametrize("look", LOOKS)
def test_the_pages_are_accessible_and_fit_a_phone(
    chromium: Browser, address: tuple[str, Desk, str, str], look: str
) -> None:
    at, _, webhook, delivery = address
    page = look_at(chromium, look)
    paths = ("/webhooks", "/webhooks/new", f"/webhooks/{webhook}", f"/webhooks/{webhook}/delete")
    for path in (*paths, "/deliveries", f"/deliveries/{delivery}", f"/calls/{LONG[:100]}#deliveries"):
        page.goto(at + path)
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0, f"{path} scrolls sideways by {width}"
    page.context.close()


def test_somebody_makes_one_sees_its_secret_and_sends_a_test(
    chromium: Browser, address: tuple[str, Desk, str, str]
) -> None:
    at, desk, _, _ = address
    page = look_at(chromium, next(iter(LOOKS)))
    page.goto(at + "/webhooks")
    page.get_by_role("link", name="New webhook").click()
    page.get_by_label("Address").fill("https://shop.example/hook")
    page.get_by_role("checkbox", name="Every agent: a call has ended").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("https://shop.example/hook")
    page.get_by_role("button", name="Show the secret").click()
    assert len(page.locator("#secret").inner_text()) == 64
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Delivery: test")
    desk.hand_in(a_call("another"))
    page.get_by_role("link", name="https://shop.example/hook").click()
    page.get_by_role("link", name="On their way").click()
    expect(page.get_by_role("link", name="another")).to_be_visible()
    page.context.close()
