"""The audit log as a page shows it, and which part of it the address asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from postcall.domain.audit import Action, Actor, ActorKind, AuditEntry, AuditEvent
from postcall.errors import BadInput
from postcall.storage.audit import AuditFilter
from postcall.web import words
from postcall.web.form_fields import read_moment_field
from postcall.web.tones import Badge, Tone

AUDIT = "/audit"
_ID = re.compile(r"[0-9a-f]{24}")
_LARGEST = 2**63 - 1
_LONGEST = 200
FIELDS = ("actor", "action", "kind", "subject", "agent", "since", "until")
ACTIONS = {
    Action.READ: Badge("read", Tone.QUIET),
    Action.CHANGED: Badge("changed", Tone.GOOD),
    Action.REFUSED: Badge("refused", Tone.BAD),
}
_KINDS = {
    ActorKind.KEY: "key",
    ActorKind.PERSON: "person",
    ActorKind.MACHINE: "at the machine",
    ActorKind.COMMAND: "command",
}
_UNNAMED = {
    ActorKind.KEY: "the operator's key",
    ActorKind.PERSON: "somebody",
    ActorKind.MACHINE: "somebody",
    ActorKind.COMMAND: "postcall",
}
KINDS = (
    "agent", "agents", "audit", "call", "calls", "conversations", "dashboard", "export", "exports", "key", "keys",
    "metric", "metrics", "query", "secret", "sign-in", "user", "webhook", "webhooks",
)  # fmt: skip
"""What people mostly look for, as the log spells it; others can be written."""
_PAGES = {"call": "/calls/", "key": "/keys/", "agent": "/agents/", "webhook": "/webhooks/", "export": "/exports/"}
"""Where a thing of this kind has a page of its own."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One line."""

    when: str
    when_iso: str
    who: str
    who_kind: str
    who_href: str
    """The lines of the same one; empty where there is no telling who it was."""
    badge: Badge
    kind: str
    subject: str
    subject_href: str
    """Empty where it has no page."""
    agent: str
    request: str
    status: str
    times: str
    """`120 times`; empty for once."""


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """The part of the log that an address asks for."""

    fields: dict[str, str]
    """As they were filled in."""
    wanted: AuditFilter
    before: int | None

    @property
    def filtered(self) -> bool:
        """Whether anything is left out."""
        return any(self.fields.values())

    def path(self, *, before: int | None = None) -> str:
        """The address of a part of it."""
        given = {**self.fields, "before": str(before or "")}
        query = urlencode({name: value for name, value in given.items() if value})
        return f"{AUDIT}?{query}" if query else AUDIT


def fields_of(query: Mapping[str, str]) -> dict[str, str]:
    """What the form was filled in with."""
    return {name: query.get(name, "").strip()[:_LONGEST] for name in FIELDS}


def read_audit_query(query: Mapping[str, str]) -> AuditQuery:
    """What an address asks for; BadInput names the field that cannot be understood."""
    fields = fields_of(query)
    actor, before = fields["actor"], query.get("before", "")
    by_id = _ID.fullmatch(actor) is not None
    wanted = AuditFilter(
        actor=actor if by_id else None,
        actor_name=actor if actor and not by_id else None,
        action=_action(fields["action"]),
        subject_kind=fields["kind"] or None,
        subject=fields["subject"] or None,
        agent=fields["agent"] or None,
        since=read_moment_field(fields["since"], "since"),
        until=read_moment_field(fields["until"], "until"),
    )
    if before and not (before.isascii() and before.isdigit() and len(before) < 20 and int(before) <= _LARGEST):
        raise BadInput("before: take it from the link to the older lines", field="before")
    return AuditQuery(fields, wanted, int(before) if before else None)


def show_events(events: Iterable[AuditEvent]) -> tuple[AuditRow, ...]:
    """The lines."""
    return tuple(_row(each) for each in events)


def _row(event: AuditEvent) -> AuditRow:
    entry = event.entry
    return AuditRow(
        when=f"{words.moment(event.at)}:{event.at:%S}",
        when_iso=event.at.isoformat(),
        who=words.visible(entry.actor.name or _UNNAMED[entry.actor.kind]),
        who_kind=_KINDS[entry.actor.kind],
        who_href=_lines_of(entry.actor),
        badge=ACTIONS[entry.action],
        kind=words.spelled(entry.subject_kind),
        subject=words.shorten(words.visible(entry.subject or ""), _LONGEST),
        subject_href=_page_of(entry),
        agent=words.visible(entry.agent or ""),
        request=words.shorten(words.visible(entry.request), _LONGEST),
        status=str(entry.status) if entry.status is not None else "",
        times=f"{event.times:,} times" if event.times > 1 else "",
    )


def _lines_of(actor: Actor) -> str:
    known = actor.id or actor.name
    return f"{AUDIT}?{urlencode({'actor': known})}" if known else ""


def _page_of(entry: AuditEntry) -> str:
    """What was only asked for need not be there, and what was refused need not be shown."""
    home = _PAGES.get(entry.subject_kind)
    if home is None or not entry.subject or entry.action is Action.REFUSED:
        return ""
    return home + quote(entry.subject, safe="")


def _action(text: str) -> Action | None:
    if not text:
        return None
    try:
        return Action(text)
    except ValueError:
        raise BadInput(f"action: there is {', '.join(Action)}, not {text[:40]!r}", field="action") from None
