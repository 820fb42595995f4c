"""Signing in as people do: in a browser on another machine, without script too, and by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.builders import Desk, a_call
from tests.web.sites import make_site, serving
from tests.web.test_accessible_pages import RULES
from tests.web.visitors import PASSWORD, add

from postcall.domain.people import Role

pytestmark = pytest.mark.browser
NAME = "postcall.test"
"""Leads to this machine, as the browser is told, and is not a loopback name."""


@pytest.fixture
def address(page_desk: Desk, tmp_path: Path) -> Iterator[str]:
    """A site with a call, an editor and a reader."""
    site = make_site(page_desk, tmp_path)
    page_desk.hand_in(a_call("call-1"))
    page_desk.extract()
    add(site, Role.EDITOR)
    add(site, Role.READER)
    with serving(site.app) as local:
        yield local.replace("127.0.0.1", NAME)


def browse(browser: Browser, *, script: bool = True) -> tuple[BrowserContext, Page]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=script)
    context.set_default_timeout(10_000)
    return context, context.new_page()


def fill_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_from_another_machine_one_signs_in_works_and_signs_out(chromium: Browser, address: str, script: bool) -> None:
    context, page = browse(chromium, script=script)
    page.goto(f"{address}/calls/call-1")
    expect(page).to_have_url(re.compile(r"/sign-in\?next=%2Fcalls%2Fcall-1$"))
    fill_in(page, "editor@clinic.example", "wrong password")
    expect(page.get_by_role("alert")).to_contain_text("no user with this e-mail address and password")
    expect(page.get_by_label("E-mail address")).to_have_value("editor@clinic.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/calls/call-1$"))
    expect(page.get_by_role("banner")).to_contain_text("Editor")
    with page.expect_response(lambda reply: reply.request.method == "POST") as posted:
        page.locator("main form[method=post] button").first.click()
    assert posted.value.status == 303, "the browser's own form is no forgery"
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/sign-in"))
    assert context.cookies() == []
    page.goto(f"{address}/calls")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    context.close()


def test_the_form_and_the_header_are_for_every_reader(chromium: Browser, address: str) -> None:
    context, page = browse(chromium)
    for step in ("form", "mistake", "signed in"):
        if step == "form":
            page.goto(f"{address}/sign-in")
        else:
            fill_in(page, "reader@clinic.example", PASSWORD if step == "signed in" else "wrong password")
            page.get_by_role("button", name="Sign out" if step == "signed in" else "Sign in").wait_for()
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()
