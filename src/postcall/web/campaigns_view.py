"""Campaigns as pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

import msgspec

from postcall.domain.calls import CallStatus
from postcall.domain.outbound import CallingHours, Campaign, CampaignStatus, MemberState
from postcall.domain.queries import All, Condition, Operator
from postcall.reporting.filter_format import write_filters
from postcall.storage.campaign_members import CampaignMetrics, MemberFile
from postcall.storage.campaigns import CampaignEvent, CountedCampaign
from postcall.web import words
from postcall.web.list_view import call_path
from postcall.web.state_view import show_call_status
from postcall.web.tones import Badge, Tone

CAMPAIGNS = "/campaigns"

_TONES = {
    CampaignStatus.COMPLETED: Tone.GOOD,
    CampaignStatus.FAILED: Tone.BAD,
    CampaignStatus.CANCELLED: Tone.QUIET,
    CampaignStatus.DRAFT: Tone.QUIET,
    CampaignStatus.PAUSED: Tone.QUIET,
}
_MEMBERS = {
    MemberState.WAITING: Badge("waiting", Tone.WAITING),
    MemberState.CALLING: Badge("being called", Tone.WAITING),
    MemberState.REACHED: Badge("reached", Tone.GOOD),
    MemberState.MISSED: Badge("not reached", Tone.BAD),
    MemberState.SKIPPED: Badge("not called", Tone.QUIET),
}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_BUSY = frozenset({CampaignStatus.PROCESSING, CampaignStatus.RUNNING})
_STARTABLE = frozenset({CampaignStatus.DRAFT, CampaignStatus.SCHEDULED, CampaignStatus.PAUSED})
_PAUSABLE = frozenset({CampaignStatus.SCHEDULED, CampaignStatus.PROCESSING, CampaignStatus.RUNNING})
_STOPPABLE = frozenset({CampaignStatus.SCHEDULED, CampaignStatus.PAUSED, *_BUSY})


@dataclass(frozen=True, slots=True)
class CampaignListRow:
    """One campaign in the list."""

    href: str
    name: str
    agent: str
    agent_href: str
    audience: str
    badge: Badge
    participants: str
    called: str
    connected: str
    made: str


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call to somebody."""

    href: str
    started: str
    duration: str
    badge: Badge
    why: str
    """Why it failed, where it did."""


@dataclass(frozen=True, slots=True)
class MemberRow:
    """Somebody with the calls to them."""

    phone: str
    about: str
    badge: Badge
    due: str
    """When they are called next, where that is settled."""
    calls: tuple[CallRow, ...]


@dataclass(frozen=True, slots=True)
class EventRow:
    """Something that happened."""

    at: str
    what: str
    who: str


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A campaign's page."""

    href: str
    calls: str
    """Its calls, in the list of calls; empty where there are none, as below."""
    answers: str
    """Those that were completed: what they found stands in columns."""
    name: str
    description: str
    badge: Badge
    agent: str
    agent_href: str
    audience: str
    stats: tuple[tuple[str, str, str], ...]
    """Name, number, and what it is a share of."""
    facts: tuple[tuple[str, str], ...]
    error: str
    busy: bool
    may_start: str
    """What the button says; empty where there is none."""
    may_pause: bool
    may_stop: bool


def show_list_row(found: CountedCampaign, metrics: CampaignMetrics) -> CampaignListRow:
    """One campaign with what it has come to."""
    campaign = found.campaign
    return CampaignListRow(
        href=campaign_path(campaign.id),
        name=words.visible(campaign.name),
        agent=words.visible(campaign.agent_name),
        agent_href=f"/agents/{campaign.agent_id}",
        audience=words.visible(campaign.audience_name),
        badge=show_status(campaign.status),
        participants=f"{metrics.participants:,}",
        called=f"{metrics.called:,}",
        connected=f"{metrics.connected:,}",
        made=words.moment(campaign.created_at),
    )


def show_campaign(found: CountedCampaign, metrics: CampaignMetrics) -> CampaignView:
    """A campaign as it stands."""
    campaign = found.campaign
    status = campaign.status
    return CampaignView(
        href=campaign_path(campaign.id),
        calls=_calls_path(campaign) if metrics.called else "",
        answers=_calls_path(campaign, status=CallStatus.COMPLETED.value) if metrics.connected else "",
        name=words.visible(campaign.name),
        description=words.visible(campaign.description),
        badge=show_status(status),
        agent=words.visible(campaign.agent_name),
        agent_href=f"/agents/{campaign.agent_id}",
        audience=words.visible(campaign.audience_name),
        stats=(
            ("Participants", f"{metrics.participants:,}", ""),
            ("Called", f"{metrics.called:,}", _share(metrics.called, metrics.participants, "of them")),
            ("Connected", f"{metrics.connected:,}", _share(metrics.connected, metrics.called, "of those called")),
            ("Further calls", f"{found.retries:,}", "to people who had not answered"),
        ),
        facts=_facts(found),
        error=words.visible(campaign.error or ""),
        busy=status in _BUSY,
        may_start=("Go on" if status is CampaignStatus.PAUSED else "Start") if status in _STARTABLE else "",
        may_pause=status in _PAUSABLE,
        may_stop=status in _STOPPABLE,
    )


def show_members(members: Iterable[MemberFile]) -> tuple[MemberRow, ...]:
    """People with their calls, the latest call first."""
    return tuple(_member(each) for each in members)


def show_events(events: Sequence[CampaignEvent]) -> tuple[EventRow, ...]:
    """What happened, the latest first."""
    return tuple(
        EventRow(words.moment(event.at), event.action, words.visible(event.source)) for event in reversed(events)
    )


def show_status(status: CampaignStatus) -> Badge:
    """How a campaign stands."""
    return Badge("stopped" if status is CampaignStatus.CANCELLED else status.value, _TONES.get(status, Tone.WAITING))


def campaign_path(campaign_id: str) -> str:
    """The address of a campaign's page."""
    return f"{CAMPAIGNS}/{campaign_id}"


def _calls_path(campaign: Campaign, **more: str) -> str:
    found = All((Condition("field.campaign_id", Operator.EQ, campaign.id),))
    filters = msgspec.json.encode(write_filters(found)).decode()
    return f"/calls?{urlencode({'agent': campaign.agent_slug, **more, 'filters': filters})}"


def _member(member: MemberFile) -> MemberRow:
    known = [words.visible(f"{name}: {value}") for name, value in member.data.items() if str(value) != member.phone]
    waits_again = member.state is MemberState.WAITING and member.attempts > 0
    return MemberRow(
        phone=member.phone,
        about=words.shorten(", ".join(known), 200),
        badge=_MEMBERS[member.state],
        due=f"again from {words.moment(member.due_at)}" if waits_again else "",
        calls=tuple(
            CallRow(
                href=call_path(call.id),
                started=words.moment(call.started_at),
                duration=words.duration(call.duration_s) if call.status is CallStatus.COMPLETED else "",
                badge=show_call_status(call.status),
                why=words.visible(call.failure or ""),
            )
            for call in reversed(member.calls)
        ),
    )


def _facts(found: CountedCampaign) -> tuple[tuple[str, str], ...]:
    campaign = found.campaign
    minutes = campaign.retry_delay_s // 60
    again = f"up to {words.count(campaign.max_retries, 'time')}, {words.count(minutes, 'minute')} apart"
    hours = campaign.calling_hours
    given: tuple[tuple[str, str | None], ...] = (
        ("Called again", again if campaign.max_retries else "not at all"),
        ("Calling hours", _hours(hours) if hours else "at any time"),
        ("Cancelled before dialling", f"{campaign.cancelled_calls:,}" if campaign.cancelled_calls else None),
        ("Planned for", _at(campaign.scheduled_at)),
        ("Started", _at(campaign.started_at)),
        ("Ended", _at(campaign.finished_at or campaign.failed_at)),
        ("Made by", words.visible(campaign.created_by) if campaign.created_by else None),
        ("Made", words.moment(campaign.created_at)),
    )
    return tuple((name, text) for name, text in given if text is not None)


def _hours(hours: CallingHours) -> str:
    days = "every day" if len(hours.days) == len(_DAYS) else ", ".join(_DAYS[day - 1] for day in hours.days)
    return f"{hours.start} to {hours.end}, {days}, by the clock of whoever is called"


def _at(moment: datetime | None) -> str | None:
    return None if moment is None else words.moment(moment)


def _share(part: int, whole: int, of: str) -> str:
    return f"{100 * part / whole:.0f} % {of}" if whole else ""
