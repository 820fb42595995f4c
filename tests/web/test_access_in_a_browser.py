"""Keys, the audit log, what others see, and exports: made in a browser, and for every reader."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect
from tests.builders import Desk, a_call
from tests.web.sites import make_site, serving
from tests.web.test_accessible_pages import LONG, LOOKS, RULES

from postcall.domain.audit import Action, Actor, ActorKind, AuditEntry
from postcall.domain.exports import ExportWanted
from postcall.domain.keys import Scope
from postcall.storage.audit import add_audit
from postcall.storage.database import open_record
from postcall.storage.exports import fail_export, queue_export, take_up_export
from postcall.storage.keys import create_key, revoke_key

pytestmark = pytest.mark.browser
NAME = LONG[:100]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, str]]:
    """A site with long words everywhere; its address, a key's and an export's id."""
    folder = tmp_path_factory.mktemp("access")
    record = open_record(f"sqlite:///{folder / 'postcall.db'}")
    desk = Desk(record)
    site = make_site(desk, folder)
    desk.hand_in(a_call(NAME, metrics={LONG: LONG}))
    key_id = make_keys(desk)
    actor = Actor(ActorKind.KEY, key_id, NAME)
    entry = AuditEntry(actor, Action.REFUSED, "call", f"GET /{LONG}", subject=LONG, agent=LONG, status=403)
    record.write(lambda c: add_audit(c, desk.pk, entry, now=desk.clock()))
    with serving(site.app) as at:
        yield at, key_id, make_exports(desk)
    record.close()


def make_keys(desk: Desk) -> str:
    now, ids = desk.clock(), []
    for agents in (["clinic"], None):
        made = desk.record.write(
            lambda c, agents=agents: create_key(  # type: ignore[misc]
                c,
                desk.account,
                name=NAME,
                scopes=frozenset(Scope) - {Scope.ADMIN},
                expires_at=now + timedelta(days=1),
                now=now,
                agents=agents,
                per_minute=1_000_000,
                created_by=LONG,
            )
        )
        ids.append(made.key.id)
    desk.record.write(lambda c: revoke_key(c, desk.account, ids[0], now=now))
    return ids[1]


def make_exports(desk: Desk) -> str:
    now = desk.clock()
    failed, waiting = (
        desk.record.write(lambda c: queue_export(c, desk.pk, ExportWanted(), by=LONG, now=now)) for _ in range(2)
    )
    desk.record.write(lambda c: take_up_export(c, failed.id, now=now))
    desk.record.write(lambda c: fail_export(c, failed.id, LONG, now=now))
    return waiting.id


def look_at(browser: Browser, look: str) -> Page:
    width, height, scheme = LOOKS[look]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    return context.new_page()


@pytest.mark.parametrize("look", LOOKS)
def test_the_pages_are_accessible_and_fit_a_phone(chromium: Browser, address: tuple[str, str, str], look: str) -> None:
    at, key, export = address
    page = look_at(chromium, look)
    for path in (
        "/keys", "/keys/new", f"/keys/{key}", f"/keys/{key}/revoke", "/audit", "/audit?since=x", "/agents/clinic/api",
        "/exports", f"/exports/{export}", f"/exports/{export}/delete",
    ):  # fmt: skip
        page.goto(at + path)
        page.evaluate("for (const each of document.querySelectorAll('main details')) each.open = true")
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0, f"{path} scrolls sideways by {width}"
    page.context.close()


def test_somebody_makes_a_key_copies_it_and_revokes_it(chromium: Browser, address: tuple[str, str, str]) -> None:
    at, _, _ = address
    page = look_at(chromium, next(iter(LOOKS)))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(at + "/keys")
    page.get_by_role("link", name="New key").first.click()
    page.get_by_label("Name").fill("The shop")
    page.get_by_role("checkbox", name="Write", exact=False).first.check()
    page.get_by_role("button", name="Make the key").click()
    secret = page.get_by_label("The key").input_value()
    assert secret.startswith("pc_")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    page.get_by_role("link", name="I have kept it").click()
    assert secret not in page.content()
    page.get_by_role("link", name="The shop").click()
    page.get_by_role("link", name="Revoke").click()
    page.get_by_role("button", name="Revoke at once").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("API keys")
    expect(page.get_by_role("link", name="The shop")).to_be_hidden()
    page.context.close()


def test_ticking_an_agent_or_a_metric_chooses_those_ticked(chromium: Browser, address: tuple[str, str, str]) -> None:
    at, _, _ = address
    page = look_at(chromium, next(iter(LOOKS)))
    for path, name in (("/keys/new", "agent"), ("/agents/clinic/api", "metric")):
        page.goto(at + path)
        page.get_by_label("All, also those to come").check()
        page.locator(f"input[name={name}]").first.check()
        expect(page.get_by_label("Only those ticked here")).to_be_checked()
    page.context.close()


def test_the_preview_follows_the_form(chromium: Browser, address: tuple[str, str, str]) -> None:
    at, _, _ = address
    page = look_at(chromium, next(iter(LOOKS)))
    page.goto(at + "/agents/clinic/api")
    preview = page.locator("#preview")
    expect(preview).to_contain_text('"user_input"')
    page.get_by_label("Show the turns of conversations").uncheck()
    expect(preview).to_contain_text('"turns": []')
    page.get_by_label("Only those ticked here").check()
    expect(preview).to_contain_text('"metrics": {}')
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    expect(preview).to_contain_text('"turns": []')
    page.context.close()
