"""API keys as pages show them, and what their form says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from postcall.domain.agents import Agent
from postcall.domain.keys import ApiKey, Scope
from postcall.errors import BadInput
from postcall.web import words
from postcall.web.tones import Badge, Tone

KEYS = "/keys"
_ACTIVE = Badge("active", Tone.GOOD)
_EXPIRED = Badge("expired", Tone.QUIET)
_REVOKED = Badge("revoked", Tone.QUIET)


@dataclass(frozen=True, slots=True)
class ScopeWords:
    """What a scope is called on pages, and what it allows."""

    name: str
    allows: str


SCOPES: Mapping[Scope, ScopeWords] = {
    Scope.CONVERSATIONS: ScopeWords(
        "Conversations data",
        "The Conversations API with its transcripts, and the metrics of the Data API, as far as the settings of each "
        "agent show them.",
    ),
    Scope.HANDOFF: ScopeWords("Handoff", "The chosen state of a conversation that was handed off."),
    Scope.EXTERNAL_EVENTS: ScopeWords("External events", "Sending events into conversations that wait for them."),
    Scope.PII: ScopeWords(
        "Personal data",
        "Log lines that are marked as personal data; with Conversations data also the Data API's transcripts and "
        "summaries, and the audio.",
    ),
    Scope.READ: ScopeWords(
        "Read", "Agents, calls with transcripts and answers, and reports, through the other interfaces."
    ),
    Scope.WRITE: ScopeWords(
        "Write", "Handing in calls, adding to live ones, placing calls, asking again, labelling and remarking."
    ),
    Scope.ADMIN: ScopeWords(
        "Everything", "All of the above, and changing agents, settings, webhooks and keys. Only for all agents."
    ),
}
"""In the order of the form: the narrow ones first."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One key."""

    id: str
    href: str
    name: str
    shown: str
    badge: Badge
    active: bool
    agents: tuple[str, ...]
    """`all agents`, or the name of each."""
    scopes: tuple[str, ...]
    limit: str
    last_used: str
    last_used_iso: str
    """Empty where it was never used."""
    made: str
    by: str
    expires: str
    ended: str
    """Since when it is revoked; empty where it is not."""


@dataclass(frozen=True, slots=True)
class KeyForm:
    """What the form's fields begin with."""

    name: str = ""
    narrow: bool = False
    """It is for the chosen agents alone."""
    agents: frozenset[str] = frozenset()
    """Their ids."""
    scopes: frozenset[str] = frozenset({Scope.CONVERSATIONS.value})
    expires: str = ""
    """The last day, as `2026-03-02`."""
    per_minute: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """One tick of the form."""

    value: str
    label: str
    hint: str
    ticked: bool


def show_key(key: ApiKey, *, now: datetime) -> KeyRow:
    """One key, with no more of its secret than its ends."""
    badge = state_of(key, now=now)
    return KeyRow(
        id=key.id,
        href=f"{KEYS}/{key.id}",
        name=words.visible(key.name),
        shown=words.visible(key.shown),
        badge=badge,
        active=badge is _ACTIVE,
        agents=_agents(key),
        scopes=tuple(each.name for scope, each in SCOPES.items() if scope in key.scopes),
        limit=f"{key.per_minute:,} a minute" if key.per_minute is not None else "none",
        last_used=words.moment(key.last_used_at) if key.last_used_at else "never",
        last_used_iso=key.last_used_at.isoformat() if key.last_used_at else "",
        made=words.moment(key.created_at),
        by=words.visible(key.created_by or ""),
        expires=words.moment(key.expires_at) if key.expires_at else "never",
        ended=words.moment(key.revoked_at) if key.revoked_at else "",
    )


def state_of(key: ApiKey, *, now: datetime) -> Badge:
    """Whether it opens anything."""
    if key.revoked_at is not None:
        return _REVOKED
    return _EXPIRED if key.expires_at is not None and key.expires_at <= now else _ACTIVE


def form_of(key: ApiKey) -> KeyForm:
    """The form of one that there is; its agents and its end are fixed."""
    return KeyForm(
        name=key.name,
        scopes=frozenset(scope.value for scope in key.scopes),
        per_minute=str(key.per_minute) if key.per_minute is not None else "",
    )


def read_key_form(pairs: Sequence[tuple[str, str]]) -> KeyForm:
    """What was filled in, right or wrong."""
    fields = dict(pairs)
    return KeyForm(
        name=" ".join(fields.get("name", "").split()),
        narrow=fields.get("reach") == "chosen",
        agents=frozenset(value for name, value in pairs if name == "agent"),
        scopes=frozenset(value for name, value in pairs if name == "scope"),
        expires=fields.get("expires", "").strip(),
        per_minute=fields.get("per_minute", "").strip(),
    )


def scope_ticks(form: KeyForm) -> tuple[Tick, ...]:
    """A tick for every scope."""
    return tuple(
        Tick(scope.value, each.name, each.allows, scope.value in form.scopes) for scope, each in SCOPES.items()
    )


def agent_ticks(form: KeyForm, agents: Sequence[Agent]) -> tuple[Tick, ...]:
    """A tick for every agent."""
    return tuple(
        Tick(
            agent.id, words.visible(agent.name), agent.slug if agent.slug != agent.name else "", agent.id in form.agents
        )
        for agent in agents
    )


def scopes_in(form: KeyForm) -> frozenset[Scope]:
    """The scopes; BadInput where there is none, or one that is not."""
    if not form.scopes:
        raise BadInput("scopes: tick what the key may do; without any it opens nothing", field="scopes")
    try:
        return frozenset(Scope(each) for each in form.scopes)
    except ValueError:
        raise BadInput("scopes: there are only those of the form", field="scopes") from None


def agents_in(form: KeyForm) -> tuple[str, ...] | None:
    """The ids of the chosen agents; None for all.

    BadInput where some are ticked and it says all: whoever ticks an agent wants no key that opens every other too.
    """
    if not form.narrow:
        if form.agents:
            raise BadInput(
                "agents: some are ticked, and yet it says all; choose only those ticked, or untick them", field="agents"
            )
        return None
    if not form.agents:
        raise BadInput("agents: choose those that the key is for, or all", field="agents")
    return tuple(sorted(form.agents))


def end_in(form: KeyForm, *, now: datetime) -> datetime | None:
    """The end of the last day in UTC; None for a key without one."""
    if not form.expires:
        return None
    try:
        day = datetime.fromisoformat(form.expires).date()
        end = datetime.combine(day + timedelta(days=1), time(), UTC)
    except (ValueError, OverflowError):
        raise BadInput(f"expires_at: {form.expires[:40]!r} is no day", field="expires_at") from None
    if end <= now:
        raise BadInput("expires_at: that day is over", field="expires_at")
    return end


def limit_in(form: KeyForm) -> int | None:
    """How many requests a minute; None for no limit."""
    text = form.per_minute
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadInput(f"per_minute: must be a whole number, not {text[:20]!r}", field="per_minute")
    return int(text)


def _agents(key: ApiKey) -> tuple[str, ...]:
    if key.agents is None:
        return ("all agents",)
    return tuple(map(words.visible, key.agents)) or ("none that is still there",)
