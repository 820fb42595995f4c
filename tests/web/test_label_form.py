"""Confirming and correcting answers on a call's page."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, expect
from tests.builders import Desk, a_call, a_question, an_answer
from tests.web.sites import Site, serving

from postcall.domain.labels import Label

SAME_ORIGIN = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def labelled_site(site: Site) -> Site:
    """A site with one answered call."""
    site.desk.ask(
        a_question("booked"),
        a_question("seats", "For how many people?", "INTEGER"),
        a_question("why", "What for?", "ENUM", choices=["pain", "<b>check-up</b>"]),
        a_question("name", "Who called?", "STRING"),
    )
    site.desk.hand_in(a_call())
    site.desk.extract(
        an_answer("booked", True),
        an_answer("seats", 2, type="INTEGER"),
        an_answer("why", status="unknown", type="ENUM"),
        an_answer("name", status="invalid", type="STRING"),
    )
    return site


def press(site: Site, action: str, identifier: str, **fields: str) -> Any:
    form = {"action": action, "identifier": identifier, "index": "1", **fields}
    return site.client().post("/calls/call-1/labels", data=form, headers=SAME_ORIGIN)


def label_of(desk: Desk, identifier: str) -> Label | None:
    return next((label for label in desk.read().labels if label.identifier == identifier), None)


def test_a_correction_comes_back_to_the_answer_and_shows_who_said_so(labelled_site: Site) -> None:
    reply = press(labelled_site, "correct", "seats", value="three", who="Ana <i>", why="she said so")
    assert (reply.status_code, reply.headers["location"]) == (303, "/calls/call-1#answer-1")
    page = labelled_site.get("/calls/call-1")
    assert "Corrected: 3" in page
    assert "by Ana &lt;i&gt;, 2 Mar 2026, 12:00 UTC" in page
    assert "she said so" in page


def test_an_answer_is_confirmed_with_one_press(labelled_site: Site) -> None:
    press(labelled_site, "confirm", "booked", value="")
    label = label_of(labelled_site.desk, "booked")
    assert label is not None
    assert (label.value, label.verdict, label.who) == (True, "confirmed", None)
    assert "Confirmed</span>" in labelled_site.get("/calls/call-1")


def test_that_there_is_none_needs_no_value(labelled_site: Site) -> None:
    press(labelled_site, "none", "seats", value="7")
    label = label_of(labelled_site.desk, "seats")
    assert label is not None
    assert label.value is None
    assert "Corrected: there is none" in labelled_site.get("/calls/call-1")


def test_every_answer_has_a_form_that_fits_its_type(labelled_site: Site) -> None:
    page = labelled_site.get("/calls/call-1")
    assert page.count('action="/calls/call-1/labels"') == 4
    assert page.count("It is right</button>") == 2
    assert page.count("Right, there is none</button>") == 1, "nothing to confirm where the answer is invalid"
    assert '<option value="&lt;b&gt;check-up&lt;/b&gt;">' in page
    assert '<option value="true">Yes</option>' in page
    assert 'inputmode="numeric"' in page


def test_what_cannot_be_right_is_refused_with_a_reason_and_nothing_stored(labelled_site: Site) -> None:
    for action, fields, words in (
        ("correct", {"value": "many"}, "whole number"),
        ("correct", {"value": " "}, "say what is right"),
        ("guess", {}, "must be confirm, correct or none"),
    ):
        reply = press(labelled_site, action, "seats", **fields)
        assert reply.status_code == 400
        assert words in reply.text
    assert press(labelled_site, "confirm", "name").status_code == 409
    assert press(labelled_site, "correct", "mood", value="fine").status_code == 400
    assert labelled_site.desk.read().labels == ()


def test_another_site_cannot_label_in_somebody_s_name(labelled_site: Site) -> None:
    form = {"action": "confirm", "identifier": "booked"}
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "http://evil.example"}, {}):
        reply = labelled_site.client().post("/calls/call-1/labels", data=form, headers=headers)
        assert reply.status_code == 403
    assert labelled_site.desk.read().labels == ()


def test_a_call_without_answers_has_no_forms(site: Site) -> None:
    site.desk.ask(a_question())
    site.desk.hand_in(a_call())
    assert "call-1/labels" not in site.get("/calls/call-1")


def test_the_page_where_questions_are_tried_has_no_forms(site: Site) -> None:
    assert "Correct it" not in site.get("/try")


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False])
def test_a_person_corrects_an_answer_in_the_browser(chromium: Browser, labelled_site: Site, script: bool) -> None:
    with serving(labelled_site.app) as address:
        context = chromium.new_context(java_script_enabled=script, viewport={"width": 360, "height": 740})
        tab = context.new_page()
        tab.goto(f"{address}/calls/call-1")
        answer = tab.locator("#answer-2")
        answer.get_by_text("Right or wrong?").click()
        answer.get_by_label("What is right").select_option("pain")
        answer.get_by_label("Your name").fill("Ana")
        if script:
            assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
            found = Axe().run(tab)
            assert found.violations_count == 0, found.generate_report()
        answer.get_by_role("button", name="Correct it").click()
        expect(tab.locator("#answer-2")).to_contain_text("Corrected: pain")
        expect(tab.locator("#answer-2")).to_contain_text("by Ana")
        context.close()
