"""Somebody chats with a hosted agent in a browser, and watches what happens behind its words."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.web.hosted_site import HostedSite, hosted_site

pytestmark = pytest.mark.browser
SOON = 1_000
"""Milliseconds within which everything is to be seen."""


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostedSite]:
    with hosted_site(tmp_path_factory.mktemp("hosted")) as site:
        yield site


@pytest.fixture
def chat(chromium: Browser, hosted: HostedSite) -> Iterator[Page]:
    """A chat that has begun."""
    page = chromium.new_context(viewport={"width": 1280, "height": 860}).new_page()
    page.set_default_timeout(10_000)
    wrongs: list[str] = []
    page.on("console", lambda message: wrongs.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrongs.append(str(error)))
    begin(page, hosted)
    yield page
    page.context.close()
    assert wrongs == []


def begin(page: Page, hosted: HostedSite) -> None:
    page.goto(f"{hosted.address}/agents/bakery/chat")
    page.get_by_role("button", name="Start the chat").click()
    expect(page.locator("#said .bubble.agent")).to_contain_text("Corner Bakery, how can I help?")


def say(page: Page, words: str) -> None:
    page.get_by_label("What you say").fill(words)
    page.keyboard.press("Enter")


def test_what_is_said_is_answered_and_what_it_changed_stands_beside_it(chat: Page) -> None:
    say(chat, "A loaf, please.")
    expect(chat.locator("#said .bubble.user")).to_contain_text("A loaf, please.")
    expect(chat.locator("#said .bubble").last).to_contain_text("One loaf.")
    expect(chat.get_by_label("What you say")).to_be_focused()
    first = chat.locator("#behind-1")
    expect(first).to_contain_text('start_order(what="loaf")')
    expect(first).to_contain_text(re.compile(r"\d+ \+ \d+ tokens"))
    expect(first).to_contain_text("low on flour")
    expect(first.locator(".changes li").first).to_contain_text(re.compile(r"orders\s+1"))
    expect(first).to_contain_text("PIECES = many")
    expect(first).to_contain_text("does not fit its definition")
    say(chat, "Another loaf.")
    change = chat.locator("#behind-2").locator(".changes li").first
    expect(change.locator("del")).to_have_text("1")
    expect(change.locator("ins")).to_have_text("2")
    expect(chat.locator("[data-pending] li")).to_have_count(0)


def test_shift_enter_begins_a_new_line_and_nothing_is_sent(chat: Page) -> None:
    chat.get_by_label("What you say").fill("One")
    chat.keyboard.press("Shift+Enter")
    chat.keyboard.type("two")
    expect(chat.get_by_label("What you say")).to_have_value("One\ntwo")
    expect(chat.locator("#said .bubble.user")).to_have_count(0)


def test_a_metric_shows_while_its_function_still_runs_and_nobody_is_disturbed_who_types(chat: Page) -> None:
    say(chat, "Now slowly.")
    sent = time.monotonic()
    expect(chat.locator("#behind-1")).to_contain_text("EARLY = yes", timeout=2 * SOON)
    assert time.monotonic() - sent < 2.5, "the function sleeps longer"
    expect(chat.locator("#said")).not_to_contain_text("At last.")
    expect(chat.locator("[data-pending]")).to_contain_text("Now slowly.")
    chat.keyboard.type("And then")
    expect(chat.locator("#said .bubble").last).to_contain_text("At last.")
    chat.keyboard.type(" this.")
    expect(chat.get_by_label("What you say")).to_have_value("And then this.")
    expect(chat.locator("[data-pending] li")).to_have_count(0)


def test_what_is_sent_while_a_turn_runs_is_answered_after_it(chat: Page) -> None:
    say(chat, "Now slowly.")
    say(chat, "And a loaf.")
    expect(chat.locator("#said .bubble").last).to_contain_text("One loaf.")
    assert [text.split("\n")[-1] for text in chat.locator("#said .bubble").all_inner_texts()[1:]] == [
        "Now slowly.", "At last.", "And a loaf.", "One loaf."
    ]  # fmt: skip


def test_a_failed_function_shows_where_and_what_was_opened_stays_open(chat: Page) -> None:
    say(chat, "Please break.")
    failed = chat.locator("#behind-1 .happening", has_text="broken()")
    expect(failed).to_contain_text("failed")
    expect(failed).to_contain_text("AttributeError")
    failed.locator("summary").click()
    expect(failed.locator(".trace")).to_contain_text("functions/broken.py")
    say(chat, "A loaf.")
    expect(chat.locator("#behind-2")).to_contain_text("start_order")
    expect(failed.locator(".trace")).to_be_visible()


def test_hanging_up_shows_what_end_function_wrote_without_a_hand(chat: Page) -> None:
    say(chat, "A loaf.")
    expect(chat.locator("#said .bubble").last).to_contain_text("One loaf.")
    chat.get_by_role("button", name="Hang up").click()
    expect(chat.locator("#chat-ended")).to_have_text("The conversation has ended: the user hung up.")
    expect(chat.locator("#behind-end")).to_contain_text("ORDERED = true")
    expect(chat.locator(".end-line")).to_contain_text(re.compile(r"finished in \d+ ms"))
    expect(chat.get_by_label("What you say")).to_have_count(0)
    chat.get_by_role("link", name="The whole call").click()
    chat.get_by_role("tab", name="Behind it").click()
    expect(chat.locator("#behind")).to_contain_text("ORDERED = true")
    expect(chat.locator("#behind")).to_contain_text("finished in")
    expect(chat.get_by_role("tab", name="Behind it")).to_contain_text("1 problem")


def test_an_end_function_that_fails_says_why(chat: Page) -> None:
    say(chat, "Some trouble, please.")
    expect(chat.locator("#said .bubble").last).to_contain_text("One trouble.")
    chat.get_by_role("button", name="Hang up").click()
    expect(chat.locator(".end-line")).to_contain_text("ValueError: the till is shut")
    expect(chat.locator("#behind-end .trace")).to_contain_text("functions/end_function.py")


def test_a_handoff_ends_the_chat_and_names_its_destination(chat: Page) -> None:
    say(chat, "I want a person.")
    ended = "The conversation has ended: handed off to Front desk (wants a person)."
    expect(chat.locator("#chat-ended")).to_have_text(ended)
    expect(chat.locator("#chat-ended")).to_be_focused()


def test_what_are_no_keys_is_refused_in_words_and_kept_to_be_mended(chat: Page) -> None:
    chat.get_by_label("What you say").fill("12x")
    chat.get_by_role("button", name="Press as keys").click()
    expect(chat.get_by_role("alert").filter(visible=True)).to_contain_text("keys are the digits")
    expect(chat.get_by_label("What you say")).to_have_value("12x")
    chat.get_by_label("What you say").fill("12#")
    chat.get_by_role("button", name="Press as keys").click()
    expect(chat.locator("#said .bubble.user")).to_contain_text("12#")
    chat.get_by_role("button", name="Stay silent").click()
    expect(chat.locator("#said .bubble.agent")).to_have_count(3)


def test_without_script_a_chat_goes_by_its_form(chromium: Browser, hosted: HostedSite) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    begin(page, hosted)
    page.get_by_label("What you say").fill("A loaf, please.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#said .bubble").last).to_contain_text("One loaf.")
    expect(page.locator("#behind-1")).to_contain_text("start_order")
    page.get_by_role("button", name="Hang up").click()
    expect(page.locator("#chat-ended")).to_contain_text("the user hung up")
    expect(page.locator("#behind-end")).to_contain_text("ORDERED = true")  # the page loads itself again until then
    context.close()


def test_hanging_up_needs_not_wait_for_the_agents_turn(chat: Page) -> None:
    say(chat, "Now slowly.")
    expect(chat.locator("#behind-1")).to_contain_text("EARLY = yes")
    chat.get_by_role("button", name="Hang up").click()
    expect(chat.locator("#chat-ended")).to_contain_text("the user hung up")
    expect(chat.locator(".say-it")).to_have_count(0)


def test_a_call_that_goes_on_keeps_its_page_up_to_date(chromium: Browser, hosted: HostedSite, chat: Page) -> None:
    call = chat.context.new_page()
    call.goto(hosted.address + str(chat.get_by_role("link", name="The call").get_attribute("href")))
    call.get_by_role("tab", name="Behind it").click()
    say(chat, "A loaf, please.")
    expect(call.locator("#behind-1")).to_contain_text("start_order")
    expect(call.locator("#transcript")).to_contain_text("One loaf.")


def test_the_form_stays_in_sight_while_messages_wait(chat: Page) -> None:
    for words in ("A loaf, please.", "Now slowly.", "And a loaf after that.\nIt is for later.", "A loaf.\n\n\nOr two."):
        say(chat, words)
    expect(chat.locator("[data-pending] li").first).to_be_visible()
    expect(chat.get_by_role("button", name="Hang up")).to_be_in_viewport(ratio=1)
    expect(chat.get_by_role("button", name="Send")).to_be_in_viewport(ratio=1)
    expect(chat.locator("#said .bubble").last).to_contain_text("One loaf.")
