"""The pages in a real browser, with a real worker and a scripted model behind them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.builders import NOON, Desk, a_call, a_question
from tests.web.sites import make_site, serving, working

from postcall.jobs.backoff import Backoff
from postcall.testing import Answered, ScriptedModel, answers_from

pytestmark = pytest.mark.browser

SAID = {
    "summary": "She booked a check-up.",
    "booked": Answered(
        True, evidence=[(41, "book a check-up")], confidence=0.9, reasoning="She asked and it was done."
    ),
    "mood": Answered("calm", evidence=[(1, "thank you")], confidence=0.6, reasoning="She is polite."),
}
LINES = (
    "agent: Good morning, how can I help?",
    "user: Good morning, thank you for taking my call.",
    *(
        f"{'agent' if number % 2 == 0 else 'user'}: This is turn {number} of a talkative call."
        for number in range(2, 41)
    ),
    "user: I would like to book a check-up for Tuesday.",
)


@dataclass
class Walk:
    """A served site with a worker, a model that can be told what to say, and a browser's page on it."""

    desk: Desk
    model: ScriptedModel
    page: Page
    context: BrowserContext
    address: str
    wrongs: list[str]
    """What the browser's console complains of."""

    def open(self, path: str) -> Page:
        """Go there."""
        self.page.goto(self.address + path)
        return self.page

    def hand_in(self, *names: str) -> None:
        """Calls with a transcript longer than the screen, the newest first."""
        first = len(self.desk.ids())
        for number, name in enumerate(names, first):
            at = NOON - timedelta(minutes=number)
            self.desk.hand_in(a_call(name, *LINES, started_at=at, metrics={"TRANSFERRED": True}, duration_s=65.0))


@pytest.fixture
def walk(page_desk: Desk, tmp_path: Path, chromium: Browser) -> Iterator[Walk]:
    """A site to walk through; at the end nothing may have gone wrong in the browser's console."""
    page_desk.ask(a_question("booked"), a_question("mood", "How is the caller?", "ENUM", choices=("calm", "angry")))
    wrongs: list[str] = []
    with ScriptedModel(default=answers_from(SAID)) as model:
        site = make_site(page_desk, tmp_path, model)
        quick = Backoff()
        with serving(site.app) as address, working(page_desk, site.settings, quick):
            context = chromium.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
            context.set_default_timeout(10_000)
            page = context.new_page()
            page.on("console", lambda message: wrongs.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: wrongs.append(str(error)))
            yield Walk(page_desk, model, page, context, address, wrongs)
            context.close()
    assert wrongs == []


def in_view(page: Page, turn: int) -> bool:
    """Whether a turn can be seen within the transcript."""
    return bool(
        page.evaluate(
            """number => {
                const box = document.getElementById("transcript").getBoundingClientRect();
                const place = document.getElementById(`turn-${number}`).getBoundingClientRect();
                return place.top >= box.top && place.bottom <= box.bottom;
            }""",
            turn,
        )
    )


def test_the_list_fills_while_one_looks_and_keeps_the_focus(walk: Walk) -> None:
    with walk.model.holding():
        walk.hand_in("one", "two", "three")
        page = walk.open("/calls")
        expect(page.locator("#work")).to_have_attribute("max", "3")
        link = page.locator("[id='link-two']")
        link.focus()
        link.evaluate("element => { element.kept = true }")
        page.locator("summary", has_text="Filter").evaluate("element => { element.kept = true }")
    expect(page.locator("tbody tr", has_text="answered")).to_have_count(3)
    expect(page.locator("tbody tr").first).to_contain_text("She booked a check-up.")
    expect(page.locator("#work")).to_have_count(0)
    expect(link).to_be_focused()
    assert link.evaluate("element => element.kept"), "the row was changed where it stood, not replaced"


def test_pointing_at_an_answer_lights_up_its_turn_and_brings_it_into_view(walk: Walk) -> None:
    walk.hand_in("one")
    page = walk.open("/calls")
    expect(page.locator("tbody tr")).to_contain_text("answered")
    page.locator("[id='link-one']").click()
    page.get_by_role("link", name="Full page").click()
    expect(page).to_have_url(re.compile("/calls/one$"))
    turn = page.locator("#turn-41")
    assert not in_view(page, 41)
    page.locator("#answer-0").hover(position={"x": 20, "y": 60})
    expect(turn).to_have_class(re.compile(r"\blit\b"))
    expect(turn.locator("mark.lit")).to_have_text("book a check-up")
    page.wait_for_function("document.getElementById('transcript').scrollTop > 0")
    assert in_view(page, 41)
    page.locator("#answer-1").hover(position={"x": 20, "y": 60})
    expect(page.locator("#turn-1")).to_have_class(re.compile(r"\blit\b"))
    expect(turn).not_to_have_class(re.compile(r"\blit\b"))
    page.mouse.move(5, 5)
    expect(page.locator(".turn.lit")).to_have_count(0)


def test_pressing_an_answer_keeps_its_turn_lit_until_escape(walk: Walk) -> None:
    walk.hand_in("one")
    page = walk.open("/calls/one")
    expect(page.locator("#state")).to_contain_text("answered")
    page.locator("#answer-1 .value").click()
    page.mouse.move(5, 5)
    expect(page.locator("#turn-1")).to_have_class(re.compile(r"\blit\b"))
    expect(page.locator("#answer-1 .pin")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(page.locator(".turn.lit")).to_have_count(0)
    expect(page.locator("#answer-1 .pin")).to_have_attribute("aria-pressed", "false")


def test_the_keyboard_does_what_the_mouse_does(walk: Walk) -> None:
    walk.hand_in("one")
    page = walk.open("/calls/one")
    expect(page.locator("#state")).to_contain_text("answered")
    pin = page.locator("#answer-0 .pin")
    for _ in range(30):
        page.keyboard.press("Tab")
        if pin.evaluate("element => element === document.activeElement"):
            break
    expect(pin).to_be_focused()
    expect(page.locator("#turn-41")).to_have_class(re.compile(r"\blit\b"))
    page.wait_for_function("document.getElementById('transcript').scrollTop > 0")
    assert in_view(page, 41)
    page.keyboard.press("Enter")
    expect(pin).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Tab")
    expect(page.locator("#answer-0 .evidence a")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#turn-41$"))


def test_a_failed_call_is_run_again_and_its_page_follows(walk: Walk) -> None:
    walk.model.fail(401)
    walk.hand_in("one")
    page = walk.open("/calls/one")
    expect(page.locator("#state")).to_contain_text("failed")
    expect(page.locator("#state")).to_contain_text("POSTCALL_LLM_API_KEY")
    with walk.model.holding():
        page.get_by_role("button", name="Run it again").click()
        expect(page.locator("#state")).to_contain_text(re.compile("waiting|running"))
    expect(page.locator("#state")).to_contain_text("answered")
    expect(page.locator("#answer-0 .value")).to_have_text("Yes")
    expect(page.locator("#turn-41 mark")).to_have_text("book a check-up")
    expect(page.locator(".run")).to_have_count(2)


def test_a_call_page_stops_looking_once_it_is_there(walk: Walk) -> None:
    walk.hand_in("one")
    page = walk.open("/calls/one")
    expect(page.locator("#state")).to_contain_text("answered")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(3_000)
    assert asked == []


def test_a_list_that_is_paused_stays_as_it_is(walk: Walk) -> None:
    with walk.model.holding():
        walk.hand_in("one")
        page = walk.open("/calls")
        page.get_by_role("link", name="Pause updates").click()
        expect(page.get_by_role("link", name="Keep up to date again")).to_be_visible()
        page.wait_for_load_state("networkidle")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(3_000)
    assert asked == []
    page.get_by_role("link", name="Keep up to date again").click()
    expect(page.locator("tbody tr")).to_contain_text("answered")


def test_filters_are_set_by_the_form_and_removed_by_their_chip(walk: Walk) -> None:
    walk.hand_in("one")
    walk.desk.hand_in(a_call("two", metrics={"PLAN": "gold"}))
    page = walk.open("/calls")
    page.locator("summary", has_text="Filters").click()
    page.get_by_role("button", name="Add a filter").click()
    page.get_by_label("Field or metric").select_option("metric.PLAN")
    page.get_by_label("Value", exact=True).fill("gold")
    page.get_by_role("button", name="Show", exact=True).first.click()
    expect(page).to_have_url(re.compile(r"/calls\?filters=[^&]*metric\.PLAN[^&]*gold"))
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="remove this filter").click()
    expect(page.locator("tbody tr")).to_have_count(2)


def test_a_second_filter_leaves_the_first_one_as_it_is(walk: Walk) -> None:
    walk.hand_in("one")
    page = walk.open("/calls?do=add")
    page.locator("#f-name-0").select_option("metric.TRANSFERRED")
    page.locator("#f-value-0").fill("yes")
    page.get_by_role("button", name="Add another filter").click()

    page.locator("#f-name-1").select_option("field.channel")

    expect(page.locator("#offered-1 option[value=voice]")).to_have_count(1)
    expect(page.locator("#f-name-0")).to_have_value("metric.TRANSFERRED")
    expect(page.locator("#f-value-0")).to_have_value("yes")


def test_questions_are_tried_on_a_pasted_transcript(walk: Walk) -> None:
    page = walk.open("/try")
    page.get_by_role("textbox", name="Transcript to ask about").fill(
        "Agent: Hello.\nCaller: Well, thank you, I am calm."
    )
    page.get_by_role("button", name="Remove question 2").click()
    page.get_by_role("button", name="Add another question").click()
    expect(page.locator("#q1_identifier")).to_be_focused()
    page.locator("#q1_identifier").fill("mood")
    page.locator("#q1_prompt").fill("How is the caller?")
    page.locator("#q1_type").select_option("ENUM")
    page.locator("#q1_choices").fill("calm, angry")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#answer-1 .value")).to_have_text("calm")
    page.locator("#answer-1").hover(position={"x": 20, "y": 60})
    expect(page.locator("#turn-1 mark.lit")).to_have_text("thank you")
    assert walk.desk.count() == 0


def test_enter_in_a_field_asks_rather_than_removes_a_question(walk: Walk) -> None:
    page = walk.open("/try")
    page.locator("#q0_identifier").fill("booked")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What was found")).to_be_visible()
    expect(page.locator("#q1_identifier")).to_have_value("call_reason")


def test_everything_works_without_script(walk: Walk, chromium: Browser) -> None:
    walk.model.fail(401)
    walk.hand_in("one")
    with chromium.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        page.goto(f"{walk.address}/calls")
        # The page is loaded again by itself while something is under way; here we need not wait for that.
        page.get_by_role("link", name="2 Mar 2026").click()
        for _ in range(50):
            if page.get_by_role("button", name="Run it again").is_visible():
                break
            page.wait_for_timeout(100)
            page.reload()
        page.get_by_role("button", name="Run it again").click()
        for _ in range(50):
            if page.locator("#answer-0").is_visible():
                break
            page.wait_for_timeout(100)
            page.reload()
        assert not page.locator(".pin").first.is_visible(), "a button that needs the script is not shown"
        page.locator("#answer-0 .evidence a").click()
        expect(page).to_have_url(re.compile("#turn-41$"))
        assert page.locator("#turn-41").evaluate("element => element.matches(':target')")
        assert in_view(page, 41)
        page.goto(f"{walk.address}/try")
        page.get_by_role("button", name="Ask", exact=True).click()
        assert page.get_by_role("heading", name="What was found").is_visible()


def test_the_list_fills_where_the_assets_were_not_built(walk: Walk) -> None:
    walk.context.route(
        "**/vendor/htmx*", lambda route: route.fulfill(status=200, body="", content_type="text/javascript")
    )
    with walk.model.holding():
        walk.hand_in("one")
        page = walk.open("/calls")
        assert page.evaluate("typeof htmx") == "undefined"
        link = page.locator("[id='link-one']")
        link.focus()
    expect(page.locator("tbody tr")).to_contain_text("answered")
    expect(link).to_be_focused()


def test_a_server_that_went_away_is_said(walk: Walk) -> None:
    walk.hand_in("one")
    with walk.model.holding():
        page = walk.open("/calls")
        expect(page.locator("#offline")).to_be_hidden()
        walk.context.route("**/calls*", lambda route: route.abort())
        expect(page.locator("#offline")).to_be_visible()
        walk.context.unroute("**/calls*")
        expect(page.locator("#offline")).to_be_hidden()
    assert walk.wrongs and all("ERR_FAILED" in wrong or "htmx" in wrong for wrong in walk.wrongs), walk.wrongs
    walk.wrongs.clear()
