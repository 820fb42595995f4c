"""Following a call while it goes on: its turns, metric writes and events, as server-sent events or as one answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from postcall.api.auth import authenticate
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.calls import Turn
from postcall.domain.conversations import CallEvent
from postcall.domain.keys import Principal, Scope
from postcall.errors import BadInput
from postcall.services import Services
from postcall.storage.call_events import News, Seen, WrittenMetric, read_news

router = APIRouter(prefix="/postcall/v1", tags=["calls"])

POLL_S = 0.25
"""How often the record is asked for news: so it does not matter which process the call runs in."""
_KEEP_ALIVE_S = 15.0


@router.get("/calls/{call_id}/events")
async def get_events(request: Request, call_id: str) -> Response:
    """What happens in a call: with `Accept: text/event-stream` as it happens, until the call has ended.

    Events are `turn`, `metric`, the kinds of the call's own events, and at last `end`. Each carries an id by which
    `Last-Event-ID` (or `?after=`) goes on behind it. Without the header: all there is, as one answer.
    """
    principal = await authenticate(request, Scope.READ)
    services = services_of(request)
    after = request.headers.get("last-event-id") or request.query_params.get("after")
    seen = read_seen(after) if after else None
    first = await _look(services, principal, call_id, seen)
    if "text/event-stream" not in request.headers.get("accept", ""):
        return json_reply(news_json(first))
    return StreamingResponse(
        _follow(services, principal, call_id, first),
        media_type="text/event-stream",
        headers={"cache-control": "no-cache", "x-accel-buffering": "no"},
    )


async def _follow(services: Services, principal: Principal, call_id: str, news: News) -> AsyncIterator[bytes]:
    quiet = 0.0
    while True:
        for name, content in _pieces(news):
            yield _event(name, content, news.seen)
            quiet = 0.0
        if not news.live:
            yield _event("end", {"id": call_id}, news.seen)
            return
        await asyncio.sleep(POLL_S)
        quiet += POLL_S
        if quiet >= _KEEP_ALIVE_S:  # or proxies close what is silent
            yield b": still there\n\n"
            quiet = 0.0
        news = await _look(services, principal, call_id, news.seen)


async def _look(services: Services, principal: Principal, call_id: str, seen: Seen | None) -> News:
    with_pii = principal.may_see_pii
    return await services.record.read_async(
        lambda c: read_news(c, principal.account_pk, call_id, seen, with_pii=with_pii)
    )


def read_seen(text: str) -> Seen:
    """The inverse of an event's id."""
    try:
        revision, turns, metrics, events = (int(part) for part in text.split("."))
    except ValueError:
        raise BadInput("after: must be the id of an event of this call, such as 1.4.2.17", field="after") from None
    if min(revision, turns, metrics, events) < 0 or max(revision, turns, metrics, events) > 2**31:
        raise BadInput("after: must be the id of an event of this call, such as 1.4.2.17", field="after")
    return Seen(revision, turns, metrics, events)


def news_json(news: News) -> dict[str, Any]:
    """All of it as one answer; `next` goes on behind it."""
    return {
        "turns": [_turn_json(turn) for turn in news.turns],
        "metrics": [_metric_json(metric) for metric in news.metrics],
        "events": [event_json(event) for event in news.events],
        "live": news.live,
        "next": str(news.seen),
    }


def event_json(event: CallEvent) -> dict[str, Any]:
    """One event of a hosted call."""
    return {
        "kind": event.kind,
        "at": event.at,
        "turn": event.turn,
        "content": event.content,
        "is_pii": event.is_pii,
        "failed": event.failed,
    }


def _pieces(news: News) -> Iterator[tuple[str, dict[str, Any]]]:
    """In the order in which they happened, as far as their times say."""
    pieces: list[tuple[Any, str, dict[str, Any]]] = [
        *((turn.at, "turn", _turn_json(turn)) for turn in news.turns),
        *((metric.at, "metric", _metric_json(metric)) for metric in news.metrics),
        *((event.at, event.kind.value, event_json(event)) for event in news.events),
    ]
    timed = [piece for piece in pieces if piece[0] is not None]
    yield from ((name, content) for at, name, content in pieces if at is None)
    yield from ((name, content) for _, name, content in sorted(timed, key=lambda piece: piece[0]))


def _event(name: str, content: dict[str, Any], seen: Seen) -> bytes:
    return f"id: {seen}\nevent: {name}\ndata: ".encode() + msgspec.json.encode(content) + b"\n\n"


def _turn_json(turn: Turn) -> dict[str, Any]:
    return {"role": turn.role, "text": turn.text, "at": turn.at, "start_s": turn.start_s, "latency_s": turn.latency_s}


def _metric_json(metric: WrittenMetric) -> dict[str, Any]:
    return {"name": metric.name, "value": metric.value, "source": metric.source, "at": metric.at}
