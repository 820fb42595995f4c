"""The page of a call: what is searched for, remarks, metrics, history, and its other shapes."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from tests.builders import Desk, a_call, a_question, an_answer
from tests.web.sites import Site
from tests.web.visitors import OURS, signed_in

from postcall.domain.calls import Handoff
from postcall.domain.calls import Role as Speaker
from postcall.domain.metrics import MetricType
from postcall.domain.people import Role
from postcall.domain.remarks import BadReason, Remark, RemarkKind
from postcall.storage.metric_definitions import NewMetric, define_metric
from postcall.storage.remarks import list_remarks

SAME_ORIGIN = {"sec-fetch-site": "same-origin"}
IN_PART = {"hx-request": "true"}


def shown(page: str) -> str:
    """The words of a page, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page[page.index("<main") :])).split())


def part(page: str, name: str) -> str:
    """The words of one section."""
    [section] = re.findall(rf'<section class="[^"]*sheet[^"]*" id="{name}".*?</section>', page, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", section)).split())


def remarks_on(desk: Desk, call_id: str = "call-1") -> tuple[Remark, ...]:
    return desk.record.read(lambda c: list_remarks(c, desk.pk, call_id))


def send(site: Site, path: str, **fields: str) -> Any:
    return site.client().post(path, data=fields, headers=SAME_ORIGIN)


def test_what_was_searched_for_is_lit_and_linked(site: Site) -> None:
    site.desk.hand_in(a_call("call-1", "agent: Hello.", "user: A refund, please.", "agent: Your REFUND is <due>."))
    page = site.get("/calls/call-1?q=refund")
    assert re.findall(r'<mark class="found"[^>]*>([^<]+)</mark>', page) == ["refund", "REFUND"]
    assert "In 2 turns:" in shown(page)
    assert '<a href="#turn-1">1' in page and '<a href="#turn-2">2' in page
    assert 'name="q" value="refund"' in page
    assert "In no turn." in shown(site.get("/calls/call-1?q=voucher"))
    assert "turn:" not in shown(site.get("/calls/call-1?q=+"))


def test_words_that_are_quoted_and_searched_for_are_both(site: Site) -> None:
    site.desk.ask(a_question())
    site.desk.hand_in(a_call())
    site.desk.extract(an_answer())
    page = site.get("/calls/call-1?q=check-up+tuesday")
    assert '<mark data-answers="0">book a </mark><mark class="found" data-answers="0">check-up</mark>' in page
    assert '<mark class="found" data-answers="">Tuesday</mark>' in page


def test_the_way_back_leads_to_the_list_as_it_was_filtered(site: Site) -> None:
    site.desk.hand_in(a_call())
    page = site.get("/calls/call-1?q=check-up&metric.PLAN=a%26b&watch=no&remark=0")
    assert 'href="/calls?q=check-up&amp;metric.PLAN=a%26b"' in page
    assert '<input type="hidden" name="metric.PLAN" value="a&amp;b">' in page
    assert 'action="/calls/call-1/remarks?q=check-up&amp;metric.PLAN=a%26b"' in page


def test_a_turn_is_remarked_on_without_any_script(site: Site) -> None:
    site.desk.hand_in(a_call())
    page = site.get("/calls/call-1")
    first, _ = re.findall(r'class="remark-link" href="([^"]+)"', page)
    form = site.get(unescape(first).partition("#")[0])
    assert 'id="remark-form-0"' in form and '<option value="bad/too_long">bad: too long</option>' in form
    sent = send(site, "/calls/call-1/remarks?q=book", turn="0", what="bad/too_long", text="<b>Ah</b>", who="Ana")
    assert (sent.status_code, sent.headers["location"]) == (303, "/calls/call-1?q=book#turn-0")
    [remark] = remarks_on(site.desk)
    assert (remark.kind, remark.reason, remark.turn) == (RemarkKind.BAD, BadReason.TOO_LONG, 0)
    again = site.get("/calls/call-1")
    assert "bad: too long <b>Ah</b> Ana, 2 Mar 2026, 12:00 UTC" in part(again, "transcript")
    assert "remarked turn 0: bad: too long" in part(again, "events")


def test_a_note_is_added_and_taken_away(site: Site) -> None:
    site.desk.hand_in(a_call())
    sent = send(site, "/calls/call-1/remarks", text="Call her back.")
    assert sent.headers["location"] == "/calls/call-1#notes"
    page = site.get("/calls/call-1")
    assert "Call her back. somebody" in part(page, "notes")
    [remove] = re.findall(r'action="(/calls/call-1/remarks/[0-9a-f]{24}/remove)"', page)
    assert send(site, remove).headers["location"] == "/calls/call-1#notes"
    assert remarks_on(site.desk) == ()
    assert send(site, remove).status_code == 404


@pytest.mark.parametrize(
    "fields",
    [{"turn": "0", "what": "odd"}, {"turn": "x", "what": "good"}, {"turn": "9", "what": "good"}, {"text": " "}],
)
def test_a_remark_that_says_nothing_is_refused(site: Site, fields: dict[str, str]) -> None:
    site.desk.hand_in(a_call())
    assert send(site, "/calls/call-1/remarks", **fields).status_code == 400
    assert remarks_on(site.desk) == ()


def test_another_site_cannot_remark_in_somebodys_name(site: Site) -> None:
    site.desk.hand_in(a_call())
    reply = site.client().post("/calls/call-1/remarks", data={"text": "x"}, headers={"sec-fetch-site": "cross-site"})
    assert reply.status_code == 403
    assert remarks_on(site.desk) == ()


def test_a_remark_on_an_earlier_transcript_is_kept_apart(site: Site) -> None:
    site.desk.hand_in(a_call())
    send(site, "/calls/call-1/remarks", turn="1", what="missing_topic", text="parking")
    site.desk.hand_in(a_call("call-1", "agent: Hello.", "user: Something else."), replace=True)
    page = site.get("/calls/call-1")
    assert "parking" not in part(page, "transcript")
    assert "on turn 1 of revision 1" in part(page, "notes")


def test_metrics_show_every_write_and_what_does_not_fit(site: Site) -> None:
    desk = site.desk
    desk.hand_in(a_call(metrics={"SEATS": ["many", 3], "ODD NAME": 1}))
    seats = NewMetric("SEATS", MetricType.INTEGER, definition="How many come.")
    desk.record.write(lambda c: define_metric(c, desk.pk, "clinic", seats, now=desk.clock()))
    page = site.get("/calls/call-1")
    metrics = part(page, "metrics")
    assert "SEATS 3 12:00:00 many ! misfit 12:00:00 3 sent with the call integer How many come." in metrics
    assert "ODD NAME 1 12:00:00 sent with the call not defined" in metrics
    assert 'href="/metrics/ODD%20NAME"' in page
    assert "metric, a misfit SEATS = many" in part(page, "events")
    written = site.client().get("/calls/call-1.json").json()["writes"]
    assert [(each["name"], each["value"], each["fits"]) for each in written] == [
        ("SEATS", "many", False),
        ("SEATS", 3, True),
        ("ODD NAME", 1, True),
    ]


def test_a_handoff_and_the_waits_are_told(site: Site) -> None:
    call = a_call(handoff=Handoff("+15550199", "billing"), duration_s=90.0)
    waited = tuple(replace(turn, latency_s=1.25 if turn.role is Speaker.AGENT else None) for turn in call.turns)
    site.desk.hand_in(replace(call, turns=waited))
    page = site.get("/calls/call-1")
    assert "11:01:30 ◷ handed off to +15550199" in part(page, "events")
    assert "Mean 1.25 s" in part(page, "details") and "Measured at 1 turn" in part(page, "details")
    assert '<a href="#turn-0">Show the longest wait</a>' in page


def test_the_side_panel_is_the_same_call_without_the_page_around_it(site: Site) -> None:
    site.desk.hand_in(a_call())
    panel = site.client().get("/calls/call-1/panel?q=check-up&agent=clinic", headers=IN_PART)
    assert panel.status_code == 200
    assert "<html" not in panel.text and "<h1" not in panel.text
    assert 'href="/calls/call-1?q=check-up&amp;agent=clinic"' in panel.text, "the full page"
    assert 'href="/calls?q=check-up&amp;agent=clinic" data-close-panel' in panel.text
    assert '<mark class="found"' in panel.text
    asked = unescape(re.search(r'hx-get="([^"]+seen=[^"]+)"', panel.text).group(1))  # type: ignore[union-attr]
    assert asked.startswith("/calls/call-1/panel?")
    assert site.client().get(asked, headers=IN_PART).status_code == 204


def test_a_remark_from_the_panel_comes_back_to_the_panel(site: Site) -> None:
    site.desk.hand_in(a_call())
    path = "/calls/call-1/remarks?agent=clinic&panel=1"
    sent = site.client().post(path, data={"text": "Well."}, headers={**SAME_ORIGIN, **IN_PART})
    assert sent.headers["location"] == "/calls/call-1/panel?agent=clinic#notes"


def test_without_script_the_panel_is_the_page(site: Site) -> None:
    site.desk.hand_in(a_call())
    reply = site.client().get("/calls/call-1/panel?agent=clinic")
    assert (reply.status_code, reply.headers["location"]) == (303, "/calls/call-1?agent=clinic")


def test_the_page_has_its_turns_as_csv(site: Site) -> None:
    site.desk.hand_in(a_call("call-1", "agent: =1+1", 'user: Well, "no"\nthanks'))
    send(site, "/calls/call-1/remarks", turn="0", what="good")
    reply = site.client().get("/calls/call-1.csv")
    assert reply.headers["content-type"].startswith("text/csv")
    head, first, second = csv.reader(io.StringIO(reply.text, newline=""))
    assert head == ["turn", "role", "text", "start_s", "at", "latency_s", "remarks"]
    assert first == ["0", "agent", "'=1+1", "", "", "", "good"], "no spreadsheet takes it for a formula"
    assert second[2] == 'Well, "no"\nthanks'


def test_the_json_of_the_page_has_all_that_it_shows(site: Site) -> None:
    site.desk.hand_in(a_call())
    send(site, "/calls/call-1/remarks", text="Well.")
    told = site.client().get("/calls/call-1.json?q=tuesday").json()
    assert [remark["text"] for remark in told["remarks"]] == ["Well."]
    assert [event["event"] for event in told["history"]] == ["started", "ended", "taken_in", "remarked"]
    assert [match["turn"] for match in told["matches"]] == [1]
    start, end = told["matches"][0]["spans"][0]
    assert told["turns"][1]["text"][start:end] == "Tuesday"
    assert told["latency"] is None


@pytest.mark.parametrize("name", ["call.json", "call.csv", "call.json.json"])
def test_a_call_whose_id_ends_like_a_file_has_its_page_and_its_data(site: Site, name: str) -> None:
    site.desk.hand_in(a_call(name, "user: the one"))
    assert "the one" in shown(site.get(f"/calls/{name}"))
    assert site.client().get(f"/calls/{name}.json").json()["id"] == name
    assert "the one" in site.client().get(f"/calls/{name}.csv").text


def test_who_may_not_change_anything_is_offered_nothing(site: Site) -> None:
    site.desk.ask(a_question())
    site.desk.hand_in(a_call())
    site.desk.extract(an_answer())
    page = signed_in(site, Role.READER).get("/calls/call-1").text
    main = page[page.index("<main") : page.index("</main>")]
    assert "check-up" in main
    assert 'method="post"' not in main and "remark-link" not in main


def test_who_has_signed_in_signs_with_their_name(site: Site) -> None:
    site.desk.hand_in(a_call())
    client = signed_in(site, Role.EDITOR)
    assert 'name="who"' not in client.get("/calls/call-1?remark=0").text
    client.post("/calls/call-1/remarks", data={"text": "x", "who": "Somebody Else"}, headers=OURS)
    [remark] = remarks_on(site.desk)
    assert remark.who not in (None, "Somebody Else")
