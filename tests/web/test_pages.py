"""The pages over a real record, as they come from the server."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.builders import NOON, a_call, a_question, an_answer, findings
from tests.web.sites import KEY, Site, make_site, serving

from postcall.domain.answers import Evidence
from postcall.domain.calls import CallStatus, Direction, Role
from postcall.storage.jobs import retry_job
from postcall.testing import ScriptedModel

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;{{7*7}}"


def shown(page: str) -> str:
    """The words of a page, in one line."""
    body = page[page.index("<main") :]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def rows(page: str) -> list[str]:
    """The words of each call in the list."""
    return [shown("<main" + row) for row in re.findall(r'<tr role="row" id=.*?</tr>', page, re.DOTALL)]


def elements(page: str, *tags: str) -> list[dict[str, str]]:
    """The attributes of each element with one of these tags, or of all, as a browser would read them."""
    found: list[dict[str, str]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if not tags or tag in tags:
                found.append({name: value or "" for name, value in attrs})

    Reader().feed(page)
    return found


def queue_in_every_state(site: Site) -> None:
    """Eight calls, each of which stands elsewhere; the newest first."""
    desk = site.desk
    desk.ask(a_question("booked"), a_question("seats", "How many seats?", "INTEGER"))

    def hand_in(name: str, *lines: str, status: CallStatus = CallStatus.COMPLETED) -> None:
        at = NOON - timedelta(minutes=len(desk.ids()) + 1)
        desk.hand_in(a_call(name, *lines, started_at=at, status=status, from_number="+15550100", duration_s=65.0))

    hand_in("answered")
    desk.extract(an_answer("booked"), an_answer("seats", status="unknown", type="INTEGER"))
    hand_in("failed")
    [job] = desk.claim()
    desk.finish(job, findings(an_answer("booked", status="error")), failure="the key was refused")
    hand_in("retrying")
    [job] = desk.claim()
    later = NOON + timedelta(minutes=5)
    desk.record.write(lambda c: retry_job(c, job, reason="model_timeout: no answer within 60 s", run_at=later))
    hand_in("running")
    desk.claim()
    hand_in("waiting")
    hand_in("live", status=CallStatus.IN_PROGRESS)
    hand_in("missed", status=CallStatus.NO_ANSWER)
    hand_in("silent", "agent: Hello? Is anybody there?")


def test_the_start_leads_to_the_overview(site: Site) -> None:
    reply = site.client().get("/")
    assert (reply.status_code, reply.headers["location"]) == (307, "/overview")


def test_an_empty_record_says_how_to_begin(site: Site) -> None:
    page = shown(site.get("/calls"))
    for said in ("curl http://127.0.0.1:8000/postcall/v1/calls", "postcall import", "postcall demo", "api-key"):
        assert said in page


def test_each_call_in_the_list_says_where_it_stands(site: Site) -> None:
    queue_in_every_state(site)
    page = site.get("/calls")
    live, answered, failed, retrying, running, waiting, missed, silent = rows(page)
    assert "2 Mar 2026, 11:59" in answered and "1 min 05 s" in answered and "+15550100" in answered
    assert "voice, inbound" in answered and "✓ answered" in answered and "A check-up was booked." in answered
    assert re.search(r"\bYes not said\b", answered)
    assert "! failed" in failed and "the key was refused" in failed
    assert "trying again" in retrying and "12:05:00 UTC" in retrying and "no answer within 60 s" in retrying
    assert "running" in running
    assert "waiting" in waiting
    assert "call not over" in live and "in progress" in live
    assert "nothing to extract" in missed and "no answer" in missed
    assert "nothing to extract" in silent and "the user said nothing" in silent


def test_the_list_says_how_far_the_worker_is(site: Site) -> None:
    queue_in_every_state(site)
    page = site.get("/calls")
    assert "1 of 5 answered, 1 failed" in shown(page)
    assert re.search(r'<progress id="work" max="5" value="2">', page)


def test_the_list_of_finished_work_shows_no_progress(site: Site) -> None:
    site.desk.hand_in(a_call())
    site.desk.extract(an_answer())
    page = site.get("/calls")
    assert "<progress" not in page
    assert 'hx-trigger="every 15s"' in page
    assert "http-equiv" not in page


def test_a_busy_list_looks_again_and_can_be_told_not_to(site: Site) -> None:
    site.desk.hand_in(a_call())
    assert 'hx-trigger="every 2s"' in site.get("/calls")
    assert '<noscript><meta http-equiv="refresh"' in site.get("/calls")
    paused = site.get("/calls?watch=no")
    assert "hx-trigger" not in paused and "http-equiv" not in paused


def test_looking_again_sends_only_what_changed(site: Site) -> None:
    site.desk.hand_in(a_call())
    client = site.client()
    asked = unescape(re.search(r'id="live" hx-get="([^"]+)"', site.get("/calls")).group(1))  # type: ignore[union-attr]
    again = {"hx-request": "true"}
    assert client.get(asked, headers=again).status_code == 204
    site.desk.extract(an_answer())
    changed = client.get(asked, headers=again)
    assert changed.status_code == 200
    assert "<html" not in changed.text and "answered" in changed.text
    assert client.get(asked).text.startswith("<!doctype html>")


def test_the_list_goes_on_page_by_page(site: Site) -> None:
    for number in range(5):
        site.desk.hand_in(a_call(f"call-{number}", started_at=NOON - timedelta(minutes=number)))
    path: str | None = "/calls?limit=2&agent=clinic"
    seen: list[str] = []
    while path:
        page = site.get(path)
        seen += re.findall(r'id="row-(call-\d)"', page)
        older = re.search(r'href="([^"]+)" rel="next"', page)
        path = unescape(older[1]) if older else None
    assert seen == [f"call-{number}" for number in range(5)]


def test_filters_stand_in_the_address_and_as_chips(site: Site) -> None:
    site.desk.hand_in(a_call("one", metrics={"PLAN": "gold"}, from_number="+1 555"))
    site.desk.hand_in(a_call("two", metrics={"PLAN": "silver"}))
    client = site.client()
    form = client.get("/calls?agent=&status=completed&metric.PLAN=gold&since=")
    assert (form.status_code, form.headers["location"]) == (303, "/calls?status=completed&metric.PLAN=gold")
    page = site.get(form.headers["location"])
    assert [row for row in rows(page) if "+1 555" in row] == rows(page) != []
    assert "PLAN: gold" in shown(page)
    assert 'href="/calls?status=completed"' in page
    assert '<input type="hidden" name="metric.PLAN" value="gold">' in page


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/calls?since=yesterday", "is not an ISO 8601 time"),
        ("/calls?agent=nobody", "there is no agent"),
        ("/calls?status=odd", "is never 'odd'"),
        ("/calls?colour=red", "unknown parameter"),
        ("/calls?cursor=xx", "not a cursor"),
    ],
)
def test_a_filter_that_cannot_be_read_is_explained_beside_the_form(site: Site, address: str, said: str) -> None:
    site.desk.hand_in(a_call())
    reply = site.client().get(address)
    assert reply.status_code in {400, 404}
    assert said in shown(reply.text)
    assert "<form" in reply.text and rows(reply.text) == []


def test_no_match_says_so(site: Site) -> None:
    site.desk.hand_in(a_call())
    assert "No call matches these filters" in shown(site.get("/calls?status=busy"))


def test_calls_of_several_agents_name_their_answers(site: Site) -> None:
    for agent in ("one", "two"):
        site.desk.ask(a_question(f"about_{agent}"), agent=agent)
        site.desk.hand_in(a_call(f"call-{agent}", agent=agent))
        site.desk.extract(an_answer(f"about_{agent}"))
    assert "Main answers" in shown(site.get("/calls"))
    assert any("about_one Yes" in row for row in rows(site.get("/calls")))
    assert '<th role="columnheader" scope="col" class="identifier">about_two</th>' in site.get("/calls?agent=two")


def test_an_outbound_call_is_listed_by_the_number_that_was_called(site: Site) -> None:
    site.desk.hand_in(a_call(direction=Direction.OUTBOUND, from_number="+1000", to_number="+2000"))
    [row] = rows(site.get("/calls"))
    assert "+2000" in row and "+1000" not in row


def test_a_call_shows_answers_with_their_question_and_evidence(site: Site) -> None:
    site.desk.ask(a_question("booked", "Did the caller book?"))
    site.desk.hand_in(a_call(metrics={"TRANSFERRED": [False, True]}))
    site.desk.extract(an_answer("booked"))
    page = site.get("/calls/call-1")
    words = shown(page)
    assert "Did the caller book?" in words and "Yes" in words and "It was said." in words
    assert words.count("not calibrated") == 1
    assert '<meter min="0" max="1" value="0.80"' in page
    assert '<a href="#turn-1">' in page and 'id="turn-1"' in page
    assert '<mark data-answers="0">book a check-up</mark>' in page
    assert "TRANSFERRED Yes 12:00:00 No 12:00:00 Yes sent with the call not defined" in words
    assert "2 Mar 2026, 12:00 by scripted" in words and "(its answers are shown)" in words
    assert "Ask again" in words


def test_a_failed_call_says_why_and_can_be_run_again(site: Site) -> None:
    queue_in_every_state(site)
    page = site.get("/calls/failed")
    assert "the key was refused" in shown(page)
    assert '<form method="post" action="/calls/failed/extractions"' in page
    assert "Run it again" in shown(page)
    client = site.client()
    reply = client.post("/calls/failed/extractions", headers={"origin": "http://127.0.0.1:8000"})
    assert reply.status_code == 303
    again = site.get(reply.headers["location"])
    assert "◷ waiting" in shown(again) and 'hx-trigger="every 2s"' in again
    site.desk.clock.advance(1)
    jobs = [job for job in site.desk.claim() if job.attempts == 1]
    for job in jobs:
        site.desk.finish(job, findings(an_answer("booked")))
    done = site.get("/calls/failed")
    assert "✓ answered" in shown(done) and "hx-trigger" not in done
    assert "the key was refused" in shown(done), "it stays in the history"


def test_a_call_with_nothing_to_extract_has_no_button(site: Site) -> None:
    queue_in_every_state(site)
    for name in ("missed", "silent", "live"):
        assert "/extractions" not in site.get(f"/calls/{name}")
    reply = site.client().post("/calls/missed/extractions", headers={"origin": "http://127.0.0.1:8000"})
    assert reply.status_code == 409
    assert "nothing to extract" in shown(reply.text)


def test_what_callers_and_names_say_is_never_taken_for_the_page(site: Site) -> None:
    name = "x\"'><b>&y"
    site.desk.ask(a_question("booked", HOSTILE))
    call = a_call(
        name,
        f"agent: {HOSTILE}",
        f"user: {HOSTILE}",
        metrics={HOSTILE: HOSTILE},
        from_number=HOSTILE,
        variant=HOSTILE,
        metadata={HOSTILE: HOSTILE},
    )
    site.desk.hand_in(call)
    [job] = site.desk.claim()
    answer = an_answer("booked", HOSTILE, type="STRING", evidence=(Evidence(1, HOSTILE),))
    site.desk.finish(job, findings(answer, summary=HOSTILE))
    pages = [
        site.get("/calls"),
        site.get("/calls/" + quote(name, safe="")),
        site.get(f"/calls?metric.{quote(HOSTILE)}=1"),
    ]
    pages.append(site.client().get("/" + quote(HOSTILE, safe="")).text)
    for page in pages:
        assert not elements(page, "img") and not elements(page, "b")
        assert all(script["src"].startswith("/static/") for script in elements(page, "script"))
        assert not any(name.startswith("on") for attributes in elements(page) for name in attributes)
    assert HOSTILE in unescape(re.sub(r"</?mark[^>]*>", "", pages[1]))


def test_words_of_any_script_are_shown_in_their_direction(site: Site) -> None:
    site.desk.hand_in(a_call("call-1", "agent: שלום", "user: مرحبا 👩‍👩‍👧 a\x00b"))
    page = site.get("/calls/call-1")
    assert '<p class="words" dir="auto">مرحبا 👩‍👩‍👧 a␀b</p>' in page


def test_five_thousand_turns_are_one_page(site: Site) -> None:
    lines = [f"{role}: This is turn {number}." for number in range(2500) for role in ("agent", "user")]
    site.desk.hand_in(a_call("long", *lines))
    assert site.get("/calls/long").count('<li class="turn ') == 5000


def test_a_page_has_its_data_beside_it(site: Site) -> None:
    site.desk.hand_in(a_call())
    site.desk.extract(an_answer())
    client = site.client()
    listed = client.get("/calls.json?status=completed").json()["calls"]
    one = client.get("/calls/call-1.json").json()
    assert [call["id"] for call in listed] == ["call-1"]
    assert one["turns"][1]["role"] == Role.USER and one["extraction"]["answers"][0]["value"] is True
    secret = site.desk.key().secret
    told = client.get("/postcall/v1/calls/call-1", headers={"x-api-key": secret}).json()
    assert {name: one[name] for name in told} == told


def test_a_page_that_is_not_there_says_what_to_do(site: Site) -> None:
    for path in ("/calls/nobody", "/nowhere"):
        reply = site.client().get(path)
        assert reply.status_code == 404
        assert "To the list of calls" in shown(reply.text)
    missing = site.client().get("/calls/nobody.json")
    assert missing.json()["error"] == {"code": "not_found", "message": "there is no call 'nobody'"}


def test_a_fault_of_our_own_is_a_page_too(site: Site) -> None:
    site.desk.record.write(lambda c: c.exec_driver_sql("DROP TABLE answers"))
    site.desk.record.write(lambda c: c.exec_driver_sql("DROP TABLE jobs"))
    with serving(site.app) as address:
        import httpx

        reply = httpx.get(f"{address}/calls")
        assert reply.status_code == 500
        assert "fault of postcall's own" in shown(reply.text)
        assert httpx.get(f"{address}/calls.json").json()["error"]["code"] == "internal"


def test_the_built_in_analyser_says_how_to_connect_a_model(site: Site) -> None:
    for path in ("/calls", "/try", "/nowhere"):
        page = site.client().get(path).text
        assert "built-in analyser" in page and "POSTCALL_LLM_BASE_URL" in page and "POSTCALL_LLM_MODEL" in page


def test_a_model_is_named_with_its_host_and_without_its_key(site: Site, tmp_path: Path) -> None:
    with ScriptedModel() as model:
        page = make_site(site.desk, tmp_path, model).get("/calls")
        assert "tiny-model" in page and model.url.split("/")[2] in page
        assert KEY not in page


def test_assets_are_linked_with_a_digest_and_kept_for_good(site: Site) -> None:
    page = site.get("/calls")
    links = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert {link.partition("?")[0] for link in links} >= {"/static/postcall.css", "/static/postcall.js"}
    for link in links:
        reply = site.client().get(link)
        assert reply.status_code == 200
        assert "immutable" in reply.headers["cache-control"]
    assert sum(len(site.client().get(link).content) for link in links if ".js" in link) < 300_000
