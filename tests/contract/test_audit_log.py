"""The log of who read and changed what, on either database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.engine import Connection
from tests.builders import Desk

from postcall.domain.audit import Action, Actor, ActorKind, AuditEntry
from postcall.storage.audit import AuditFilter, Counted, add_audit, add_counted, forget_old_audit, list_audit

ZOE = Actor(ActorKind.PERSON, None, "zoe@example.org")
KEY = Actor(ActorKind.KEY, "k" * 24, "recorder")


def line(action: Action = Action.READ, actor: Actor = ZOE, **more: str | None) -> AuditEntry:
    return AuditEntry(actor, action, **{"subject_kind": "call", "request": "GET /calls/{call_id}", **more})  # type: ignore[arg-type]


def requests(desk: Desk, wanted: AuditFilter) -> list[str]:
    return [each.entry.request for each in desk.record.read(lambda c: list_audit(c, desk.pk, wanted)).events]


def fill(desk: Desk) -> None:
    lines = [
        line(request="a", subject="c1"),
        line(Action.CHANGED, KEY, request="b", subject="c1", agent="clinic"),
        line(Action.REFUSED, KEY, request="c", subject_kind="key"),
    ]

    def write(connection: Connection) -> None:
        for number, each in enumerate(lines):
            add_audit(connection, desk.pk, each, now=desk.clock() + timedelta(minutes=number))

    desk.record.write(write)


def test_the_log_is_found_by_who_did_what_to_what_and_when(desk: Desk) -> None:
    fill(desk)
    began = desk.clock()
    cases = {
        AuditFilter(): "cba",
        AuditFilter(actor=KEY.id): "cb",
        AuditFilter(actor_name="zoe@example.org"): "a",
        AuditFilter(action=Action.REFUSED): "c",
        AuditFilter(subject="c1"): "ba",
        AuditFilter(subject_kind="key"): "c",
        AuditFilter(agent="clinic"): "b",
        AuditFilter(since=began + timedelta(minutes=1)): "cb",
        AuditFilter(until=began + timedelta(minutes=1)): "a",
        AuditFilter(subject="c1", action=Action.CHANGED, actor=KEY.id): "b",
    }
    assert {wanted: "".join(requests(desk, wanted)) for wanted in cases} == cases


def test_pages_of_the_log_hold_every_line_once_while_more_are_written(desk: Desk) -> None:
    fill(desk)
    first = desk.record.read(lambda c: list_audit(c, desk.pk, AuditFilter(), limit=2))
    fill(desk)
    rest = desk.record.read(lambda c: list_audit(c, desk.pk, AuditFilter(), before=first.before, limit=2))
    assert [each.entry.request for each in (*first.events, *rest.events)] == ["c", "b", "a"]
    assert rest.before is None


def test_nobody_sees_another_accounts_log(desk: Desk) -> None:
    fill(desk)
    other = Desk(desk.record, desk.clock, account="other")
    assert requests(other, AuditFilter()) == []


def test_what_comes_by_the_thousand_adds_to_the_line_of_its_minute(desk: Desk) -> None:
    now = desk.clock()

    def count(times: int, adds_to: int | None) -> int:
        counted = Counted(desk.pk, now, line(), times, adds_to)
        return desk.record.write(lambda c: add_counted(c, [counted]))[0]

    pk = count(3, None)
    assert count(4, pk) == pk
    assert [each.times for each in desk.record.read(lambda c: list_audit(c, desk.pk, AuditFilter())).events] == [7]
    desk.record.write(lambda c: forget_old_audit(c, now=now + timedelta(days=2), kept=timedelta(days=1)))
    again = count(5, pk)
    assert [(each.pk, each.times) for each in desk.record.read(lambda c: list_audit(c, desk.pk, AuditFilter())).events
            ] == [(again, 5)]  # fmt: skip


@pytest.mark.parametrize(("days", "left"), [(366, ""), (1, "cba")])
def test_the_log_is_kept_as_long_as_the_operator_says(desk: Desk, days: int, left: str) -> None:
    fill(desk)
    now = desk.clock() + timedelta(days=days)
    desk.record.write(lambda c: forget_old_audit(c, now=now, kept=timedelta(days=365)))
    assert "".join(requests(desk, AuditFilter())) == left
