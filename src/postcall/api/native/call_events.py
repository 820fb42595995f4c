"""Following a call while it goes on: its turns, metric writes and events, as server-sent events or as one answer."""

from __future__ import annotations

import heapq
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from postcall.api.auth import authenticate
from postcall.api.native.following import Watch, listen, watch_of
from postcall.api.native.shapes import turn_json
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.conversations import CallEvent
from postcall.domain.keys import Principal, Scope
from postcall.errors import BadInput, CallNotFound
from postcall.storage.call_events import News, Seen, WrittenMetric, read_news
from postcall.storage.calls import find_call_row

router = APIRouter(prefix="/postcall/v1", tags=["calls"])

KEEP_ALIVE_S = 15.0
"""After so long without news a comment is sent, or proxies close what is silent, and the key is looked at again."""
_STREAM = "text/event-stream"
_HEADERS = {"cache-control": "no-cache", "x-accel-buffering": "no"}
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_MOST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing to tell, and how far somebody is who has been told it."""

    at: datetime
    name: str
    content: dict[str, Any]
    part: str
    """Which part of `Seen` it takes forward: turns, metrics or events."""
    position: int


@router.get("/calls/{call_id}/events")
async def get_events(request: Request, call_id: str) -> Response:
    """What happens in a call: with `Accept: text/event-stream` as it happens, until the call is over.

    Events are `turn`, `metric`, the kinds of the call's own events, and at last `end`, once the call has ended and its
    `end_function` has run. Each carries an id by which `Last-Event-ID` (or `?after=`) goes on behind it. Without the
    header: all there is by now, as one answer.
    """
    principal = await authenticate(request, Scope.READ, narrow=True)
    after = request.headers.get("last-event-id") or request.query_params.get("after")
    seen = read_seen(after) if after else None
    call_pk = await _find(request, principal, call_id)
    if not _streams(request):
        account_pk, with_pii = principal.account_pk, principal.may_see_pii
        news = await services_of(request).record.read_async(
            lambda c: read_news(c, account_pk, call_id, seen, with_pii=with_pii)
        )
        return json_reply(news_json(news))
    told = follow(request, watch_of(request), principal, call_id, call_pk, seen)
    return StreamingResponse(told, media_type=_STREAM, headers=_HEADERS)


@router.head("/calls/{call_id}/events", include_in_schema=False)
async def head_events(request: Request, call_id: str) -> Response:
    """Whether there is such a call, and in which form it would be told."""
    principal = await authenticate(request, Scope.READ, narrow=True)
    await _find(request, principal, call_id)
    if _streams(request):
        return Response(media_type=_STREAM, headers=_HEADERS)
    return Response(media_type="application/json")


def _streams(request: Request) -> bool:
    return _STREAM in request.headers.get("accept", "")


async def _find(request: Request, principal: Principal, call_id: str) -> int:
    record = services_of(request).record
    row = await record.read_briefly(lambda c: find_call_row(c, principal.account_pk, call_id))
    if not principal.may_see(row.agent_pk):
        raise CallNotFound(call_id)
    found: int = row.pk
    return found


async def follow(
    request: Request,
    watch: Watch,
    principal: Principal,
    call_id: str,
    call_pk: int,
    seen: Seen | None,
    *,
    keep_alive_s: float = KEEP_ALIVE_S,
) -> AsyncGenerator[bytes, None]:
    """The stream. Ends with the call, and without a word where the call is gone or the key opens it no longer."""
    told = listen(request, watch, principal, call_id, call_pk, seen, keep_alive_s=keep_alive_s)
    async with aclosing(told):
        async for news in told:
            if news is None:
                yield b": still there\n\n"
                continue
            for piece, reached in pieces(news):
                yield _event(piece.name, piece.content, reached)
            if not news.live:
                yield _event("end", {"id": call_id}, news.seen)


def read_seen(text: str) -> Seen:
    """The inverse of an event's id."""
    parts = text.split(".")
    if len(parts) == 4 and all(part.isascii() and part.isdigit() and len(part) < 11 for part in parts):
        revision, turns, metrics, events = (int(part) for part in parts)
        if max(revision, turns, metrics, events) <= _MOST:
            return Seen(revision, turns, metrics, events)
    raise BadInput("after: must be the id of an event of this call, such as 1.4.2.17", field="after")


def news_json(news: News) -> dict[str, Any]:
    """All of it as one answer; `next` goes on behind it."""
    return {
        "turns": [turn_json(position, turn) for position, turn in enumerate(news.turns, news.first_turn)],
        "metrics": [_metric_json(metric) for metric in news.metrics],
        "events": [event_json(event, position) for position, event in enumerate(news.events, news.first_event)],
        "live": news.live,
        "next": str(news.seen),
    }


def event_json(event: CallEvent, position: int) -> dict[str, Any]:
    """One event of a hosted call."""
    return {
        "position": position,
        "kind": event.kind,
        "at": event.at,
        "turn": event.turn,
        "content": event.content,
        "is_pii": event.is_pii,
        "failed": event.failed,
    }


def pieces(news: News) -> Iterator[tuple[Piece, Seen]]:
    """In the order in which it happened, as far as times say; each with how far it brings a follower.

    Turns stay in their order, and so do metrics and events, whatever their times: or somebody who goes on behind one of
    them would miss what was told after it.
    """
    turns = [
        Piece(turn.at or _LONG_AGO, "turn", turn_json(position, turn), "turns", position)
        for position, turn in enumerate(news.turns, news.first_turn)
    ]
    metrics = [Piece(metric.at, "metric", _metric_json(metric), "metrics", metric.position) for metric in news.metrics]
    events = [
        Piece(event.at, event.kind.value, event_json(event, position), "events", position)
        for position, event in enumerate(news.events, news.first_event)
    ]
    reached = replace(news.before, turns=news.first_turn)
    for piece in heapq.merge(_rising(events), _rising(turns), _rising(metrics), key=lambda each: each.at):
        reached = replace(reached, **{piece.part: piece.position + 1})
        yield piece, reached


def _rising(one_after_the_other: Iterable[Piece]) -> Iterator[Piece]:
    at = _LONG_AGO
    for piece in one_after_the_other:
        at = max(at, piece.at)
        yield replace(piece, at=at)


def _event(name: str, content: dict[str, Any], seen: Seen) -> bytes:
    return f"id: {seen}\nevent: {name}\ndata: ".encode() + msgspec.json.encode(content) + b"\n\n"


def _metric_json(metric: WrittenMetric) -> dict[str, Any]:
    return {
        "name": metric.name,
        "value": metric.value,
        "source": metric.source,
        "at": metric.at,
        "position": metric.position,
    }
