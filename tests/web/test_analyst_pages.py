"""The pages of the analyst: asking, what an answer shows, going on, choosing a reading, pinning, and forgetting."""

from __future__ import annotations

import html
import json
import re
import time
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from tests.builders import a_call
from tests.live_server import wait_until
from tests.web.scripted_analyst import BY_CHANNEL, ScriptedAnalyst
from tests.web.sites import Site, serving
from tests.web.visitors import OURS, signed_in, visitor

from postcall.analyst.understood_format import write_understood
from postcall.domain.analysis import Basis, QuestionKind, Understood
from postcall.domain.calls import Channel
from postcall.domain.keys import Scope
from postcall.domain.people import Role
from postcall.domain.queries import All, Condition, Measure, MeasureKind, Operator, Query
from postcall.storage.dashboards import list_dashboards
from postcall.web import words

TOKYO = ZoneInfo("Asia/Tokyo")
SAME_ORIGIN = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def analyst(site: Site) -> ScriptedAnalyst:
    """Two calls of two channels, and who counts them."""
    site.desk.hand_in(a_call("first", "user: Hello.", channel=Channel.VOICE))
    site.desk.hand_in(a_call("second", channel=Channel.SMS))
    scripted = ScriptedAnalyst(site.app.state.services, site.app.state.reports)
    site.app.state.analyst = scripted
    return scripted


def ask(site: Site, question: str = "How many calls, please?", **fields: str) -> str:
    """The address of the answer, once it is there."""
    # A real server: an answer may take longer than the request that asked for it.
    with serving(site.app) as address, httpx.Client(base_url=address, headers=SAME_ORIGIN) as client:
        reply = client.post("/analyst", data={"question": question, **fields})
        assert reply.status_code == 303, reply.text
        here = str(reply.headers["location"])
        while here.startswith("/analyst/asked/"):
            reply = client.get(here)
            if reply.status_code == 303:
                here = str(reply.headers["location"])
            elif "data-every" not in reply.text:
                break
            else:
                time.sleep(0.02)
    return here.partition("#")[0]


def reading_in(page: str) -> str:
    """What the first form of a page sends back as the reading."""
    return html.unescape(re.findall(r'name="reading" value="([^"]+)"', page)[0])


def test_the_first_page_says_what_can_be_asked(site: Site) -> None:
    assert "No calls yet" in site.get("/analyst") and 'name="example"' not in site.get("/analyst")
    site.desk.hand_in(a_call("first", metrics={"ORDER_PLACED": [True], "call_reason": ["refund"]}))
    page = site.get("/analyst")
    assert "order placed" in page and "call reason" in page and "Asked before" not in page
    assert 'href="/analyst" aria-current="page"' in page


def test_an_example_is_asked_with_the_agent_and_days_that_are_chosen(site: Site, analyst: ScriptedAnalyst) -> None:
    page = site.get(ask(site, "", example="How many calls came in?", agent="clinic", time_zone="Asia/Tokyo"))
    assert "How many calls came in?" in page and " Asia/Tokyo, of clinic</p>" in page
    assert '<option value="clinic" selected>' in page and "<option selected>Asia/Tokyo" in page
    assert analyst.stopped == 0


def test_an_answer_shows_its_numbers_its_calls_and_what_it_rests_on(site: Site, analyst: ScriptedAnalyst) -> None:
    here = ask(site)
    page = site.get(here)
    assert re.search(r'There were 2<a class="mark-q" href="#question-1-q1" title="Calls by channel"', page)
    assert 'id="question-1-q1"' in page and "Counted over" not in page, "the sentence says of how many"
    assert 'href="/calls/first#turn-0"' in page and "Hello." in page
    assert "Nothing of last year." in page and "1 of 20 requests" in page
    assert "Calls by channel" in page and "Not understood: please" in page
    assert re.search(r'<mark class="taken" title="how many">How', page)
    assert "data-chart" in page or "<table" in page
    assert here in site.get("/analyst") and analyst.stopped == 0


@pytest.mark.usefixtures("analyst")
def test_going_on_stays_in_the_thread_until_it_is_forgotten(site: Site) -> None:
    here = ask(site)
    assert ask(site, "And by agent?", thread=here.rpartition("/")[2]) == here
    page = site.get(here)
    assert "And by agent?" in page and 'id="question-2"' in page
    assert site.client().post(f"{here}/delete", headers=SAME_ORIGIN).status_code == 303
    assert site.client().get(here).status_code == 404 and here not in site.get("/analyst")


@pytest.mark.usefixtures("analyst")
def test_a_reading_that_was_put_right_is_answered_as_it_stands(site: Site) -> None:
    query = Query(measures=(Measure(MeasureKind.CONVERSATIONS, name="calls"),), group_by=("field.agent",))
    reading = Understood(QuestionKind.TOP, (query,), says="Calls by agent")
    page = site.get(ask(site, reading=json.dumps(write_understood(reading))))
    assert "Calls by agent" in page and '<th scope="row" dir="auto">clinic</th>' in page


@pytest.mark.usefixtures("analyst")
def test_a_part_of_the_reading_is_taken_away_by_its_chip_and_others_put_in(site: Site) -> None:
    here = ask(site)
    thread, reading = here.rpartition("/")[2], reading_in(site.get(here))
    page = site.get(ask(site, reading=reading, thread=thread, drop="group-0"))
    assert "How it was understood: " in page and 'value="group-0"' in site.get(here).partition('id="question-2"')[0]
    assert 'value="group-0"' not in page.partition('id="question-2"')[2]
    changed = {"f_name": "field.channel", "f_op": "eq", "f_value": "sms", "group": "field.agent", "period": "keep"}
    page = site.get(ask(site, reading=reading, thread=thread, change="yes", **changed))
    assert "channel is sms" in page and "There were 1" in page and "by agent" in page


@pytest.mark.usefixtures("analyst")
def test_queries_that_were_written_by_hand_say_what_they_are_and_not_what_they_were(site: Site) -> None:
    query = Query(measures=(Measure(MeasureKind.CONVERSATIONS, name="calls"),), group_by=("field.agent",))
    reading = Understood(QuestionKind.TOP, (query,), says="Calls by the moon", taken=((0, 3, "the moon"),))
    page = site.get(ask(site, reading=json.dumps(write_understood(reading)), edited="yes"))
    assert "moon" not in page and "by agent" in page


def test_quotes_stand_where_they_are_cited_and_other_numbers_are_folded(site: Site, analyst: ScriptedAnalyst) -> None:
    analyst.more = {
        "answer": "Somebody said hello [c1].\n- One of 2 calls [s1].\n- Another.",
        "basis": Basis(2, n=1),
        "shown": ("q9",),
    }
    page = site.get(ask(site))
    assert re.search(r'hello<a class="mark-q" href="/calls/first#turn-0" title="first, turn 0: “Hello.”"', page)
    assert re.search(
        r'<ul class="findings"><li dir="auto">One of 2 calls<a class="mark-q" href="#question-1-sample"', page
    )
    assert 'id="question-1-sample">1 call of the 2 that match' in page and "From a sample of 1 of 2 calls." in page
    assert "Numbers it rests on (1)" in page


def test_calls_behind_an_answer_say_when_they_were_and_what_about(site: Site, analyst: ScriptedAnalyst) -> None:
    analyst.more = {"calls": ("first", "second", "gone")}
    page = site.get(ask(site, time_zone="Asia/Tokyo"))
    behind = page.partition("Calls behind this</h3>")[2].partition("</section>")[0]
    [first, second] = re.findall(
        r'<li><a href="(/calls/[^"]+)"><span class="where">([^<]+)</span> (.*?)</a></li>', behind
    )
    assert first[0] == "/calls/first" and '<q dir="auto">Hello.</q>' in first[2] and "20:00" in first[1]
    assert second[0] == "/calls/second" and "gone" not in behind


def test_behind_a_share_stand_the_calls_that_it_counts(site: Site, analyst: ScriptedAnalyst) -> None:
    site.desk.hand_in(a_call("third", metrics={"BOOKED": [True]}))
    rate = Measure(MeasureKind.RATE, "metric.BOOKED", value=True, name="rate")
    analyst.more = {
        "not_covered": ("Known of 1 call [q1], of 9 [q7].",),
        "usage": {"requests": 1, "most_tokens": 10**6, "tokens": 7},
    }
    reading = Understood(QuestionKind.RATE, (Query((rate,)),), says="The share of booked calls")
    page = site.get(ask(site, reading=json.dumps(write_understood(reading))))
    link = html.unescape(re.findall(r'<a href="(/calls\?[^"]+)">Counted: 1 call', page)[0])
    listed = site.get(link)
    assert 'id="row-third"' in listed and 'id="row-first"' not in listed
    assert re.search(r'Known of 1 call<a class="mark-q" href="#question-1-q1"[^>]*>q1</a>, of 9\.', page)
    assert "7 of 1,000,000 tokens" in page


def test_each_call_of_a_table_of_calls_is_one_click_away(site: Site, analyst: ScriptedAnalyst) -> None:
    longest = Query((Measure(MeasureKind.MAX, "field.duration", name="longest"),), group_by=("field.id",))
    reading = Understood(QuestionKind.TOP, (longest,), says="The longest calls")
    page = site.get(ask(site, reading=json.dumps(write_understood(reading))))
    assert '<th scope="row" dir="auto"><a href="/calls/first">first</a></th>' in page
    assert "Rests on" not in page and analyst.stopped == 0


def test_a_tile_is_asked_about_with_its_own_query_until_its_words_are_changed(
    site: Site, analyst: ScriptedAnalyst
) -> None:
    link = next(each for each in re.findall(r'href="(/analyst\?[^"]+)"', site.get("/overview")))
    page = site.get(html.unescape(link))
    begun, reading = (
        html.unescape(re.findall(rf'name="{name}" value="([^"]+)"', page)[0]) for name in ("begun", "reading")
    )
    assert f">{html.escape(begun)}</textarea>" in page and "numbers that you came from" in page
    query = json.loads(reading)["queries"][0]
    asked = site.get(ask(site, begun, begun=begun, reading=reading))
    assert json.loads(reading_in(asked))["queries"] == [query]
    other = site.get(ask(site, "How many calls then?", begun=begun, reading=reading))
    assert "Calls by channel" in other and analyst.stopped == 0


def test_a_metric_is_asked_about_by_its_values(site: Site) -> None:
    site.desk.hand_in(a_call("first", metrics={"call_reason": ["refund"]}))
    page = site.get("/metrics/call_reason")
    link = html.unescape(re.findall(r'href="(/analyst\?[^"]+)">Ask about this</a>', page)[0])
    begun = site.get(link)
    assert "call_reason: values</textarea>" in begun and "metric.call_reason" in html.unescape(begun)


def test_where_no_call_matches_the_reading_stands_open(site: Site, analyst: ScriptedAnalyst) -> None:
    nothing = replace(BY_CHANNEL, filters=All((Condition("field.channel", Operator.EQ, "webchat"),)))
    reading = Understood(QuestionKind.TOP, (nothing,), says="Web chats")
    page = site.get(ask(site, reading=json.dumps(write_understood(reading))))
    assert '<details class="reading" open>' in page and "channel is webchat" in page and analyst.stopped == 0


def test_the_time_zone_of_a_question_is_kept_and_at_first_the_browsers(site: Site, analyst: ScriptedAnalyst) -> None:
    assert "data-guess-zone" in site.get("/analyst")
    client = site.client()
    reply = client.post("/analyst", data={"question": "How many?", "time_zone": "Asia/Tokyo"}, headers=SAME_ORIGIN)
    assert reply.status_code == 303 and analyst.stopped == 0
    page = client.get("/analyst").text
    assert "data-guess-zone" not in page and "<option selected>Asia/Tokyo" in page
    assert "Times in Asia/Tokyo" in page and f"1 question, {words.moment(site.desk.clock().astimezone(TOKYO))}" in page


def test_what_a_model_asks_back_in_words_is_asked_with_a_button(site: Site, analyst: ScriptedAnalyst) -> None:
    analyst.more = {"asks_back": True, "readings": ("By agent, that is",)}
    page = site.get(ask(site, "Which?"))
    assert re.search(r'<button name="question" value="By agent, that is"[^>]*>By agent, that is</button>', page)


def test_a_question_that_can_mean_several_things_is_asked_back_with_a_button_for_each(
    site: Site, analyst: ScriptedAnalyst
) -> None:
    query = Query(measures=(Measure(MeasureKind.CONVERSATIONS, name="calls"),), group_by=("field.agent",))
    analyst.choices = (Understood(QuestionKind.TOP, (query,), says="Calls by agent, that is"),)
    here = ask(site)
    page = site.get(here)
    assert "Calls by agent, that is</button>" in page
    reading, thread = reading_in(page), here.rpartition("/")[2]
    assert ask(site, reading=reading, thread=thread) == here
    page = site.get(here)
    assert "There were 2" in page and "Calls by agent, that is</button>" in page, "the other choices stay"


@pytest.mark.usefixtures("analyst")
@pytest.mark.parametrize("where", ["new", "there"])
def test_a_result_is_pinned_to_a_dashboards_draft(site: Site, where: str) -> None:
    here, client = ask(site), site.client()
    if where == "there":
        form = {"template": "empty", "name": "Mine"}
        client.post("/dashboards", data=form, headers=SAME_ORIGIN)
        [mine] = site.desk.record.read(lambda c: list_dashboards(c, site.desk.pk))
        where = mine.id
    reply = client.post(f"{here}/1/pin", data={"asked": "q1", "dashboard": where}, headers=SAME_ORIGIN)
    assert reply.status_code == 303, reply.text
    [dashboard] = site.desk.record.read(lambda c: list_dashboards(c, site.desk.pk))
    assert dashboard.draft is not None
    [tile] = dashboard.draft
    assert tile["data"]["group_by"] == ["field.channel"] and tile["kind"] == "bar"
    assert tile["id"] in str(reply.headers["location"]) and tile["title"] in site.get(
        f"/dashboards/{dashboard.id}/edit"
    )


@pytest.mark.usefixtures("analyst")
@pytest.mark.parametrize(
    ("number", "fields"),
    [("1", {"asked": "q9"}), ("9", {"asked": "q1"}), ("x", {"asked": "q1"}), ("1", {"asked": "q1", "dashboard": "no"})],
)
def test_what_is_not_there_is_not_pinned(site: Site, number: str, fields: dict[str, str]) -> None:
    here = ask(site)
    reply = site.client().post(f"{here}/{number}/pin", data=fields, headers=SAME_ORIGIN)
    assert reply.status_code == 404
    assert site.desk.record.read(lambda c: list_dashboards(c, site.desk.pk)) == []


@pytest.mark.usefixtures("analyst")
def test_a_reader_may_ask_and_not_pin_and_sees_only_their_own_threads(site: Site) -> None:
    mine, reader = ask(site), signed_in(site, Role.READER)
    reply = reader.post("/analyst", data={"question": "How many calls?"}, headers=OURS)
    assert reply.status_code == 303, reply.text
    here = reply.headers["location"].partition("#")[0]
    page = reader.get(here).text
    assert "There were 2" in page and "/pin" not in page
    pinned = reader.post(f"{here}/1/pin", data={"asked": "q1", "dashboard": "new"}, headers=OURS)
    assert pinned.status_code == 403
    assert reader.get(mine).status_code == 404 and mine not in reader.get("/analyst").text


@pytest.mark.usefixtures("analyst")
def test_strangers_and_other_sites_ask_nothing(site: Site) -> None:
    assert visitor(site).post("/analyst", data={"question": "How many?"}, headers=OURS).status_code in {303, 401}
    elsewhere = {"sec-fetch-site": "cross-site"}
    assert site.client().post("/analyst", data={"question": "How many?"}, headers=elsewhere).status_code == 403
    assert "Asked before" not in site.get("/analyst")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"question": " "}, "question"),
        ({"question": "How many?", "time_zone": "Mars"}, "Mars"),
        ({"question": "How many?", "reading": "{"}, "reading"),
        ({"question": "How many?", "reading": "[]"}, "reading"),
    ],
    ids=["nothing", "no zone", "no JSON", "no reading"],
)
def test_a_question_that_cannot_be_taken_comes_back_with_what_is_wrong(
    site: Site, analyst: ScriptedAnalyst, fields: dict[str, Any], says: str
) -> None:
    reply = site.client().post("/analyst", data=fields, headers=SAME_ORIGIN)
    assert reply.status_code == 400 and says in reply.text and 'id="problem"' in reply.text
    assert analyst.stopped == 0


def test_who_closes_the_stream_stops_the_work(site: Site, analyst: ScriptedAnalyst) -> None:
    key = site.desk.key(Scope.READ).secret
    headers = {"accept": "text/event-stream", "x-api-key": key}
    with (
        serving(site.app) as address,
        httpx.Client(base_url=address, headers=headers) as client,
    ):
        with client.stream("POST", "/postcall/v1/analyst", json={"question": "How many, slowly?"}) as reply:
            assert next(reply.iter_lines()) == "event: step"
        wait_until(lambda: analyst.stopped == 1, what=lambda: "the work goes on")
