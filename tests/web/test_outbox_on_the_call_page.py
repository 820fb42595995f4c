"""What a call asked to send, on its page."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from tests.builders import Desk, a_call
from tests.web.sites import Site
from tests.web.test_call_page import SAME_ORIGIN, part, shown
from tests.web.visitors import OURS, signed_in

from postcall.domain.conversations import OutboxKind, OutboxState, Outgoing
from postcall.domain.people import Role
from postcall.settings import SmtpSettings
from postcall.storage import outbox
from postcall.storage.calls import find_call_row

EMAIL = Outgoing(OutboxKind.EMAIL, "mara@clinic.example", {"subject": "<Visit>", "body": "See you on Tuesday."})
HANDOFF = Outgoing(OutboxKind.HANDOFF, "billing", {"reason": "a refund"})


def fill(desk: Desk, *outgoings: Outgoing, sendable: bool = True) -> list[str]:
    desk.hand_in(a_call())

    def add(connection: Any) -> list[str]:
        call = find_call_row(connection, desk.pk, "call-1")
        return outbox.add_outgoing(connection, call.pk, 1, outgoings, sendable=lambda _: sendable, now=desk.clock())

    return desk.record.write(add)


def make_uncertain(desk: Desk, item_id: str) -> None:
    now = desk.clock()
    desk.record.write(lambda c: outbox.begin_sending(c, item_id, now=now))
    desk.record.write(
        lambda c: outbox.settle_sending(c, item_id, 1, OutboxState.UNCERTAIN, error="it did not say", now=now)
    )


def test_messages_and_handoffs_are_shown_with_their_state_in_words(site: Site) -> None:
    [item_id] = fill(site.desk, EMAIL)
    text = part(site.get("/calls/call-1"), "outbox")
    assert "E-mail turn 1 mara@clinic.example <Visit> See you on Tuesday." in text
    assert "waiting to be sent" in text
    make_uncertain(site.desk, item_id)
    page = site.get("/calls/call-1")
    text = part(page, "outbox")
    assert "uncertain it did not say" in text
    assert "set POSTCALL_SMTP_URL and POSTCALL_SMTP_FROM." in text
    assert "/outbox/" not in page, "nothing here could send it"
    site.app.state.services = _with_mail(site)
    text = part(site.get("/calls/call-1"), "outbox")
    assert "POSTCALL_SMTP_URL" not in text
    assert "It may have arrived; sent again, it may arrive twice." in text


def test_a_call_that_asked_for_nothing_shows_no_outbox(site: Site) -> None:
    site.desk.hand_in(a_call())
    page = site.get("/calls/call-1")
    assert 'id="outbox"' not in page and "Outbox" not in shown(page)


def test_a_handoff_is_recorded_and_has_no_button(site: Site) -> None:
    fill(site.desk, HANDOFF, sendable=False)
    page = site.get("/calls/call-1")
    assert "Handoff turn 1 billing a refund – recorded" in part(page, "outbox")
    assert "/outbox/" not in page


def test_somebody_sends_a_message_again_and_comes_back_to_the_call(site: Site) -> None:
    [item_id] = fill(site.desk, EMAIL)
    make_uncertain(site.desk, item_id)
    path = f"/calls/call-1/outbox/{item_id}"
    refused = site.client().post(path, headers=SAME_ORIGIN)
    assert refused.status_code == 409, "nothing is configured that could send it"
    site.app.state.services = _with_mail(site)
    assert f'action="{path}"' in site.get("/calls/call-1")
    reply = site.client().post(path, headers=SAME_ORIGIN)
    assert (reply.status_code, reply.headers["location"]) == (303, "/calls/call-1#outbox")
    assert "waiting to be sent" in part(site.get("/calls/call-1"), "outbox")


def _with_mail(site: Site) -> Any:
    services = site.app.state.services
    smtp = SmtpSettings("127.0.0.1", 1, tls=False, sender="desk@clinic.example")
    return replace(services, settings=replace(services.settings, smtp=smtp))


def test_readers_see_the_outbox_and_may_not_send(site: Site) -> None:
    [item_id] = fill(site.desk, EMAIL)
    make_uncertain(site.desk, item_id)
    reader = signed_in(site, Role.READER)
    page = reader.get("/calls/call-1").text
    assert "uncertain" in part(page, "outbox") and "Send again" not in page
    assert reader.post(f"/calls/call-1/outbox/{item_id}", headers=OURS).status_code == 403


def test_its_data_hold_the_same(site: Site) -> None:
    [item_id] = fill(site.desk, EMAIL)
    found = site.client().get("/calls/call-1.json").json()["outbox"]
    assert [(each["id"], each["state"], each["turn"]) for each in found] == [(item_id, "queued", 1)]


def test_built_in_metrics_stand_behind_those_that_code_wrote(site: Site) -> None:
    site.desk.hand_in(a_call(metrics={"BOOKED": True}, duration_s=62.5))
    page = site.get("/calls/call-1")
    names = re.findall(r'<th scope="row" class="identifier"><a [^>]*>([A-Z_]+)</a>', page)
    assert names == ["BOOKED", "CALL_DURATION", "CALL_COMPLETED", "CONTAINED"]
    text = part(page, "metrics")
    assert "CALL_DURATION 62.5 built-in float Seconds from the start of the call to its end." in text
