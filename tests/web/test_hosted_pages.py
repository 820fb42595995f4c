"""What the pages show of calls that postcall hosts, and to whom."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from tests.builders import Desk, a_call
from tests.web.hosted_calls import Played, a_busy_turn, an_event, play, push_bakery
from tests.web.sites import Site
from tests.web.visitors import OURS, add, sign_in, signed_in, visitor

from postcall.domain.calls import DisconnectionReason
from postcall.domain.conversations import EventKind
from postcall.domain.people import Role

CHAT = "/agents/bakery/chat/call-1"
CARD = "card 4111 1111"
SAME_ORIGIN = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def hosting(site: Site) -> Site:
    """A site with the agent and one call that goes on."""
    push_bakery(site.desk)
    play(site.desk, "call-1", Played(agent="Hello."), a_busy_turn(site.desk))
    return site


@pytest.mark.parametrize("path", [CHAT, "/calls/call-1", "/calls/call-1/panel"])
def test_all_that_happened_stands_behind_the_words(hosting: Site, path: str) -> None:
    page = hosting.client().get(path, headers={"hx-request": "true"} if path.endswith("panel") else {}).text
    for words in (
        "start_order(what=&#34;loaf&#34;)",
        "35 ms",
        "tiny; first words after 200 ms; 90 + 12 tokens; offered start_order, loaf",
        "loaf (0.71)",
        "Order › loaf",
        "size = loaf",
        "must be small or large",
        "low on loaf",
        "there is no step loaf",
        "variant = loaf",
        "sms to +15550100",
        "stopped: took too long",
        "TimeoutError: loaf",
        "functions/take_2.py",
        "UNHEARD_OF = loaf",
        "answered after 0.25 s",
    ):
        assert words in page, words
    assert '<del dir="auto">loaf</del>' in page and '<ins dir="auto">loaf!</ins>' in page
    assert '<span class="sr">removed </span><code>old</code>' in page


def test_the_newest_turn_is_first(hosting: Site) -> None:
    play(
        hosting.desk, "call-2", a_busy_turn(hosting.desk), a_busy_turn(hosting.desk), ended=DisconnectionReason.TIMEOUT
    )
    page = hosting.get("/agents/bakery/chat/call-2")
    assert page.index('id="behind-1"') < page.index('id="behind-0"')
    assert "nothing was said for too long" in page


def test_personal_data_is_hidden_from_who_may_not_see_it(hosting: Site) -> None:
    for role, sees in ((Role.ADMIN, True), (Role.EDITOR, False), (Role.READER, False)):
        client = signed_in(hosting, role)
        for path in (CHAT, "/calls/call-1", "/calls/call-1.json"):
            text = client.get(path).text
            assert (CARD in text, "hidden: personal data" in text) == (sees, not sees), (role, path)


def test_a_reader_may_look_at_a_chat_and_not_speak_in_it(hosting: Site) -> None:
    reader = signed_in(hosting, Role.READER)
    page = reader.get(CHAT).text
    assert "start_order" in page
    assert "<textarea" not in page and "Hang up" not in page
    assert "Your role reads only" in page and "Your role reads only" in reader.get("/agents/bakery/chat").text
    for path, form in ((CHAT, {"message": "Hello?"}), (CHAT, {"act": "hang_up"}), ("/agents/bakery/chat", {})):
        assert reader.post(path, data=form, headers=OURS).status_code == 403
    assert len(hosting.desk.read().turns) == 3


def test_another_site_cannot_have_something_said(hosting: Site) -> None:
    for path in (CHAT, "/agents/bakery/chat"):
        reply = hosting.client().post(path, data={"message": "Hi"}, headers={"sec-fetch-site": "cross-site"})
        assert reply.status_code == 403


def another_account(hosting: Site) -> TestClient:
    """Its administrator."""
    other = replace(hosting, desk=Desk(hosting.desk.record, hosting.desk.clock, account="other"))
    push_bakery(other.desk)
    client = visitor(other)
    sign_in(client, add(other, Role.ADMIN).email)
    return client


def test_another_accounts_chat_is_not_there(hosting: Site) -> None:
    client = another_account(hosting)
    assert client.get("/agents/bakery/chat").status_code == 200, "an agent of the same name of its own"
    assert client.get(CHAT).status_code == 404
    assert client.post(CHAT, data={"message": "Hi"}, headers=OURS).status_code == 404
    assert client.get("/agents/bakery.json").json()["hosting"]["failed_functions"] == []


def test_a_chat_is_found_only_under_its_own_agent_and_only_where_it_is_hosted(hosting: Site) -> None:
    hosting.desk.hand_in(a_call("elsewhere", agent="clinic"))
    for path in ("/agents/clinic/chat/call-1", "/agents/clinic/chat/elsewhere", "/agents/bakery/chat/nobody"):
        assert hosting.client().get(path).status_code == 404
        assert hosting.client().post(path, data={"message": "Hi"}, headers=SAME_ORIGIN).status_code == 404


def test_an_agent_without_a_project_says_what_to_do(site: Site) -> None:
    site.desk.hand_in(a_call("elsewhere", agent="clinic"))
    assert "postcall agents push DIR" in site.get("/agents/clinic/chat")
    assert site.client().post("/agents/clinic/chat", data={}, headers=SAME_ORIGIN).status_code == 409
    assert "Chat with it" not in site.get("/agents/clinic")
    assert "takes none itself" in site.get("/agents/clinic")
    assert json.loads(site.get("/agents/clinic.json"))["hosting"]["hosted"] is False


def test_without_a_model_the_chat_says_so(hosting: Site) -> None:
    for path in ("/agents/bakery/chat", CHAT):
        assert "POSTCALL_LLM_BASE_URL" in hosting.get(path).partition("<footer")[0]


def test_who_has_seen_everything_is_sent_nothing_again(hosting: Site) -> None:
    client = hosting.client()
    seen = client.get(CHAT).text.partition("?seen=")[2].partition('"')[0]
    asking = {"hx-request": "true"}
    assert client.get(f"{CHAT}?seen={seen}", headers=asking).status_code == 204
    assert client.get(f"{CHAT}?seen=other", headers=asking).status_code == 200
    assert client.get(f"{CHAT}?seen={seen}").status_code == 200


def test_a_call_from_elsewhere_has_nothing_behind_it(site: Site) -> None:
    site.desk.hand_in(a_call("call-1"))
    assert "Behind it" not in site.get("/calls/call-1")
    shown = json.loads(site.get("/calls/call-1.json"))
    assert (shown["events"], shown["state"]) == (None, None)


def test_the_json_of_a_hosted_calls_page_has_its_events_and_state(hosting: Site) -> None:
    shown = json.loads(hosting.get("/calls/call-1.json"))
    assert [event["kind"] for event in shown["events"]][:3] == ["model", "topics", "step"]
    assert shown["state"] == {"orders": 1, "loaf": "loaf!"}


def test_the_agents_page_counts_the_functions_that_failed_in_seven_days(hosting: Site) -> None:
    clock = hosting.desk.clock
    old = an_event(clock() - timedelta(days=8), EventKind.FUNCTION, name="long_ago", failed=True)
    fell = an_event(clock(), EventKind.FUNCTION, name="end_function", kind="end", failed=True)
    broke = an_event(clock(), EventKind.WARNING, message="the turn broke off", failed=True)
    play(hosting.desk, "call-2", Played(events=[old, fell, broke]), a_busy_turn(hosting.desk))
    failed = json.loads(hosting.get("/agents/bakery.json"))["hosting"]["failed_functions"]
    assert [(each["name"], each["times"], each["last_call"]) for each in failed] == [
        ("broken", 2, "call-2"),
        ("end_function", 1, "call-2"),
    ]
    page = hosting.get("/agents/bakery")
    assert "broken" in page and "2 times" in page and 'href="/calls/call-2#behind"' in page
    assert 'href="/agents/bakery/chat"' in page and 'href="/agents/bakery/project"' in page


def test_the_list_of_agents_leads_to_their_chats(hosting: Site) -> None:
    hosting.desk.hand_in(a_call("elsewhere", agent="clinic"))
    page = hosting.get("/agents")
    assert 'href="/agents/bakery/chat"' in page
    assert 'href="/agents/clinic/chat"' not in page


def test_a_metric_that_a_hosted_call_writes_and_nobody_defined_is_listed_as_undeclared(hosting: Site) -> None:
    (metric,) = [
        each
        for each in json.loads(hosting.get("/metrics.json?agent=bakery"))["metrics"]
        if each["name"] == "UNHEARD_OF"
    ]
    assert "undeclared" in json.dumps(metric)


def test_of_a_long_chat_the_newest_turns_are_shown_and_the_call_has_all(hosting: Site) -> None:
    turns = [Played(f"Turn {n}.", "Yes.", [an_event(hosting.desk.clock(), EventKind.MODEL)]) for n in range(40)]
    play(hosting.desk, "long", *turns)
    page = hosting.get("/agents/bakery/chat/long")
    assert 'id="behind-39"' in page and 'id="behind-9"' not in page
    assert "The 10 turns before these" in page
    assert 'id="behind-0"' in hosting.get("/calls/long")


def test_an_empty_call_says_so(hosting: Site) -> None:
    play(hosting.desk, "empty")
    page = hosting.get("/agents/bakery/chat/empty")
    assert "Nothing has been said yet." in page
    assert "Nothing has happened behind the words yet." in page
    assert "Nothing is set." in page
