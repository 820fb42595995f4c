"""Whoever signs in or out stands in the log of who did what."""

from __future__ import annotations

from tests.web.sites import Site
from tests.web.visitors import OURS, add, sign_in, signed_in, visitor

from postcall.domain.audit import Actor, ActorKind
from postcall.storage.audit import AuditFilter, list_audit


def test_signing_in_and_out_is_in_the_log_with_who_it_was(site: Site) -> None:
    client = signed_in(site)
    assert client.post("/sign-out", headers=OURS).status_code == 303
    desk = site.desk
    events = desk.record.read(lambda c: list_audit(c, desk.pk, AuditFilter())).events
    told = [(each.entry.request, each.entry.actor) for each in reversed(events)]
    who = Actor(ActorKind.PERSON, None, "editor@clinic.example")
    assert told == [("POST /sign-in", who), ("POST /sign-out", who)]


def test_a_wrong_password_is_nobodys_deed(site: Site) -> None:
    user = add(site)
    assert sign_in(visitor(site), user.email, "wrong password").status_code == 401
    desk = site.desk
    assert not desk.record.read(lambda c: list_audit(c, desk.pk, AuditFilter())).events
