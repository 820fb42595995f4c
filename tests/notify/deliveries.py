"""Webhooks and a deliverer in a line or two."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy.engine import Connection
from tests.builders import Desk, a_call

from postcall.api.native import webhook_wire as native
from postcall.api.polyai import webhook_wire as polyai
from postcall.configure.sealing import sealer_for
from postcall.configure.webhooks import make_webhook
from postcall.domain.calls import CallStatus
from postcall.domain.webhooks import CallMoment, Delivery, DeliveryState, Webhook, WebhookFormat
from postcall.notify.webhooks.deciding import Ladder
from postcall.notify.webhooks.deliverer import Deliverer
from postcall.notify.webhooks.destinations import Envelope, WireFormat
from postcall.notify.webhooks.signing import hmac_hex
from postcall.settings import Settings, WebhookSettings
from postcall.storage.announcing import announce
from postcall.storage.calls import find_call_row
from postcall.storage.database import Record
from postcall.storage.delivery_log import DeliveryFile, DeliveryFilter, find_delivery, list_deliveries

QUICK = Ladder(waits_s=(0.02,), attempts=100)


def real_time() -> datetime:
    """The clock of a deliverer that runs."""
    return datetime.now(UTC)


def render(connection: Connection, delivery: Delivery, webhook: Webhook) -> bytes:
    """A body that says what it is about; the connection is there to be read from."""
    assert connection.in_transaction()
    about = {
        "id": delivery.id,
        "event": delivery.event,
        "call": delivery.call_id,
        "to": webhook.id,
        "words": "Grüße 🙂",
    }
    return json.dumps(about, ensure_ascii=False).encode()


def signed(envelope: Envelope) -> dict[str, str]:
    """As the published receivers expect it."""
    return {"X-Signature": hmac_hex(envelope.secret, envelope.body)}


FORMATS = {
    WebhookFormat.ATOMS: WireFormat(render, signed),
    WebhookFormat.POLYAI: WireFormat(render, polyai.sign, replace(polyai.LADDER, waits_s=(0.02,), attempts=1000)),
    WebhookFormat.NATIVE: WireFormat(render, native.sign),
}
"""With a body of their own, and the signatures that are really sent."""


def settings_for(folder: Path, *, to: tuple[str, ...] = ("private",)) -> Settings:
    """Settings that let webhooks reach this machine."""
    return Settings(
        data=folder, database_url="", admin_key=None, model=None, webhooks=replace(WebhookSettings(), to=to)
    )


def hook(desk: Desk, settings: Settings, url: str, *moments: CallMoment, **more: Any) -> Webhook:
    """A receiver that wants these moments (all, where none is named) of every agent's calls."""
    wanted = [(None, moment) for moment in moments or CallMoment]
    return desk.record.write(
        lambda c: make_webhook(
            c,
            sealer_for(settings),
            desk.pk,
            url=url,
            wanted=wanted,
            now=desk.clock(),
            **{"description": "a test", "format": WebhookFormat.ATOMS, **more},
        )
    )


def quiet_call(desk: Desk, call_id: str) -> int:
    """A call that tells nobody of itself; its key."""
    desk.hand_in(replace(a_call(call_id, status=CallStatus.COMPLETED), turns=()))
    return desk.record.read(lambda c: int(find_call_row(c, desk.pk, call_id).pk))


def tell(desk: Desk, call_pk: int, *moments: CallMoment) -> None:
    """What happened to a call, in this order, each in a transaction of its own."""
    for moment in moments:
        desk.record.write(lambda c, moment=moment: announce(c, call_pk, moment, now=desk.clock()))  # type: ignore[misc]


def log_of(desk: Desk, **wanted: Any) -> list[Delivery]:
    """The log, the oldest first."""
    page = desk.record.read(lambda c: list_deliveries(c, desk.pk, DeliveryFilter(**wanted), limit=10_000))
    return list(reversed(page.deliveries))


def file_of(desk: Desk, delivery_id: str) -> DeliveryFile:
    """One delivery with its attempts."""
    return desk.record.read(lambda c: find_delivery(c, desk.pk, delivery_id))


def wait_until(condition: Callable[[], bool], *, seconds: float = 10.0) -> None:
    """Look again and again."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.01)


def settled(desk: Desk) -> bool:
    """Whether nothing is on its way any more."""
    return all(each.state in (DeliveryState.DELIVERED, DeliveryState.DEAD) for each in log_of(desk))


@contextmanager
def delivering(record: Record, settings: Settings, **more: Any) -> Iterator[Deliverer]:
    """A deliverer at work on a thread of its own."""
    options: dict[str, Any] = {"ladder": QUICK, "timeout_s": 2.0, "grace_s": 0.2, **more}
    formats = options.pop("formats", FORMATS)
    made = Deliverer(record, formats, settings, clock=real_time, random=Random(1), **options)
    thread = threading.Thread(target=lambda: asyncio.run(made.run()), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.stop()
        thread.join(10)
        assert not thread.is_alive()
