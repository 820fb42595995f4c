"""What requests to the Data API hold, checked against their shape."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from fastapi import Request
from msgspec import Meta, Struct, field
from starlette.datastructures import QueryParams

from postcall.api.bodies import read_body
from postcall.api.polyai.data.errors import Malformed
from postcall.errors import BadInput, BodyTooLarge
from postcall.intake.explain import decode
from postcall.reporting.periods import read_moment
from postcall.reporting.reading import MAX_NAME

T = TypeVar("T")

MAX_BODY: Final = 1024 * 1024
MAX_FILTERS: Final = 50
MAX_LIST: Final = 100
LIMIT: Final = (1, 100)
OFFSET: Final = (0, 1000)
DEFAULT_LIMIT: Final = 20
UTC_ZONE: Final = ZoneInfo("UTC")

Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME, pattern=r"\A[^\x00]+\Z")]
"""What both databases can be asked for."""
Limit = Annotated[int, Meta(ge=LIMIT[0], le=LIMIT[1])]
Offset = Annotated[int, Meta(ge=OFFSET[0], le=OFFSET[1])]
Ids = Annotated[list[Name], Meta(max_length=MAX_LIST)]
ClientEnv = Literal["test", "sandbox", "pre-release", "live", "scenarios"]
WireChannel = Literal["VOICE-SIP", "CHAT", "WEBCHAT", "SMS", "RCS"]
Agg = Literal["sum", "avg", "min", "max", "p50", "p95", "p99", "conversation_count", "distinct_count"]
Group = Literal[
    "project_id", "channel", "deployment_id", "variant_id", "client_env", "experiment_id", "experiment_version_id",
    "value_string",
]  # fmt: skip


class FilterBody(Struct, forbid_unknown_fields=True):
    """One condition on the calls of an aggregate."""

    metric: Name
    op: Literal["eq", "gt", "gte", "lt", "lte", "in", "ex", "exists"]
    value: Any


class SearchFilterBody(Struct, forbid_unknown_fields=True):
    """One condition on the conversations of a search."""

    metric: Name
    op: Literal["eq", "gt", "gte", "lt", "lte", "in", "ex", "contains", "not_contains", "exists"]
    value: Any


class SearchSort(Struct, forbid_unknown_fields=True):
    """In which order conversations come."""

    field: Literal["started_at", "duration", "conversation_id"] = "started_at"
    order: Literal["asc", "desc"] = "desc"


class SearchBody(Struct, forbid_unknown_fields=True):
    """Which conversations are wanted, and what of them."""

    project_id: Name | None = None
    from_: str | None = field(default=None, name="from")
    to: str | None = None
    filters: Annotated[list[SearchFilterBody], Meta(max_length=MAX_FILTERS)] | None = None
    filter_operator: Literal["and", "or"] = "and"
    client_env: list[ClientEnv] | None = None
    channel: list[WireChannel] | None = None
    fields: Ids | None = None
    sort: SearchSort | None = None
    limit: Limit = DEFAULT_LIMIT
    offset: Offset = 0


class HavingBody(Struct, forbid_unknown_fields=True):
    """A condition on a column of the result."""

    field: Agg
    op: Literal["eq", "gt", "gte", "lt", "lte"]
    value: float


class AggregateSort(Struct, forbid_unknown_fields=True):
    """By which column rows come, within each bucket."""

    field: Group | Agg
    order: Literal["asc", "desc"] = "asc"


class AggregateBody(Struct, forbid_unknown_fields=True):
    """What is measured, over which conversations, and by what they are grouped."""

    metric: Name
    aggs: Annotated[list[Agg], Meta(min_length=1, max_length=9)]
    project_id: Name | None = None
    from_: str | None = field(default=None, name="from")
    to: str | None = None
    interval: Literal["hourly", "daily", "weekly", "monthly"] | None = None
    timezone: Name | None = None
    group_by: Annotated[list[Group], Meta(max_length=8)] | None = None
    filters: Annotated[list[FilterBody], Meta(max_length=MAX_FILTERS)] | None = None
    filter_operator: Literal["and", "or"] = "and"
    having: Annotated[list[HavingBody], Meta(max_length=9)] | None = None
    channel: list[WireChannel] | None = None
    client_env: list[ClientEnv] | None = None
    deployment_id: Ids | None = None
    variant_id: Ids | None = None
    experiment_id: Ids | None = None
    experiment_version_id: Ids | None = None
    sort: AggregateSort | None = None
    limit: Limit = DEFAULT_LIMIT
    offset: Offset = 0


_CLOSED = {
    "channel": ("VOICE-SIP", "CHAT", "WEBCHAT", "SMS", "RCS"),
    "interval": ("hourly", "daily", "weekly", "monthly"),
    "filter_operator": ("and", "or"),
    "order": ("asc", "desc"),
}


async def read_shape(request: Request, shape: type[T]) -> T:
    """The body as this shape, an empty one as `{}`; Malformed names what does not fit."""
    body = await read_body(request, limit=MAX_BODY)
    try:
        return decode(body if body.strip() else b"{}", msgspec.json.Decoder(shape), closed_sets=_CLOSED)
    except BodyTooLarge:
        raise
    except BadInput as error:
        raise Malformed(error.message, place="body", field=error.field) from None


@dataclass(frozen=True, slots=True)
class Window:
    """From when, and before when, conversations began."""

    since: datetime | None
    until: datetime | None


def read_window(start: str | None, end: str | None, *, zone: ZoneInfo = UTC_ZONE, place: str = "body") -> Window:
    """Both ends in UTC; times without an offset are in the zone. BadInput where nothing could lie between them."""
    since, until = (_moment(text, zone, name, place) for name, text in (("from", start), ("to", end)))
    if since is not None and until is not None and since >= until:
        raise BadInput("from: must be before to; conversations that began before `to` are meant", field="from")
    return Window(since, until)


def _moment(text: str | None, zone: ZoneInfo, name: str, place: str) -> datetime | None:
    if text is None:
        return None
    try:
        return read_moment(text, zone, field=name).astimezone(UTC)
    except BadInput as error:
        raise Malformed(error.message, place=place, field=name) from None


class QueryString:
    """The parameters of an address, each known and given once."""

    def __init__(self, given: QueryParams, known: Iterable[str]) -> None:
        self._given = given
        names = tuple(known)
        for name in given:
            if name not in names:
                shown = name[:100]
                raise self._wrong(shown, f"unknown parameter; there are {', '.join(names)}")
            if len(given.getlist(name)) > 1:
                raise self._wrong(name, "was given more than once")

    def text(self, name: str, *, least: int = 1, most: int = MAX_NAME) -> str | None:
        """A text of this length; None where it is not given."""
        text = self._given.get(name)
        if text is not None and not least <= len(text) <= most:
            raise self._wrong(name, f"must have {least} to {most} characters, not {len(text):,}")
        return text

    def needed(self, name: str, *, least: int, most: int) -> str:
        """A text that has to be there."""
        text = self.text(name, least=least, most=most)
        if text is None:
            raise self._wrong(name, "required parameter is missing")
        return text

    def whole(self, name: str, default: int, *, least: int, most: int) -> int:
        """A whole number within its bounds."""
        text = self._given.get(name)
        if text is None:
            return default
        if not text.isascii() or not text.removeprefix("-").isdigit() or len(text) > 10:
            raise self._wrong(name, f"must be a whole number from {least} to {most}")
        if not least <= int(text) <= most:
            raise self._wrong(name, f"must be a whole number from {least} to {most}, not {int(text)}")
        return int(text)

    def _wrong(self, name: str, what: str) -> Malformed:
        return Malformed(f"{name}: {what}", place="query", field=name)
