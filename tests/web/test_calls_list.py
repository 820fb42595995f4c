"""The list of calls as people use it: searched, filtered, saved, exported."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.builders import NOON, a_call, a_question, an_answer
from tests.web.sites import Site
from tests.web.test_pages import elements, rows, shown

from postcall.domain.calls import CallStatus, Channel, Environment

HERE = {"origin": "http://127.0.0.1:8000", "host": "127.0.0.1:8000"}


@pytest.fixture
def busy(site: Site) -> Site:
    """Calls of several kinds, the newest first: a, b, c, d."""
    desk = site.desk
    desk.hand_in(a_call("a", metrics={"PLAN": "gold", "SEATS": 2}, duration_s=90.0, started_at=NOON))
    desk.hand_in(
        a_call("b", "agent: Hello?", "user: I want a refund, next week.", metrics={"PLAN": "silver", "SEATS": 5},
               channel=Channel.SMS, started_at=NOON - timedelta(hours=1), language="es-MX")
    )  # fmt: skip
    desk.hand_in(a_call("c", metrics={"PLAN": "gold"}, started_at=NOON - timedelta(days=10), from_number="=1+1"))
    desk.hand_in(a_call("d", environment=Environment.SANDBOX, started_at=NOON - timedelta(days=20)))
    return site


def listed(page: str) -> list[str]:
    return re.findall(r'<tr role="row" id="row-([^"]+)"', page)


def calls(site: Site, *pairs: tuple[str, str], path: str = "/calls") -> str:
    return site.get(f"{path}?{urlencode(pairs)}")


def tree(*conditions: dict[str, Any]) -> tuple[str, str]:
    return "filters", json.dumps({"and": list(conditions)})


GOLD = {"field": "metric.PLAN", "op": "eq", "value": "gold"}
LONG = {"field": "field.duration", "op": "gte", "value": 60}


def test_filters_over_any_field_and_metric_are_written_out(busy: Site) -> None:
    page = calls(busy, tree(GOLD, LONG))
    assert listed(page) == ["a"]
    assert "PLAN is gold" in shown(page) and "duration at least 60 s" in shown(page)
    assert "1 call match" in shown(page)
    either = json.dumps({"or": [LONG, {"field": "field.language", "op": "contains", "value": "ES"}]})
    assert listed(calls(busy, ("filters", either))) == ["a", "b"]


def test_the_form_becomes_an_address_that_can_be_shared(busy: Site) -> None:
    sent = [("q", ""), ("agent", ""), ("f_name", "metric.SEATS"), ("f_op", "gt"), ("f_value", "3"), ("do", "show")]
    reply = busy.client().get("/calls?" + urlencode(sent))
    assert reply.status_code == 303
    page = busy.get(reply.headers["location"])
    assert listed(page) == ["b"] and "SEATS over 3" in shown(page)
    fields = {each["name"]: each for each in elements(page, "input") if "name" in each}
    assert fields["f_value"]["value"] == "3", "the form shows the filter again"


def test_rows_of_the_form_come_and_go_without_script(busy: Site) -> None:
    one = [("f_name", "metric.PLAN"), ("f_op", "eq"), ("f_value", "gold")]
    more = calls(busy, *one, ("do", "add"))
    assert more.count('name="f_name"') == 2 and "Add another filter" in more and 'value="gold"' in more
    assert '<select name="f_join">' in more
    fewer = calls(busy, *one, *one, ("do", "remove-0"))
    assert fewer.count('name="f_name"') == 1


def test_with_script_only_the_rows_are_sent(busy: Site) -> None:
    reply = busy.client().get("/calls?do=add&f_name=&f_op=eq&f_value=", headers={"hx-request": "true"})
    assert reply.status_code == 200 and reply.text.lstrip().startswith('<div id="filter-rows"')
    assert reply.text.count('name="f_name"') == 2


def test_a_row_that_is_not_finished_is_explained_and_kept(busy: Site) -> None:
    reply = busy.client().get("/calls?do=show&f_name=field.duration&f_op=gt&f_value=long&agent=clinic")
    assert reply.status_code == 400
    assert "Duration is a number" in shown(reply.text)
    assert any(each.get("name") == "f_value" and each["value"] == "long" for each in elements(reply.text, "input"))


def test_a_metric_that_no_call_carries_is_explained(busy: Site) -> None:
    reply = busy.client().get("/calls?metric.PLAM=gold")
    assert reply.status_code == 400 and "PLAN" in shown(reply.text)


def test_searching_shows_the_turns_that_match(busy: Site) -> None:
    page = calls(busy, ("q", '"next week" refund'))
    assert listed(page) == ["b"]
    assert re.search(r'<mark class="found">refund</mark>, <mark class="found">next week</mark>', page)
    assert 'href="/calls/b?q=%22next+week%22+refund#turn-1"' in page


def test_only_the_live_environment_is_shown_unless_asked(busy: Site) -> None:
    assert listed(busy.get("/calls")) == ["a", "b", "c"]
    assert "Only calls of the live environment" in shown(busy.get("/calls"))
    assert listed(busy.get("/calls?environment=all")) == ["a", "b", "c", "d"]
    assert listed(busy.get("/calls?environment=sandbox")) == ["d"]


def test_a_period_can_be_named(busy: Site) -> None:
    page = busy.get("/calls?period=last_7_days")
    assert listed(page) == ["a", "b"] and "Last 7 days" in shown(page)


def test_calls_in_progress_stand_on_top_and_are_counted_apart(busy: Site) -> None:
    old = NOON - timedelta(days=2)
    busy.desk.hand_in(a_call("now", status=CallStatus.IN_PROGRESS, started_at=old, metrics={"PLAN": "gold"}))
    page = busy.get("/calls")
    assert listed(page) == ["now", "a", "b", "c"]
    assert "3 calls in all" in shown(page) and "1 in progress, not counted" in shown(page)
    assert listed(calls(busy, tree(GOLD))) == ["now", "a", "c"], "the filters hold for them too"
    assert listed(calls(busy, ("channel", "sms"))) == ["b"]
    assert listed(calls(busy, ("status", "in_progress"))) == ["now"]


def test_columns_are_chosen(busy: Site) -> None:
    busy.desk.ask(a_question("booked"))
    page = busy.get("/calls?columns=metric.PLAN&columns=field.channel&columns=metric.SEATS&columns=field.user_turns")
    heads = re.findall(r'<th role="columnheader" scope="col"[^>]*>([^<]+)', page)
    assert heads == ["Started, duration", "PLAN", "Channel", "SEATS", "User turns"]
    first = rows(page)[0]
    assert first.endswith("gold voice 2 1")
    assert busy.client().get("/calls?columns=metric.NEVER").status_code == 200, "a column may be empty"


def test_answers_that_are_missing_say_why(site: Site) -> None:
    site.desk.ask(a_question("booked"))
    site.desk.hand_in(a_call("one"))
    site.desk.extract(an_answer("booked", status="unknown"))
    assert rows(site.get("/calls?columns=metric.booked"))[0].endswith("not said")


def test_an_export_holds_exactly_the_calls_of_the_list(busy: Site) -> None:
    client = busy.client()
    asked = urlencode([("columns", "metric.PLAN"), ("columns", "field.from_number"), tree(GOLD)])
    reply = client.get(f"/calls.csv?{asked}")
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    table = list(csv.reader(io.StringIO(reply.text, newline="")))
    assert table[0] == ["started_at", "id", "PLAN", "from_number"]
    assert [(line[1], line[2]) for line in table[1:]] == [("a", "gold"), ("c", "gold")]
    assert table[2][3] == "'=1+1"
    lines = client.get(f"/calls.jsonl?{asked}").text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["a", "c"]
    assert json.loads(lines[0])["turns"][1]["text"].startswith("I would like")
    page = client.get(f"/calls.json?{asked}").json()
    assert [call["id"] for call in page["calls"]] == ["a", "c"] and page["total"] == 2


def test_an_export_goes_on_past_a_page(site: Site) -> None:
    for number in range(120):
        site.desk.hand_in(a_call(f"call-{number:03}", started_at=NOON - timedelta(minutes=number)))
    lines = site.client().get("/calls.jsonl").text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [f"call-{number:03}" for number in range(120)]
    assert site.client().get("/calls.csv").text.count("\r\n") == 121


def test_an_export_that_cannot_be_made_says_why(busy: Site) -> None:
    assert busy.client().get("/calls.csv?status=odd").status_code == 400
    assert busy.client().get("/calls.jsonl?extraction=failed").status_code == 400


def test_what_would_help_where_nothing_matches(busy: Site) -> None:
    page = calls(busy, ("channel", "webchat"), tree(GOLD))
    assert listed(page) == []
    assert "Without “channel: webchat”: 2 calls" in shown(page)
    assert "Without “PLAN is gold”" not in shown(page), "without it there would be none either"


def test_a_row_leads_to_the_call_and_opens_beside_the_list(busy: Site) -> None:
    page = busy.get("/calls?channel=sms")
    [link] = [each for each in elements(page, "a") if each.get("id") == "link-b"]
    assert link["href"] == "/calls/b?channel=sms"
    assert (link["hx-get"], link["hx-target"]) == ("/calls/b/panel?channel=sms", "#panel")
    assert busy.client().get(link["hx-get"], headers={"hx-request": "true"}).status_code == 200
    assert '<aside class="panel" id="panel"' in page


def post(site: Site, path: str, **fields: str) -> Any:
    return site.client().post(path, data=fields, headers=HERE)


def test_a_view_is_saved_opened_renamed_and_deleted(busy: Site) -> None:
    query = urlencode([tree(GOLD), ("columns", "metric.PLAN")])
    reply = post(busy, "/views", name=" Gold  calls ", query=query + "&cursor=abc&watch=no")
    assert reply.status_code == 303 and reply.headers["location"] == f"/calls?{query}"
    page = busy.get("/calls")
    [view] = [each for each in elements(page, "a") if each.get("href") == f"/calls?{query}"]
    assert "aria-current" not in view and "Gold calls" in shown(page)
    opened = busy.get(view["href"])
    assert listed(opened) == ["a", "c"]
    assert any(each.get("aria-current") == "page" and each["href"] == view["href"] for each in elements(opened, "a"))
    [rename] = re.findall(r'action="(/views/\w+/rename)"', page)
    assert post(busy, rename, name="Golden", query=query).status_code == 303
    assert "Golden" in shown(busy.get("/calls"))
    assert post(busy, rename.replace("rename", "delete"), query="").headers["location"] == "/calls"
    assert "Golden" not in shown(busy.get("/calls"))


def test_a_view_that_cannot_be_saved_says_why(busy: Site) -> None:
    assert post(busy, "/views", name=" ", query="").status_code == 400
    assert post(busy, "/views", name="Odd", query="status=odd").status_code == 400
    assert (
        post(busy, "/views", name="Long", query=urlencode([("q", "x" * 900), tree(*[GOLD] * 150)])).status_code == 400
    )
    assert post(busy, "/views/nothing/delete", query="").status_code == 404
    assert (
        busy.client().post("/views", data={"name": "x"}, headers={"origin": "http://elsewhere.example"}).status_code
        == 403
    )


def test_what_waits_or_failed_is_listed_from_the_record(site: Site) -> None:
    site.desk.ask(a_question("booked"))
    site.desk.hand_in(a_call("waiting"))
    assert listed(site.get("/calls?extraction=open")) == ["waiting"]
    assert listed(site.get("/calls?extraction=finished")) == []
    site.desk.extract(an_answer("booked"))
    assert listed(site.get("/calls?extraction=finished")) == ["waiting"]
    reply = site.client().get("/calls?extraction=open&q=hello")
    assert reply.status_code == 400 and "cannot be combined" in shown(reply.text)


def test_pages_keep_their_filters(busy: Site) -> None:
    page = busy.get("/calls?limit=1&agent=clinic")
    older = unescape(re.search(r'href="([^"]+)" rel="next"', page)[1])  # type: ignore[index]
    second = busy.get(older)
    assert listed(second) == ["b"] and 'href="/calls?limit=1&amp;agent=clinic">Newest calls' in second
