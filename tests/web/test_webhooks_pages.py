"""The pages of webhooks and deliveries: what they show, to whom, and what their forms do."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from tests.builders import NOON, Desk, a_call
from tests.web.sites import Site
from tests.web.visitors import OURS, add, sign_in, signed_in, visitor

from postcall.domain.people import Role
from postcall.domain.webhooks import DeliveryState, Webhook, WebhookFormat
from postcall.storage.agents import find_agent
from postcall.storage.delivery_log import DeliveryFilter, list_deliveries
from postcall.storage.webhook_schema import deliveries
from postcall.storage.webhooks import list_webhooks

SAME_ORIGIN = {"sec-fetch-site": "same-origin"}
URL = "https://crm.example/calls"


def the_one(desk: Desk) -> Webhook:
    [found] = desk.record.read(lambda c: list_webhooks(c, desk.pk))
    return found


def fill_in(site: Site, path: str = "/webhooks/new", **fields: object) -> TestClient:
    form = {"url": URL, "description": "The <CRM>", "enabled": "yes", "want": ["every:call.ended"], **fields}
    client = site.client()
    reply = client.post(path, data=form, headers=SAME_ORIGIN)
    assert reply.status_code == 303, reply.text
    return client


def make_dead(desk: Desk, error: str = "503: come back later") -> list[str]:
    """Whatever is queued was given up."""
    desk.record.write(
        lambda c: (
            c.execute(
                sa.update(deliveries).values(
                    state=DeliveryState.DEAD.value,
                    attempts=12,
                    status=503,
                    error=error,
                    latency_ms=2400,
                    body='{"a":1}',
                )
            ).rowcount
        )
    )
    return [each.id for each in desk.record.read(lambda c: list_deliveries(c, desk.pk, DeliveryFilter())).deliveries]


def test_without_any_the_page_says_what_they_are_for(site: Site) -> None:
    page = site.get("/webhooks")
    assert "No webhooks yet" in page and 'href="/webhooks/new"' in page
    assert "None here" in site.get("/deliveries")


def test_one_is_made_changed_and_deleted_by_forms(site: Site) -> None:
    site.desk.hand_in(a_call())
    fill_in(site, headers="Authorization: Bearer hidden-token\n\nX-Team: two")
    made = the_one(site.desk)
    assert made.headers == {"Authorization": "Bearer hidden-token", "X-Team": "two"}
    listed = site.get("/webhooks")
    assert "The &lt;CRM&gt;" in listed and "Every agent: a call has ended" in listed
    page = site.get(f"/webhooks/{made.id}")
    assert "Authorization, X-Team" in page and "hidden-token" not in page
    clinic = site.desk.record.read(lambda c: find_agent(c, site.desk.pk, "clinic"))
    edit = site.get(f"/webhooks/{made.id}/edit")
    assert re.search(r'value="every:call.ended" checked', edit) and "hidden-token" in edit
    ticks = [f"{clinic.id}:call.started", f"{clinic.id}:call.extracted"]
    fill_in(site, f"/webhooks/{made.id}/edit", want=ticks, headers="", enabled="")
    changed = the_one(site.desk)
    assert [(each.agent_id, each.moment.value) for each in changed.subscriptions] == [
        (clinic.id, "call.extracted"),
        (clinic.id, "call.started"),
    ]
    assert (changed.enabled, changed.headers) == (False, {})
    client = site.client()
    assert "Delete this webhook?" in client.get(f"/webhooks/{made.id}/delete").text
    assert client.post(f"/webhooks/{made.id}/delete", headers=SAME_ORIGIN).status_code == 303
    assert "No webhooks yet" in site.get("/webhooks")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"url": "ftp://crm.example"}, "must be an http:// or https:// address"),
        ({"headers": "no colon"}, "write each once, as Name: value"),
        ({"headers": "Host: elsewhere"}, "is reserved"),
        ({"want": ["every:call.melted"]}, "is none of the events"),
        ({"want": [], "enabled": "yes"}, "tick what it is told of"),
        ({"want": ["0" * 24 + ":call.ended"]}, "there is no agent"),
    ],
    ids=["address", "header line", "reserved header", "event", "nothing", "agent"],
)
def test_a_form_with_a_fault_comes_back_and_makes_nothing(site: Site, fields: dict[str, object], said: str) -> None:
    form = {"url": URL, "description": "kept words", "want": ["every:call.ended"], **fields}
    reply = site.client().post("/webhooks/new", data=form, headers=SAME_ORIGIN)
    assert reply.status_code in {400, 404} and said in reply.text
    assert site.desk.record.read(lambda c: list_webhooks(c, site.desk.pk)) == ()


def test_the_secret_is_shown_when_it_is_asked_for_and_to_no_reader(site: Site) -> None:
    client = fill_in(site)
    made = the_one(site.desk)
    assert 'id="secret"' not in site.get(f"/webhooks/{made.id}")
    shown = client.post(f"/webhooks/{made.id}/secret", headers=SAME_ORIGIN)
    assert re.search(r'<code id="secret">[0-9a-f]{64}</code>', shown.text)
    assert shown.headers["cache-control"] == "no-store"
    reader = signed_in(site, Role.READER)
    page = reader.get(f"/webhooks/{made.id}").text
    assert "Show the secret" not in page and "Send a test" not in page and URL in page
    assert "New webhook" not in reader.get("/webhooks").text
    for path in ("secret", "test", "replay", "edit", "delete"):
        assert reader.post(f"/webhooks/{made.id}/{path}", headers=OURS).status_code == 403
    for path in ("/webhooks/new", f"/webhooks/{made.id}/edit", f"/webhooks/{made.id}/delete"):
        assert reader.get(path).status_code == 403
    editor = signed_in(site, Role.EDITOR)
    assert "Show the secret" in editor.get(f"/webhooks/{made.id}").text


def test_the_log_shows_what_was_not_delivered_and_why(site: Site) -> None:
    fill_in(site)
    made = the_one(site.desk)
    site.desk.hand_in(a_call())
    assert "waiting" in site.get(f"/webhooks/{made.id}")
    [delivery_id] = make_dead(site.desk)
    page = site.get(f"/webhooks/{made.id}?state=dead")
    assert "503: come back later" in page and "2.4 s" in page and "12 attempts" in page
    assert "None here" in site.get(f"/webhooks/{made.id}?state=delivered")
    assert "1 not delivered" in site.get("/webhooks")
    assert URL in site.get("/deliveries?state=dead")
    one = site.get(f"/deliveries/{delivery_id}")
    assert "&#34;a&#34;: 1" in one and 'href="/calls/call-1"' in one and "Send again" in one
    assert site.client().get(f"/deliveries/{delivery_id}.json").json()["body"] == '{"a":1}'
    call = site.get("/calls/call-1")
    assert "What others were told" in call and f'href="/deliveries/{delivery_id}"' in call
    assert site.client().get("/calls/call-1.json").json()["deliveries"][0]["id"] == delivery_id


def test_one_is_sent_again_and_so_is_a_range(site: Site) -> None:
    client = fill_in(site)
    made = the_one(site.desk)
    site.desk.hand_in(a_call())
    site.desk.hand_in(a_call("call-2"))
    ids = make_dead(site.desk)
    site.desk.clock.advance(60)
    again = client.post(f"/deliveries/{ids[0]}/replay", headers=SAME_ORIGIN)
    assert again.status_code == 303 and again.headers["location"] != f"/deliveries/{ids[0]}"
    assert "an earlier delivery" in site.get(again.headers["location"])
    on_its_way = again.headers["location"].removeprefix("/deliveries/")
    assert client.post(f"/deliveries/{on_its_way}/replay", headers=SAME_ORIGIN).status_code == 409
    form = {"since": "2026-03-02T11:30", "until": f"{NOON:%Y-%m-%dT%H:%M}", "state": "dead"}
    nothing = client.post(f"/webhooks/{made.id}/replay", data=form, headers=SAME_ORIGIN)
    assert nothing.headers["location"].endswith("?replayed=0"), "they were queued at noon, which is not before noon"
    done = client.post(f"/webhooks/{made.id}/replay", data={**form, "until": ""}, headers=SAME_ORIGIN)
    assert done.headers["location"].endswith("?replayed=2")
    assert "2 queued again" in site.get(done.headers["location"])
    wrong = client.post(f"/webhooks/{made.id}/replay", data={**form, "since": "soon"}, headers=SAME_ORIGIN)
    assert wrong.status_code == 400


def test_a_test_is_queued_and_shown(site: Site) -> None:
    client = fill_in(site)
    reply = client.post(f"/webhooks/{the_one(site.desk).id}/test", headers=SAME_ORIGIN)
    assert reply.status_code == 303
    page = site.get(reply.headers["location"])
    assert "none: a test" in page and "It is written before the first attempt." in page


def test_another_accounts_webhooks_and_deliveries_are_not_there(site: Site) -> None:
    fill_in(site)
    made = the_one(site.desk)
    site.desk.hand_in(a_call())
    [delivery_id] = make_dead(site.desk)
    other = replace(site, desk=Desk(site.desk.record, site.desk.clock, account="other"))
    client = visitor(other)
    sign_in(client, add(other, Role.ADMIN).email)
    assert "No webhooks yet" in client.get("/webhooks").text and "None here" in client.get("/deliveries").text
    for path in (f"/webhooks/{made.id}", f"/webhooks/{made.id}/edit", f"/deliveries/{delivery_id}"):
        assert client.get(path).status_code == 404
    for path in (
        f"/webhooks/{made.id}/secret",
        f"/webhooks/{made.id}/test",
        f"/webhooks/{made.id}/delete",
        f"/webhooks/{made.id}/replay",
        f"/deliveries/{delivery_id}/replay",
    ):
        assert client.post(path, headers=OURS).status_code == 404, path


def test_the_address_brings_no_words_of_its_own_onto_the_page(site: Site) -> None:
    fill_in(site)
    home = f"/webhooks/{the_one(site.desk).id}"
    assert "1,200 queued again" in site.get(f"{home}?replayed=1200")
    assert "queued again" not in site.get(f"{home}?replayed=Your+password+was")


def test_sending_again_without_a_beginning_is_refused(site: Site) -> None:
    client = fill_in(site)
    reply = client.post(f"/webhooks/{the_one(site.desk).id}/replay", data={"state": "all"}, headers=SAME_ORIGIN)
    assert reply.status_code == 400 and "say from when" in reply.text


def test_a_description_that_is_too_long_comes_back_beside_its_field(site: Site) -> None:
    form = {"url": URL, "description": "x" * 501, "enabled": "yes", "want": ["every:call.ended"]}
    reply = site.client().post("/webhooks/new", data=form, headers=SAME_ORIGIN)
    assert reply.status_code == 400 and 'id="description-wrong"' in reply.text
    assert site.desk.record.read(lambda c: list_webhooks(c, site.desk.pk)) == ()


def test_one_of_another_format_is_made_and_keeps_what_its_form_does_not_offer(site: Site) -> None:
    fill_in(site, format="polyai", timeout_ms="2500", want=["every:extraction.failed"])
    made = the_one(site.desk)
    assert (made.format, made.timeout_ms) == (WebhookFormat.POLYAI, 2500)
    page = site.get(f"/webhooks/{made.id}")
    assert "PolyAI&#39;s webhook endpoints" in page
    edit = site.get(f"/webhooks/{made.id}/edit")
    assert 'value="2500"' in edit and 'value="every:alerts.triggered"' in edit
    ticks = ["every:alerts.triggered", "every:call.ended"]
    fill_in(site, f"/webhooks/{made.id}/edit", format="polyai", want=ticks)
    changed = the_one(site.desk)
    assert [each.moment.value for each in changed.subscriptions] == ["alerts.triggered", "call.ended"]
    assert changed.timeout_ms == 2500, "an empty field leaves it as it is"
    for fields, said in (
        ({"want": ["every:extraction.failed"]}, "which this format has"),
        ({"timeout_ms": "soon"}, "is no number of milliseconds"),
        ({"timeout_ms": "999"}, "between 1,000 and 30,000"),
        ({"format": "morse"}, "is none of"),
    ):
        form = {"url": URL + "/2", "want": ["every:call.ended"], **fields}
        reply = site.client().post("/webhooks/new", data=form, headers=SAME_ORIGIN)
        assert reply.status_code == 400 and said in reply.text


def test_a_new_secret_is_made_once_and_the_page_says_how_long_the_old_one_counts(site: Site) -> None:
    client = fill_in(site, format="native")
    home = f"/webhooks/{the_one(site.desk).id}"

    def secret() -> str:
        shown = re.search(r'<code id="secret">(\w+)</code>', client.post(f"{home}/secret", headers=SAME_ORIGIN).text)
        assert shown is not None
        return shown[1]

    before = secret()
    reply = client.post(f"{home}/rotate", data={"grace": "24"}, headers=SAME_ORIGIN)
    assert (reply.status_code, reply.headers["location"]) == (303, home)
    after = secret()
    assert after != before and secret() == after
    page = site.get(home)
    assert "X-Postcall-Signature-Previous" in page and "Until 3 Mar 2026, 12:00 UTC" in page
    assert client.post(f"{home}/rotate", data={"grace": "0"}, headers=SAME_ORIGIN).status_code == 303
    assert "-Previous" not in site.get(home)
    assert client.post(f"{home}/rotate", data={"grace": "3"}, headers=SAME_ORIGIN).status_code == 400
    assert signed_in(site, Role.READER).post(f"{home}/rotate", headers=OURS).status_code == 403
