"""What clients say of a campaign that they make, and of those that they want to see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from postcall.api.atoms.errors import AtomsError
from postcall.api.atoms.paging import Paging, read_paging
from postcall.api.atoms.parameters import descends, read_choice
from postcall.domain.folding import storable
from postcall.domain.ids import AGENT_ID
from postcall.domain.outbound import CallingHours, CampaignStatus
from postcall.outbound.hours import check_hours

_LONGEST = 200
"""Characters of a name."""
_LONGEST_TEXT = 10_000
_MOST_RETRIES = 10
_MOST_MINUTES = 1_440
_MOST_NUMBERS = 1_000
_PAGE, _MOST = 5, 1_000
_BY_UPDATE = {"createdAt": False, "updatedAt": True}


class HoursBody(msgspec.Struct):
    """When people may be called, by the clock where they are; no field of the vendor's."""

    start: str
    end: str
    days: list[int] | None = None


class CampaignBody(msgspec.Struct):
    """A campaign to be made."""

    name: str | None = None
    agentId: str | None = None  # noqa: N815 - the wire's name
    audienceId: str | None = None  # noqa: N815 - the wire's name
    description: str = ""
    phoneNumberIds: list[str] = []  # noqa: N815 - the wire's name
    maxRetries: int = 3  # noqa: N815 - the wire's name
    retryDelay: int = 15  # noqa: N815 - the wire's name
    scheduledAt: str | None = None  # noqa: N815 - the wire's name
    callingHours: HoursBody | None = None  # noqa: N815 - the wire's name


@dataclass(frozen=True, slots=True)
class WantedCampaign:
    """A campaign to be made, checked as far as it can be without looking anything up."""

    name: str
    agent_id: str
    audience_id: str
    description: str
    number_ids: tuple[str, ...]
    max_retries: int
    retry_delay_s: int
    calling_hours: CallingHours | None
    scheduled_at: datetime | None
    """A time to come."""


@dataclass(frozen=True, slots=True)
class WantedList:
    """Which campaigns somebody wants to see."""

    paging: Paging
    statuses: tuple[CampaignStatus, ...]
    search: str
    by_update: bool
    oldest_first: bool


def check_campaign(body: CampaignBody, *, now: datetime) -> WantedCampaign:
    """The campaign that a body describes; 400 with one text for each fault."""
    faults = [
        f"{name}: Required" for name in ("name", "agentId", "audienceId") if not (getattr(body, name) or "").strip()
    ]
    if body.name and len(body.name) > _LONGEST:
        faults.append(f"name: must have at most {_LONGEST} characters")
    if len(body.description) > _LONGEST_TEXT:
        faults.append(f"description: must have at most {_LONGEST_TEXT} characters")
    if not 0 <= body.maxRetries <= _MOST_RETRIES:
        faults.append(f"maxRetries: must be between 0 and {_MOST_RETRIES}")
    if not 1 <= body.retryDelay <= _MOST_MINUTES:
        faults.append(f"retryDelay: must be between 1 and {_MOST_MINUTES} minutes")
    if body.agentId and not AGENT_ID.fullmatch(body.agentId):
        faults.append("Invalid agent id")
    if body.audienceId and not AGENT_ID.fullmatch(body.audienceId):
        faults.append("Invalid audience id")
    if len(body.phoneNumberIds) > _MOST_NUMBERS or not all(map(AGENT_ID.fullmatch, body.phoneNumberIds)):
        faults.append("Invalid product id")
    if faults:
        raise AtomsError(400, *faults)
    scheduled_at = _read_moment(body.scheduledAt) if body.scheduledAt else None
    return WantedCampaign(
        name=storable(body.name or "").strip(),
        agent_id=body.agentId or "",
        audience_id=body.audienceId or "",
        description=storable(body.description),
        number_ids=tuple(dict.fromkeys(body.phoneNumberIds)),
        max_retries=body.maxRetries,
        retry_delay_s=body.retryDelay * 60,
        calling_hours=_read_hours(body.callingHours),
        scheduled_at=scheduled_at if scheduled_at is not None and scheduled_at > now else None,
    )


def read_list(query: Mapping[str, str]) -> WantedList:
    """The campaigns that an address asks for; a page's size may be called `limit` as well."""
    named = "limit" if "limit" in query and "offset" not in query else "offset"
    return WantedList(
        paging=read_paging(query, size=_PAGE, most=_MOST, named=named),
        statuses=_read_statuses(query.get("status", "")),
        search=query.get("search", "").strip(),
        by_update=read_choice(query, "sortField", _BY_UPDATE, otherwise=False),
        oldest_first=not descends(query),
    )


def _read_statuses(text: str) -> tuple[CampaignStatus, ...]:
    """Commas part several; the vendor's pages say `active` for `running`."""
    found = []
    for word in filter(None, (word.strip().lower() for word in text.split(","))):
        word = "running" if word == "active" else word
        if word not in set(CampaignStatus):
            raise AtomsError(400, f"status: must be one of {', '.join(CampaignStatus)}, not {word[:50]!r}")
        found.append(CampaignStatus(word))
    return tuple(found)


def _read_hours(body: HoursBody | None) -> CallingHours | None:
    if body is None:
        return None
    hours = CallingHours(body.start, body.end)
    return check_hours(
        hours if body.days is None else CallingHours(body.start, body.end, tuple(sorted(set(body.days))))
    )


def _read_moment(text: str) -> datetime:
    """ISO 8601; without an offset it is in UTC."""
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise AtomsError(400, "scheduledAt: Invalid datetime") from None
