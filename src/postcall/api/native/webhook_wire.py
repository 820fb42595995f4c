"""Deliveries in postcall's own format: what happened to a call, with all that is known of it but its transcript."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec
from sqlalchemy.engine import Connection

from postcall.api.native.shapes import call_json, extraction_json, metric_json
from postcall.domain.answers import Extraction, ExtractionStatus
from postcall.domain.calls import StoredMetric
from postcall.domain.webhooks import CallMoment, Delivery, Webhook
from postcall.notify.webhooks.destinations import Envelope, WireFormat
from postcall.notify.webhooks.signing import timed_hex, unix_seconds
from postcall.storage.extractions import list_extractions
from postcall.storage.metric_events import read_metrics
from postcall.storage.told_calls import ToldCall, call_of_delivery, read_told_call


@dataclass(frozen=True, slots=True)
class News:
    """What one event has to say of a call."""

    told: ToldCall
    metrics: tuple[StoredMetric, ...]
    extraction: Extraction | None
    """The current one; None while there is none."""
    failed: Extraction | None = None
    """The newest that failed, where the event is about that."""


Censor: TypeAlias = Callable[[Connection, News], News]
"""Leaves out what a format's receivers may not be told."""


def native_wire() -> WireFormat:
    """The format."""
    return WireFormat(render=render_event, sign=sign)


def render_event(
    connection: Connection, delivery: Delivery, _webhook: Webhook, *, censor: Censor | None = None
) -> bytes:
    """The body of a delivery, byte for byte as it is signed and sent: the same shape for every event and a test."""
    body: dict[str, Any] = {
        "id": delivery.id,
        "event": delivery.event,
        "created_at": delivery.created_at,
        "replay_of": delivery.replay_of,
    }
    if delivery.call_id is None:
        return msgspec.json.encode({**body, "call": None, "metrics": {}, "extraction": None, "failure": None})
    news = _read(connection, delivery)
    if censor is not None:
        news = censor(connection, news)
    return msgspec.json.encode({**body, **_news_json(news)})


def sign(envelope: Envelope) -> Mapping[str, str]:
    """Who sent this, what about and when; after a rotation also under the secret before."""
    return {"X-Postcall-Event": envelope.event, **timed_headers("X-Postcall", envelope)}


def timed_headers(prefix: str, envelope: Envelope) -> dict[str, str]:
    """The second of sending and what is signed with it, under names that begin with this."""
    signed = {
        f"{prefix}-Timestamp": str(unix_seconds(envelope.at)),
        f"{prefix}-Signature": timed_hex(envelope.secret, envelope.body, at=envelope.at),
    }
    if envelope.old_secret is not None:
        signed[f"{prefix}-Signature-Previous"] = timed_hex(envelope.old_secret, envelope.body, at=envelope.at)
    return signed


def _read(connection: Connection, delivery: Delivery) -> News:
    told = read_told_call(connection, call_of_delivery(connection, delivery.id))
    failed = _newest_failure(connection, told.pk) if delivery.event == CallMoment.EXTRACTION_FAILED else None
    return News(told, read_metrics(connection, [told.pk])[told.pk], told.extraction, failed)


def _newest_failure(connection: Connection, call_pk: int) -> Extraction | None:
    runs = list_extractions(connection, call_pk)
    return next((each for each in runs if each.status is ExtractionStatus.FAILED), None)


def _news_json(news: News) -> dict[str, Any]:
    told, failed = news.told, news.failed
    return {
        "call": {**call_json(told.call), "agent_name": told.agent_name, "turns": len(told.turns)},
        "metrics": {metric.name: metric_json(metric) for metric in news.metrics},
        "extraction": None if news.extraction is None else extraction_json(news.extraction),
        "failure": None
        if failed is None
        else {"extraction": failed.id, "code": failed.failure_code, "reason": failed.failure},
    }
