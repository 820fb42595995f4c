"""A record that goes back to before keys were for chosen agents, and forward again: nothing opens more than before."""

from __future__ import annotations

from pathlib import Path

from tests.builders import AGENT, NOON, Desk, a_call, a_question, an_answer
from tests.contract.going_back import go_back
from tests.notify.deliveries import settings_for

from postcall.configure.sealing import sealer_for
from postcall.configure.webhooks import make_webhook
from postcall.domain.calls import CallStatus
from postcall.domain.keys import Scope
from postcall.domain.webhooks import AlertMoment, CallMoment, WebhookFormat
from postcall.storage.database import Record, open_record
from postcall.storage.keys import create_key, who_holds
from postcall.storage.webhooks import list_webhooks


def key(desk: Desk, *agents: str) -> str:
    return desk.record.write(
        lambda c: create_key(
            c,
            "default",
            name="k",
            scopes=frozenset({Scope.READ}),
            expires_at=None,
            now=NOON,
            agents=agents or None,
        )
    ).secret


def opens(record: Record, secret: str) -> bool:
    return record.read(lambda c: who_holds(c, secret, now=NOON)) is not None


def test_calls_stay_and_a_key_for_one_agent_opens_no_other(database_url: str, tmp_path: Path) -> None:
    record = open_record(database_url)
    desk = Desk(record)
    desk.ask(a_question())
    desk.hand_in(a_call("call-1", metrics={"STEP": [1, 2]}))
    desk.hand_in(a_call("live", status=CallStatus.IN_PROGRESS))
    desk.extract(an_answer())
    whole, narrow = key(desk), key(desk, AGENT)
    record.write(
        lambda c: make_webhook(
            c,
            sealer_for(settings_for(tmp_path)),
            desk.pk,
            url="https://hooks.example/one",
            description="both",
            format=WebhookFormat.POLYAI,
            wanted=[(None, AlertMoment.TRIGGERED), (None, CallMoment.ENDED)],
            now=NOON,
        )
    )
    before = desk.read("call-1")
    record.close()
    go_back(database_url, "0006", without={"api_settings", "exports", "call_vectors"})
    record = open_record(database_url)
    desk = Desk(record)
    assert desk.read("call-1") == before
    assert (opens(record, whole), opens(record, narrow)) == (True, False)
    [webhook] = record.read(lambda c: list_webhooks(c, desk.pk, format=WebhookFormat.POLYAI))
    assert [each.moment for each in webhook.subscriptions] == [CallMoment.ENDED]
    assert webhook.old_secret_until is None
    record.close()
