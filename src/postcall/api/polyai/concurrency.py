"""How many conversations a project held at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request, Response

from postcall.api.polyai.entering import enter
from postcall.api.polyai.errors import NotOffered, in_envelope
from postcall.api.polyai.turns import read_environment
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.calls import Environment
from postcall.domain.concurrency import busiest_by_minute
from postcall.domain.keys import Scope
from postcall.errors import BadInput
from postcall.storage.call_spans import CallSpan, spans_between

router = APIRouter(tags=["concurrency"])

BUCKET = timedelta(minutes=5)
LONGEST = timedelta(weeks=1)
USUAL = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which calls, and how they are to be counted."""

    since: datetime
    """The beginning of a bucket."""
    until: datetime
    environment: Environment
    variant: str | None
    by_variant: bool


@router.get("/v1/{account_id}/{project_id}/conversations/concurrency")
@in_envelope
async def get_concurrency(request: Request, account_id: str, project_id: str) -> Response:
    """For every five minutes the most conversations that were under way at one moment, also where that is none."""
    entered = await enter(request, Scope.CONVERSATIONS, project_id, account_id=account_id)
    services = services_of(request)
    now = services.clock()
    asked = read_asked(request.query_params, now)
    spans = await services.record.read_async(
        lambda c: spans_between(
            c,
            entered.principal.account_pk,
            asked.since,
            asked.until,
            agent_slugs=(entered.slug,),
            environment=asked.environment,
            now=now,
        )
    )
    wanted = [span for span in spans if asked.variant in (None, span.variant)]
    return json_reply(
        {
            "start": asked.since,
            "end": asked.until,
            "interval_seconds": int(BUCKET.total_seconds()),
            "buckets": buckets_of(wanted, asked),
        }
    )


def buckets_of(spans: Iterable[CallSpan], asked: Asked) -> list[dict[str, Any]]:
    """Every five minutes in their order; with `by_variant` also what each variant had of its own."""
    known = list(spans)
    whole = _busiest(known, asked)
    names = sorted({span.variant or "" for span in known}) if asked.by_variant else []
    parts = {name: _busiest([span for span in known if (span.variant or "") == name], asked) for name in names}
    found = []
    at = asked.since
    while at < asked.until:
        bucket: dict[str, Any] = {"start": at, "concurrency": whole.get(at, 0)}
        if asked.by_variant:
            bucket["variants"] = {name: part.get(at, 0) for name, part in parts.items()}
        found.append(bucket)
        at += BUCKET
    return found


def _busiest(spans: Iterable[CallSpan], asked: Asked) -> dict[datetime, int]:
    return busiest_by_minute(((span.began, span.ended) for span in spans), asked.since, asked.until, every=BUCKET)


def read_asked(query: Mapping[str, str], now: datetime) -> Asked:
    """What an address asks for; without times the last day. A time without a zone is one of UTC."""
    until = _time(query, "end") or now
    since = _time(query, "start") or max(until, _EPOCH + USUAL) - USUAL
    if since >= until:
        raise BadInput("start: must be before end", field="start")
    if until - since > LONGEST:
        raise BadInput("end: at most one week after start", field="end")
    slices = query.get("slice_by")
    if slices not in (None, "", "variant"):
        raise NotOffered(f"concurrency by {slices[:60]!r}", "slice_by takes variant")
    named = {query[name] for name in ("variant_id", "variant_name", "variant") if query.get(name)}
    if len(named) > 1:
        raise BadInput("variant_id: name one variant at most", field="variant_id")
    environment = query.get("client_env") or Environment.LIVE.value
    return Asked(
        since=_EPOCH + (since - _EPOCH) // BUCKET * BUCKET,
        until=until,
        environment=read_environment("client_env", environment),
        variant=next(iter(named), None),
        by_variant=slices == "variant",
    )


def _time(query: Mapping[str, str], name: str) -> datetime | None:
    text = query.get(name)
    if not text:
        return None
    # In an address, an unescaped + has become a space.
    cleaned = text.strip().replace(" ", "+") if "T" in text else text.strip()
    try:
        moment = datetime.fromisoformat(cleaned)
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        shown = text[:60]
        raise BadInput(f"{name}: {shown!r} is not an ISO 8601 time such as 2026-03-01T09:00:00Z", field=name) from None
    if not 1970 <= moment.year < 9000:
        raise BadInput(f"{name}: no calls were held in {moment.year}", field=name)
    return moment
